-- Every hold serves one checkout, whoever placed it.
DROP INDEX checkout_of_hold;
CREATE UNIQUE INDEX checkout_of_hold ON checkout (hold_id);
