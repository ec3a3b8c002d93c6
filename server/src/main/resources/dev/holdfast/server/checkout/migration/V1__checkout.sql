-- Checkouts: a row each, and all there is to know to go on with one. Tables are named without a schema, as the engine's.

CREATE TABLE checkout (
    id            uuid PRIMARY KEY,
    version       bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('PENDING', 'WAITING_FOR_BUYER', 'UNDOING', 'COMPLETED', 'DECLINED',
                                                 'CANCELLED', 'EXPIRED')),
    ends_as       text CHECK (ends_as IN ('DECLINED', 'CANCELLED', 'EXPIRED')),
    reason        text,
    request_hash  bigint NOT NULL,
    placed_at     timestamptz NOT NULL,
    hold_id       uuid NOT NULL,
    hold_until    timestamptz NOT NULL,
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
    CHECK ((due_at IS NULL) = (state IN ('COMPLETED', 'DECLINED', 'CANCELLED', 'EXPIRED')))
) WITH (fillfactor = 70); -- each is updated at least once, soon
COMMENT ON TABLE checkout IS 'its id is the key of its hold, of its payment and of its order too';
COMMENT ON COLUMN checkout.version IS 'the fence: who decides something decides it about the version he has read';
COMMENT ON COLUMN checkout.ends_as IS 'how it will have ended when it is undone';
COMMENT ON COLUMN checkout.hold_id IS 'written after this hold was placed; only then is it confirmed';
COMMENT ON COLUMN checkout.due_at IS 'from then on any node goes on with it; null: it has ended';
CREATE INDEX checkout_due ON checkout (due_at) WHERE due_at IS NOT NULL;
