-- The catalogue: what people find and edit. It lives beside the engine's tables in one schema and is joined with none of them:
-- stock knows a SKU by its name only. Tables are named without a schema, as there.

CREATE TABLE product (
    id           uuid PRIMARY KEY,
    version      bigint NOT NULL,
    lifecycle    text NOT NULL CHECK (lifecycle IN ('DRAFT', 'ACTIVE', 'PAUSED', 'DISCONTINUED')),
    name         text NOT NULL,
    description  text NOT NULL,
    attributes   jsonb NOT NULL,
    images       jsonb NOT NULL,
    request_hash bigint,
    sku_text     text NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    -- 'simple': names are in any language, and nobody said which; no stemming, no stop words.
    document     tsvector NOT NULL GENERATED ALWAYS AS (
                     setweight(to_tsvector('simple'::regconfig, name), 'A')
                     || setweight(to_tsvector('simple'::regconfig, sku_text), 'B')
                     || setweight(to_tsvector('simple'::regconfig, description), 'D')) STORED,
    search_text  text NOT NULL GENERATED ALWAYS AS (lower(name || ' ' || sku_text)) STORED
);
COMMENT ON COLUMN product.request_hash IS 'of the POST that created it: tells a retry from another use of its key';
COMMENT ON COLUMN product.sku_text IS 'codes, names and GTINs of its SKUs, to be found by';
CREATE INDEX product_by_words ON product USING gin (document);
CREATE INDEX product_by_lifecycle ON product (lifecycle, id);

CREATE TABLE product_sku (
    sku          text COLLATE "C" PRIMARY KEY,
    product_id   uuid NOT NULL REFERENCES product ON DELETE CASCADE,
    position     integer NOT NULL,
    name         text,
    amount_minor bigint CHECK (amount_minor >= 0),
    currency     text CHECK (currency ~ '^[A-Z]{3}$'),
    gtin         text CHECK (gtin ~ '^[0-9]{8}([0-9]{4,6})?$'),
    attributes   jsonb NOT NULL,
    CHECK ((amount_minor IS NULL) = (currency IS NULL))
);
CREATE INDEX product_sku_by_product ON product_sku (product_id);

-- Which fields each version changed: who edits an old one is told what he has not seen.
CREATE TABLE product_change (
    product_id uuid NOT NULL REFERENCES product ON DELETE CASCADE,
    version    bigint NOT NULL,
    fields     text[] NOT NULL,
    PRIMARY KEY (product_id, version)
);

CREATE TABLE location (
    code      text COLLATE "C" PRIMARY KEY,
    version   bigint NOT NULL,
    name      text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('WAREHOUSE', 'STORE', 'TILL')),
    priority  integer NOT NULL CHECK (priority >= 0),
    latitude  double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);

-- One row: grows with every change of what is for sale, so that a node sees by it that there was one.
CREATE TABLE catalogue_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);
INSERT INTO catalogue_state (version) VALUES (0);
