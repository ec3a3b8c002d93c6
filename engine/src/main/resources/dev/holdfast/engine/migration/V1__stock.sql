-- One schema is one shard: tables are named without a schema, nothing is joined across shards, and there are no triggers,
-- functions or advisory locks, so that the same SQL runs on a database that distributes schemas.

CREATE TABLE stock_level (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku             text COLLATE "C" NOT NULL,
    location        text COLLATE "C" NOT NULL,
    on_hand         bigint NOT NULL DEFAULT 0,
    held            bigint NOT NULL DEFAULT 0,
    allocated       bigint NOT NULL DEFAULT 0,
    safety_stock    bigint NOT NULL DEFAULT 0,
    backorder_limit bigint NOT NULL DEFAULT 0,
    shortfall       bigint NOT NULL DEFAULT 0,
    version         bigint NOT NULL DEFAULT 0,
    UNIQUE (sku, location),
    -- The last line of defence: what must never be, whoever writes.
    CONSTRAINT units_not_negative CHECK (on_hand >= 0 AND held >= 0 AND allocated >= 0 AND safety_stock >= 0
                                         AND backorder_limit >= 0 AND shortfall >= 0 AND version >= 0),
    CONSTRAINT units_bounded CHECK (on_hand <= 1000000000000000),
    CONSTRAINT promises_covered CHECK (held + allocated <= on_hand + backorder_limit + shortfall),
    CONSTRAINT shortfall_only_what_is_uncovered CHECK (shortfall <= greatest(0, held + allocated - on_hand - backorder_limit))
) WITH (fillfactor = 50); -- room for a new version of a row on its own page: a hot row is updated hundreds of times a second

CREATE TABLE hold (
    id           uuid PRIMARY KEY,
    state        smallint NOT NULL CHECK (state BETWEEN 0 AND 3),
    placed_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    request_hash bigint NOT NULL,
    lines        bigint[] NOT NULL,
    shipped      bigint[],
    channel      text,
    reference    text
) WITH (fillfactor = 85); -- most holds are updated once, soon: confirmed, released or expired
COMMENT ON COLUMN hold.state IS '0 ACTIVE, 1 CONFIRMED, 2 RELEASED, 3 EXPIRED';
COMMENT ON COLUMN hold.lines IS 'stock_level.id, units, stock_level.id, units, ...; readable as view hold_line';
COMMENT ON COLUMN hold.shipped IS 'units shipped so far, by line; null before the first shipment';

CREATE VIEW hold_line AS
SELECT h.id AS hold_id, h.state, h.expires_at, h.lines[2 * n - 1] AS stock_id, h.lines[2 * n] AS units,
       coalesce(h.shipped[n], 0) AS shipped
FROM hold h CROSS JOIN LATERAL generate_series(1, cardinality(h.lines) / 2) n;

-- Append-only: what commands did to stocks. A row is a movement and those that followed it on the same stock in the same
-- transaction, with the versions after its own: on a hot stock a batch of 256 is seven rows and not 256, which took 0.13 us
-- a movement instead of 1.8. A movement on its own costs what it would in a table of movements, because nulls are free.
CREATE TABLE ledger (
    stock_id       bigint NOT NULL,
    version        bigint NOT NULL,
    kind           smallint NOT NULL,
    at             timestamptz NOT NULL,
    cause          uuid NOT NULL,
    on_hand        bigint,
    held           bigint,
    allocated      bigint,
    shortfall      bigint,
    note           text,
    more_kinds     smallint[],
    more_causes    uuid[],
    more_on_hand   bigint[],
    more_held      bigint[],
    more_allocated bigint[],
    more_shortfall bigint[],
    more_notes     text[],
    PRIMARY KEY (stock_id, version, at)
) PARTITION BY RANGE (at);
COMMENT ON COLUMN ledger.kind IS '0 RECEIVE, 1 ADJUST, 2 COUNT, 3 TRANSFER_OUT, 4 TRANSFER_IN, 5 PLACE, 6 CONFIRM, 7 RELEASE, 8 EXPIRE, 9 SELL, 10 SHIP, 11 RETURN, 12 SET_LIMITS';
COMMENT ON COLUMN ledger.on_hand IS 'this and the next three are differences; null is 0';

-- Months are added ahead of time by the engine; this one only takes what would otherwise find no place.
CREATE TABLE ledger_other PARTITION OF ledger DEFAULT;

CREATE VIEW movement AS
SELECT stock_id, version, kind, at, cause, on_hand, held, allocated, shortfall, note FROM ledger
UNION ALL
SELECT l.stock_id, l.version + m.n, m.kind, l.at, m.cause, m.on_hand, m.held, m.allocated, m.shortfall, m.note
FROM ledger l
CROSS JOIN LATERAL unnest(l.more_kinds, l.more_causes, l.more_on_hand, l.more_held, l.more_allocated, l.more_shortfall,
                          l.more_notes)
    WITH ORDINALITY m(kind, cause, on_hand, held, allocated, shortfall, note, n);
COMMENT ON VIEW movement IS 'One row for each change of one stock. The four numbers are differences; null is 0.';

-- What the months of the ledger that are gone added up to, for each stock: where the books begin.
CREATE TABLE ledger_opening (
    stock_id  bigint PRIMARY KEY,
    version   bigint NOT NULL,
    on_hand   bigint NOT NULL,
    held      bigint NOT NULL,
    allocated bigint NOT NULL,
    shortfall bigint NOT NULL
);
COMMENT ON COLUMN ledger_opening.version IS 'how many movements are gone: their last version, unless a clock went back';

-- Which holds fall due when, for each stock: one row for up to 100 holds placed in one batch. It replaces an index on
-- hold.expires_at, which cost 15 % of all inserts and could not tell a stock's holds from the others.
CREATE TABLE hold_deadline (
    stock_id bigint NOT NULL,
    due_at   timestamptz NOT NULL,
    hold_ids uuid[] NOT NULL
);
CREATE INDEX hold_deadline_stock ON hold_deadline (stock_id, due_at);
CREATE INDEX hold_deadline_due ON hold_deadline (due_at);

-- Keys of commands other than holds, and where to find their first answer.
CREATE TABLE idempotency_entry (
    id           uuid PRIMARY KEY,
    request_hash bigint NOT NULL,
    at           timestamptz NOT NULL,
    movements    bigint[] NOT NULL,
    expires_at   timestamptz
);
CREATE INDEX idempotency_entry_at ON idempotency_entry USING brin (at);
COMMENT ON COLUMN idempotency_entry.movements IS 'stock_id, version, stock_id, version, ... of the first answer';
COMMENT ON COLUMN idempotency_entry.expires_at IS 'the deadline that an extension answered with';

-- Who does what only one node may do at a time. A row is never deleted: its token grows each time the lease is taken, and what
-- an older holder writes is refused.
CREATE TABLE lease (
    name       text COLLATE "C" PRIMARY KEY,
    token      bigint NOT NULL,
    holder     text NOT NULL,
    expires_at timestamptz NOT NULL,
    UNIQUE (name, token) -- makes the token a key: a holder's key share lock keeps it from changing and lets renewals pass
) WITH (fillfactor = 50);
COMMENT ON COLUMN lease.holder IS 'for people; what counts is the token';
