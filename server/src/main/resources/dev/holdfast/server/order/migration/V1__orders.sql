-- Orders: a row each, with its lines, and the log of what happened to it. They live beside the engine's tables in one schema and are
-- joined with none of them. Tables are named without a schema, as there.

CREATE TABLE customer_order (
    id               uuid PRIMARY KEY,
    version          bigint NOT NULL,
    state            text NOT NULL CHECK (state IN ('PLACED', 'PAID', 'PACKED', 'SHIPPED', 'DELIVERED', 'CANCELLED',
                                                    'REFUND_PENDING', 'REFUNDED', 'RETURNED')),
    placed_at        timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    hold_id          uuid NOT NULL,
    buyer            text NOT NULL,
    channel          text,
    currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total_minor      bigint NOT NULL CHECK (total_minor >= 0),
    payment          text,
    lines            json NOT NULL,
    skus             text[] NOT NULL,
    refunds          json NOT NULL,
    refund_due_minor bigint NOT NULL CHECK (refund_due_minor BETWEEN 0 AND total_minor),
    refund_at        timestamptz,
    refund_tries     integer NOT NULL DEFAULT 0,
    intent           json,
    intent_at        timestamptz,
    last_xid         xid8 NOT NULL
) WITH (fillfactor = 70); -- most orders are updated some times, a line or two longer
COMMENT ON COLUMN customer_order.version IS 'the number of its last event';
COMMENT ON COLUMN customer_order.lines IS 'what was ordered, at what price, and where the units are now';
COMMENT ON COLUMN customer_order.refund_at IS 'when somebody is to pay back what is due; null: nothing is';
COMMENT ON COLUMN customer_order.intent IS 'what is being done that moves stock; whoever finds it here finishes it';
COMMENT ON COLUMN customer_order.last_xid IS 'of its last event';
CREATE INDEX customer_order_by_time ON customer_order (placed_at, id);
CREATE INDEX customer_order_by_state ON customer_order (state, placed_at, id);
CREATE INDEX customer_order_by_buyer ON customer_order (buyer, placed_at, id);
CREATE INDEX customer_order_by_channel ON customer_order (channel, placed_at, id) WHERE channel IS NOT NULL;
CREATE INDEX customer_order_by_sku ON customer_order USING gin (skus);
CREATE INDEX customer_order_unfinished ON customer_order (intent_at) WHERE intent_at IS NOT NULL;
CREATE INDEX customer_order_refund_due ON customer_order (refund_at) WHERE refund_at IS NOT NULL;

-- Append-only: what happened to orders. No code changes or deletes a row.
CREATE TABLE order_event (
    order_id     uuid NOT NULL,
    number       bigint NOT NULL,
    type         text NOT NULL,
    at           timestamptz NOT NULL,
    actor        text NOT NULL,
    reason       text,
    trace_id     text,
    data         json NOT NULL,
    key_id       uuid,
    request_hash bigint,
    xid          xid8 NOT NULL,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (order_id, number)
);
COMMENT ON COLUMN order_event.number IS '1 for the order''s first event, then gapless';
COMMENT ON COLUMN order_event.key_id IS 'of the request that caused it: tells a retry from a new request';
COMMENT ON COLUMN order_event.xid IS 'a transaction; whoever tails the log reads (xid, seq) in this order, and only what is below pg_snapshot_xmin(pg_current_snapshot())';
CREATE INDEX order_event_tail ON order_event (xid, seq);
