-- Who changed what, and why. Append-only: no code changes or deletes a row. Written in the transaction of the change.
CREATE TABLE audit_entry (
    id       uuid PRIMARY KEY,
    at       timestamptz NOT NULL,
    actor    text NOT NULL,
    action   text NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    before   json,
    after    json,
    reason   text,
    trace_id text
);
COMMENT ON COLUMN audit_entry.subject IS 'what kind of thing, and which: product/<id>, location/<code>, order/<id>';
COMMENT ON COLUMN audit_entry.before IS 'the fields that changed, as they were; null where there was nothing';
COMMENT ON COLUMN audit_entry.after IS 'the same fields as they are now; null where there is nothing any more';
CREATE INDEX audit_entry_by_time ON audit_entry (at, id);
CREATE INDEX audit_entry_by_actor ON audit_entry (actor, at, id);
CREATE INDEX audit_entry_by_subject ON audit_entry (subject, at, id);
