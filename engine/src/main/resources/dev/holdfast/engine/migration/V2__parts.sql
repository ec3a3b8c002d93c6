-- What became of a hold's lines, where that is more than its state says: confirmed or released in part, shipped, given back.
DROP VIEW hold_line;

ALTER TABLE hold ADD COLUMN parts bigint[];
COMMENT ON COLUMN hold.parts IS 'units confirmed, released, lapsed, shipped of the first line, of the second, ...; null: the state says it of all, and nothing is shipped';

-- Only confirmed holds were shipped.
UPDATE hold h
SET parts = (SELECT array_agg(p.units ORDER BY n, p.k)
             FROM generate_series(1, cardinality(h.lines) / 2) n
             CROSS JOIN LATERAL (VALUES (1, h.lines[2 * n]), (2, 0), (3, 0), (4, h.shipped[n])) p(k, units))
WHERE shipped IS NOT NULL;

ALTER TABLE hold DROP COLUMN shipped;

CREATE VIEW hold_line AS
SELECT h.id AS hold_id, h.state, h.expires_at, h.lines[2 * n - 1] AS stock_id, h.lines[2 * n] AS units,
       CASE WHEN h.parts IS NOT NULL THEN h.lines[2 * n] - h.parts[4 * n - 3] - h.parts[4 * n - 2] - h.parts[4 * n - 1]
            WHEN h.state = 0 THEN h.lines[2 * n] ELSE 0 END AS held,
       CASE WHEN h.parts IS NOT NULL THEN h.parts[4 * n - 3] WHEN h.state = 1 THEN h.lines[2 * n] ELSE 0 END AS confirmed,
       coalesce(h.parts[4 * n], 0) AS shipped
FROM hold h CROSS JOIN LATERAL generate_series(1, cardinality(h.lines) / 2) n;

ALTER TABLE idempotency_entry ADD COLUMN parts bigint[];
COMMENT ON COLUMN idempotency_entry.expires_at IS 'the deadline of the hold that was answered with';
COMMENT ON COLUMN idempotency_entry.parts IS 'and its parts, as in hold';

COMMENT ON COLUMN ledger.kind IS '0 RECEIVE, 1 ADJUST, 2 COUNT, 3 TRANSFER_OUT, 4 TRANSFER_IN, 5 PLACE, 6 CONFIRM, 7 RELEASE, 8 EXPIRE, 9 SELL, 10 SHIP, 11 RETURN, 12 SET_LIMITS, 13 DEALLOCATE';
