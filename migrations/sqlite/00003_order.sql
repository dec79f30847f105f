-- +goose Up

-- One row per order: it alone says whether the order is paid or cancelled.
CREATE TABLE orders (
    id               TEXT PRIMARY KEY,
    version          INT    NOT NULL CHECK (version > 0), -- counts the order's events
    token_hash       TEXT   NOT NULL UNIQUE,
    status           TEXT   NOT NULL CHECK (status IN ('placed', 'reserved', 'paid', 'confirmed', 'shipped', 'cancelled', 'refunded')),
    reason           TEXT   NOT NULL CHECK (reason IN ('', 'sold_out', 'unpaid', 'customer', 'staff')),
    tracking         TEXT   NOT NULL, -- of its parcel, once shipped
    customer_name    TEXT   NOT NULL CHECK (customer_name <> ''),
    customer_email   TEXT   NOT NULL CHECK (customer_email <> ''),
    customer_address TEXT   NOT NULL CHECK (customer_address <> ''),
    total_minor      BIGINT NOT NULL CHECK (total_minor >= 0),
    currency         TEXT   NOT NULL, -- of the total and of every line
    card_token       TEXT   NOT NULL, -- the provider's, of checkout; never a card number
    placed_at        BIGINT NOT NULL,
    pay_by           BIGINT NOT NULL,
    CHECK ((status = 'cancelled') = (reason <> '')),
    CHECK (status <> 'shipped' OR tracking <> '')
);

CREATE TABLE order_lines (
    order_id    TEXT   NOT NULL REFERENCES orders (id),
    position    INT    NOT NULL, -- from 1
    sku         TEXT   NOT NULL,
    title       TEXT   NOT NULL,
    size        TEXT   NOT NULL,
    quantity    INT    NOT NULL CHECK (quantity BETWEEN 1 AND 20),
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0), -- of one copy, on the day of the order
    PRIMARY KEY (order_id, position),
    UNIQUE (order_id, sku)
);

-- Attempts to pay. The id is the idempotency key at the provider.
CREATE TABLE payments (
    id         TEXT PRIMARY KEY,
    order_id   TEXT   NOT NULL REFERENCES orders (id),
    attempt    INT    NOT NULL, -- from 1
    status     TEXT   NOT NULL CHECK (status IN ('waiting', 'unresolved', 'abandoned', 'voided', 'approved', 'declined',
                   'refund_requested', 'refunded')),
    card_token TEXT   NOT NULL,
    since      BIGINT NOT NULL, -- when the customer wanted it
    UNIQUE (order_id, attempt)
);
CREATE UNIQUE INDEX payments_one_open ON payments (order_id) WHERE status IN ('unresolved', 'abandoned');
CREATE UNIQUE INDEX payments_one_kept ON payments (order_id) WHERE status IN ('approved', 'refund_requested');

-- The requests that placed orders, so that one sent again leads to the same order. Of a
-- request no more is kept than hashes. It is stored before its order, so the reference is
-- checked at the end of the transaction.
CREATE TABLE idempotency_keys (
    key        TEXT PRIMARY KEY, -- SHA-256 of the customer's key
    content    TEXT   NOT NULL,  -- what was asked for, signed with the shop's secret
    order_id   TEXT   NOT NULL REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
    created_at BIGINT NOT NULL
);

-- The simulated payment provider's own book. No other table refers to it and it refers
-- to none: a real provider would be on another continent.
CREATE TABLE simulator_charges (
    key          TEXT PRIMARY KEY, -- the idempotency key
    amount_minor BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    outcome      TEXT   NOT NULL CHECK (outcome IN ('', 'approved', 'declined', 'voided')), -- '' is not settled
    calls        INT    NOT NULL, -- how often it was asked for
    settled_at   BIGINT
);
CREATE TABLE simulator_refunds (
    key          TEXT PRIMARY KEY, -- the idempotency key
    charge_key   TEXT   NOT NULL REFERENCES simulator_charges (key),
    amount_minor BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    calls        INT    NOT NULL,
    refunded_at  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE simulator_refunds;
DROP TABLE simulator_charges;
DROP TABLE idempotency_keys;
DROP TABLE payments;
DROP TABLE order_lines;
DROP TABLE orders;
