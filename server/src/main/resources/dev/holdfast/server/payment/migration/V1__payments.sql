-- What is known of payments on our side. The money is in the provider's books, not here. Tables are named without a schema, as the engine's.

-- Messages of providers that had their effect; kept for 30 days.
CREATE TABLE payment_event (
    id          text COLLATE "C" PRIMARY KEY,
    payment_id  uuid NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX payment_event_received ON payment_event (received_at);

-- Which PaymentIntent at Stripe is which payment: written before the intent may take effect.
CREATE TABLE stripe_intent (
    payment_id uuid PRIMARY KEY,
    intent_id  text COLLATE "C" UNIQUE
);
COMMENT ON COLUMN stripe_intent.intent_id IS 'null: cancelled before there was one, and there never will be';

-- The books of the sandbox: another company's, as it were. Nothing of ours reads them.
CREATE TABLE sandbox_payment (
    id             uuid PRIMARY KEY,
    version        integer NOT NULL,
    state          text NOT NULL CHECK (state IN ('AWAY', 'IN_PROCESS', 'REQUIRES_ACTION', 'DECLINED', 'AUTHORIZED', 'CAPTURED', 'VOIDED')),
    token          text NOT NULL,
    amount_minor   bigint NOT NULL CHECK (amount_minor >= 0),
    currency       text NOT NULL,
    due_at         timestamptz NOT NULL,
    captured_minor bigint NOT NULL CHECK (captured_minor BETWEEN 0 AND amount_minor),
    refunded_minor bigint NOT NULL CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    refunds        jsonb
) WITH (fillfactor = 80); -- most payments are updated once, soon: captured
COMMENT ON COLUMN sandbox_payment.version IS 'grows with each write: two nodes that decide on the same one find out';
COMMENT ON COLUMN sandbox_payment.due_at IS 'until then AWAY or IN_PROCESS';
COMMENT ON COLUMN sandbox_payment.refunds IS 'idempotency key: amount';
