-- Holds, too, say who changed them.
COMMENT ON COLUMN stock_audit.action IS 'the kind of the movement, in lower case; extend';
COMMENT ON COLUMN stock_audit.subject IS 'stock/<sku>@<location> or hold/<id>';
