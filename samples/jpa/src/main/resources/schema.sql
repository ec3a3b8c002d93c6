CREATE TABLE stock_item (
    sku       text PRIMARY KEY,
    available bigint NOT NULL CHECK (available >= 0), -- refuses a negative number; sees no lost update
    version   bigint NOT NULL
);

CREATE TABLE purchase_order (
    number  text PRIMARY KEY, -- one order for each number, however often it is tried
    hold_id uuid NOT NULL,
    state   text NOT NULL,
    version bigint NOT NULL
);
