-- What costs nothing is bought without a payment.
ALTER TABLE checkout DROP CONSTRAINT checkout_amount_minor_check, ADD CHECK (amount_minor >= 0);
COMMENT ON COLUMN checkout.method IS 'empty: it costs nothing, or it has ended';
