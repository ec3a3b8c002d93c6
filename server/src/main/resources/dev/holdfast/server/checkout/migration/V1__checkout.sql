-- Checkouts: a row each, and all there is to know to go on with one. Tables are named without a schema, as the engine's.

CREATE TABLE checkout (
    id            uuid PRIMARY KEY,
    version       bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('PENDING', 'WAITING_FOR_BUYER', 'UNDOING', 'COMPLETED', 'DECLINED',
                                                 'CANCELLED', 'EXPIRED', 'REFUNDED')),
    ends_as       text CHECK (ends_as IN ('DECLINED', 'CANCELLED', 'EXPIRED', 'REFUNDED')),
    reason        text,
    request_hash  bigint NOT NULL,
    placed_at     timestamptz NOT NULL,
    hold_id       uuid NOT NULL,
    hold_until    timestamptz NOT NULL,
    held_again    boolean NOT NULL,
    cart_id       uuid,
    cart_version  bigint,
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    method        text NOT NULL,
    buyer         text NOT NULL,
    channel       text,
    reference     text,
    lines         json NOT NULL,
    action_url    text,
    client_secret text,
    tries         integer NOT NULL,
    due_at        timestamptz,
    CHECK ((state = 'UNDOING') <= (ends_as IS NOT NULL)),
    CHECK ((due_at IS NULL) = (state IN ('COMPLETED', 'DECLINED', 'CANCELLED', 'EXPIRED', 'REFUNDED'))),
    CHECK ((cart_id IS NULL) = (cart_version IS NULL))
) WITH (fillfactor = 70); -- each is updated at least once, soon
COMMENT ON TABLE checkout IS 'its id is that of its payment and of its order, and the key of its hold unless that is a cart''s';
COMMENT ON COLUMN checkout.version IS 'the fence: who decides something decides it about the version he has read';
COMMENT ON COLUMN checkout.ends_as IS 'how it will have ended when it is undone';
COMMENT ON COLUMN checkout.hold_id IS 'written after this hold was placed; only then is it confirmed';
COMMENT ON COLUMN checkout.due_at IS 'from then on any node goes on with it; null: it has ended';
-- One at a time, and none of a cart that was bought.
CREATE UNIQUE INDEX checkout_of_cart ON checkout (cart_id)
    WHERE cart_id IS NOT NULL AND state NOT IN ('DECLINED', 'CANCELLED', 'EXPIRED', 'REFUNDED');
-- A cart's hold serves one checkout: whoever read it before another one ended cannot begin with what that one has left.
CREATE UNIQUE INDEX checkout_of_hold ON checkout (hold_id) WHERE cart_id IS NOT NULL;
CREATE INDEX checkout_due ON checkout (due_at) WHERE due_at IS NOT NULL;
