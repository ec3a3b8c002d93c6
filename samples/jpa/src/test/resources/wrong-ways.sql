CREATE TABLE unversioned_item (
    sku       text PRIMARY KEY,
    available bigint NOT NULL CHECK (available >= 0)
);

-- A row that somebody else always has just changed: its updates find nothing, and are counted; a sequence forgets no rollback.
CREATE SEQUENCE contested_tries;
CREATE FUNCTION contested() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''contested_tries''); RETURN NULL; END';
CREATE TRIGGER contested BEFORE UPDATE ON stock_item FOR EACH ROW WHEN (old.sku = 'contested') EXECUTE FUNCTION contested();
