-- Who changed a stock, and why, where the command said who. Append-only: no code changes or deletes a row. Written in the
-- transaction of the change.
CREATE TABLE stock_audit (
    id       uuid PRIMARY KEY,
    at       timestamptz NOT NULL,
    actor    text NOT NULL,
    action   text NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    before   json,
    after    json NOT NULL,
    reason   text,
    trace_id text
);
COMMENT ON COLUMN stock_audit.action IS 'the kind of the movement, in lower case';
COMMENT ON COLUMN stock_audit.subject IS 'stock/<sku>@<location>';
COMMENT ON COLUMN stock_audit.before IS 'the fields that changed, as they were; null where there was nothing';
CREATE INDEX stock_audit_by_time ON stock_audit (at, id);
CREATE INDEX stock_audit_by_actor ON stock_audit (actor, at, id);
CREATE INDEX stock_audit_by_subject ON stock_audit (subject, at, id);
