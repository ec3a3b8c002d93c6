-- What is performed where and when, and the rules of its sale. Its seats are stock: stock_level knows who has them.
CREATE TABLE event (
    id           uuid PRIMARY KEY,
    version      bigint NOT NULL,
    ready        boolean NOT NULL,
    request_hash bigint NOT NULL,
    venue_id     uuid NOT NULL,
    map_version  bigint NOT NULL,
    created_at   timestamptz NOT NULL,
    starts_at    timestamptz NOT NULL,
    data         json NOT NULL
);
COMMENT ON COLUMN event.ready IS 'whether all its seats are in stock';
COMMENT ON COLUMN event.request_hash IS 'of the request that created it: a retry is told from another one';
COMMENT ON COLUMN event.map_version IS 'of the map of the venue that it is sold by';
COMMENT ON COLUMN event.data IS 'name, prices, rules: read and written whole';
CREATE INDEX event_by_start ON event (starts_at, id);
CREATE INDEX event_unready ON event (created_at) WHERE NOT ready;

-- How nodes tell each other that seats of an event have moved: a count of each node, which the others compare with what they saw.
CREATE TABLE event_pulse (
    event_id uuid NOT NULL,
    node     uuid NOT NULL,
    beat     bigint NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (event_id, node)
);

-- Who waits for seats of an event to come back.
CREATE TABLE event_waiter (
    id            uuid PRIMARY KEY,
    event_id      uuid NOT NULL,
    place         bigint GENERATED ALWAYS AS IDENTITY,
    request_hash  bigint NOT NULL,
    wanted        json NOT NULL,
    buyer         text,
    state         text NOT NULL CHECK (state IN ('WAITING', 'OFFERED', 'TAKEN', 'DECLINED', 'EXPIRED', 'LEFT')),
    hold_id       uuid,
    offered_until timestamptz,
    created_at    timestamptz NOT NULL
);
COMMENT ON COLUMN event_waiter.place IS 'the order of arrival, over all events';
CREATE INDEX event_waiter_in_line ON event_waiter (event_id, place) WHERE state IN ('WAITING', 'OFFERED');

-- Events with a waiting list: seats that come back are kept for it. Whoever looks after one has locked its row.
CREATE TABLE event_waiting_list (
    event_id uuid PRIMARY KEY
);
