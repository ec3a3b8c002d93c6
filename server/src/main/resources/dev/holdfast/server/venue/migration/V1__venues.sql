-- Venues and the versions of their maps. They live beside the engine's tables in one schema and are joined with none of them. Tables are
-- named without a schema, as there.

CREATE TABLE venue (
    id           uuid PRIMARY KEY,
    version      bigint NOT NULL,
    name         text NOT NULL,
    map_version  bigint,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    request_hash bigint
);
COMMENT ON COLUMN venue.version IS 'grows when the name or the map changes';
COMMENT ON COLUMN venue.map_version IS 'of the newest map; null: it has none';
COMMENT ON COLUMN venue.request_hash IS 'of the request that created it, if its key may come again';
CREATE INDEX venue_by_time ON venue (created_at, id);

-- Never changed and never deleted, not even with its venue: what was sold was sold on one of them.
CREATE TABLE venue_map (
    venue_id uuid NOT NULL,
    version  bigint NOT NULL,
    map      bytea NOT NULL,
    seats    int NOT NULL,
    standing int NOT NULL,
    sections int NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (venue_id, version)
);
ALTER TABLE venue_map ALTER COLUMN map SET STORAGE EXTERNAL; -- it is compressed already
COMMENT ON COLUMN venue_map.map IS 'JSON, compressed by gzip';
COMMENT ON COLUMN venue_map.standing IS 'the capacity of all areas';
