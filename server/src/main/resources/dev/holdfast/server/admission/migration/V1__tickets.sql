-- What codes are signed with. One of them is current; the others still verify what they have signed.
CREATE TABLE ticket_key (
    id          smallint PRIMARY KEY CHECK (id BETWEEN 0 AND 255),
    created_at  timestamptz NOT NULL,
    retired_at  timestamptz,
    private_key bytea NOT NULL,
    public_key  bytea NOT NULL
);
COMMENT ON COLUMN ticket_key.retired_at IS 'null of the current one; without a current one the next ticket makes one';
COMMENT ON COLUMN ticket_key.private_key IS 'PKCS #8';
COMMENT ON COLUMN ticket_key.public_key IS 'X.509';
CREATE UNIQUE INDEX ticket_key_current ON ticket_key ((true)) WHERE retired_at IS NULL;

-- The right of one person to one place.
CREATE TABLE ticket (
    id          uuid PRIMARY KEY,
    version     bigint NOT NULL,
    state       text NOT NULL CHECK (state IN ('VALID', 'ADMITTED', 'VOID')),
    generation  integer NOT NULL CHECK (generation BETWEEN 1 AND 16777215), -- 24 bits of its code
    key_id      smallint NOT NULL,
    order_id    uuid NOT NULL,
    unit        integer NOT NULL CHECK (unit >= 1),
    event_id    uuid NOT NULL,
    label       text NOT NULL,
    category    text NOT NULL,
    section     text,
    seat_row    text,
    number      text,
    holder      text NOT NULL,
    price_minor bigint NOT NULL,
    currency    text NOT NULL,
    issued_at   timestamptz NOT NULL,
    admitted_at timestamptz,
    gate        text,
    leaving_at  timestamptz,
    CHECK ((state = 'ADMITTED') <= (admitted_at IS NOT NULL)),
    CHECK ((admitted_at IS NULL) = (gate IS NULL))
) WITH (fillfactor = 80); -- most are updated once: their holder comes in
COMMENT ON COLUMN ticket.version IS 'the number of its last change';
COMMENT ON COLUMN ticket.generation IS 'of its code: those before it are worthless';
COMMENT ON COLUMN ticket.unit IS '1, 2, … of those that an order has in one area; 1 of a seat';
COMMENT ON COLUMN ticket.number IS 'of a seat, as section and row; null of a place in an area';
COMMENT ON COLUMN ticket.leaving_at IS 'since when it is being cancelled; whoever finds it so finishes that';
-- The last line of defence: no seat is two people's, and no unit of an order is two tickets.
CREATE UNIQUE INDEX ticket_of_seat ON ticket (event_id, label) WHERE state <> 'VOID' AND number IS NOT NULL;
CREATE UNIQUE INDEX ticket_of_unit ON ticket (order_id, event_id, label, unit) WHERE state <> 'VOID';
CREATE INDEX ticket_leaving ON ticket (leaving_at) WHERE leaving_at IS NOT NULL;

-- Requests that have changed a ticket, so that a retry is told from another one.
CREATE TABLE ticket_request (
    ticket_id    uuid NOT NULL,
    key_id       uuid NOT NULL,
    request_hash bigint NOT NULL,
    PRIMARY KEY (ticket_id, key_id)
);

-- How far tickets have followed an order.
CREATE TABLE ticket_order (
    order_id      uuid PRIMARY KEY,
    due_at        timestamptz,
    order_version bigint,
    refused       text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 80);
COMMENT ON COLUMN ticket_order.due_at IS 'when somebody is to look at it; null: nothing is known to be left to do';
COMMENT ON COLUMN ticket_order.order_version IS 'the version of the order that its tickets are right for; null: none yet';
COMMENT ON COLUMN ticket_order.refused IS 'places that it has paid for and gets no ticket of';
CREATE INDEX ticket_order_due ON ticket_order (due_at) WHERE due_at IS NOT NULL;

-- Where the reading of order_event stands: one row.
CREATE TABLE ticket_tail (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid  xid8 NOT NULL,
    seq  bigint NOT NULL
);
INSERT INTO ticket_tail (xid, seq) VALUES ('0', 0);

-- Append-only: who was let in when and where. No code changes or deletes a row.
CREATE TABLE admission (
    event_id    uuid NOT NULL,
    ticket_id   uuid NOT NULL,
    at          timestamptz NOT NULL,
    gate        text NOT NULL,
    generation  integer NOT NULL,
    is_good     boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    key_id      uuid,
    PRIMARY KEY (event_id, ticket_id, at, gate) -- of what is sent twice there is one
);
COMMENT ON COLUMN admission.at IS 'by the gate''s clock, if it was offline';
COMMENT ON COLUMN admission.generation IS 'of the code';
COMMENT ON COLUMN admission.is_good IS 'whether the code was good when this became known';
COMMENT ON COLUMN admission.key_id IS 'of the request; null: it had none';
CREATE INDEX admission_by_key ON admission (key_id) WHERE key_id IS NOT NULL;
