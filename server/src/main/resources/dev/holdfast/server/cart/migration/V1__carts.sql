-- Carts: a row each, with its lines. They live beside the engine's tables in one schema and are joined with none of them. Tables are
-- named without a schema, as there.

CREATE TABLE cart (
    id           uuid PRIMARY KEY,
    holds        uuid NOT NULL DEFAULT gen_random_uuid(),
    version      bigint NOT NULL,
    revision     bigint NOT NULL,
    channel      text,
    lines        jsonb NOT NULL,
    held_until   timestamptz,
    expires_at   timestamptz NOT NULL,
    key_id       uuid,
    request_hash bigint
);
COMMENT ON COLUMN cart.holds IS 'with the revision it makes the id of the hold: a cart that is made again under its old id has other holds';
COMMENT ON COLUMN cart.version IS 'grows when the lines change';
COMMENT ON COLUMN cart.revision IS 'grows with each write';
COMMENT ON COLUMN cart.lines IS 'what is wanted, and what it cost when it was put in';
COMMENT ON COLUMN cart.held_until IS 'as it was granted; null: without a hold';
COMMENT ON COLUMN cart.key_id IS 'of the request that changed it last: tells a retry from a new request';
CREATE INDEX cart_by_expiry ON cart (expires_at);
