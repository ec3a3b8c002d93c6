-- Grows by one with every change of products, without a gap: nodes see by it that their caches missed one.
ALTER TABLE catalogue_state ADD COLUMN edits bigint NOT NULL DEFAULT 0;
