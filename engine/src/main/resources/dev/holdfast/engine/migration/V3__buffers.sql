-- Units that a stock keeps for some channels; on the row that a decision reads and locks anyway.
ALTER TABLE stock_level ADD COLUMN buffers text COLLATE "C";
COMMENT ON COLUMN stock_level.buffers IS 'a line for each channel: units, priority, channel; null: none';
