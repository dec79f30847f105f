-- +goose Up

-- The catalogue: a series is an algorithm, a print one picture of it, a SKU a print in
-- one size.
CREATE TABLE series (
    id    TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    about TEXT NOT NULL
);

CREATE TABLE prints (
    id        TEXT PRIMARY KEY,
    series_id TEXT   NOT NULL REFERENCES series (id),
    title     TEXT   NOT NULL,
    seed      BIGINT NOT NULL, -- what the algorithm starts from
    palette   TEXT   NOT NULL
);

-- What is on hand, and what was sold. An UPDATE of a row here is what makes sales of
-- its SKU take turns. Only the few that are news raise the version.
CREATE TABLE skus (
    sku          TEXT PRIMARY KEY,
    print_id     TEXT   NOT NULL REFERENCES prints (id),
    size         TEXT   NOT NULL,
    price_minor  BIGINT NOT NULL CHECK (price_minor > 0),
    currency     TEXT   NOT NULL CHECK (length(currency) = 3),
    edition_size INT    NOT NULL CHECK (edition_size >= 1),
    on_hand      INT    NOT NULL,                     -- not sold; what is reserved is among it
    reserved     INT    NOT NULL DEFAULT 0,
    sold         INT    NOT NULL DEFAULT 0 CHECK (sold >= 0),
    issued       INT    NOT NULL DEFAULT 0,           -- the highest number ever given out
    version      INT    NOT NULL DEFAULT 0,           -- counts the item's events
    CHECK (reserved >= 0 AND reserved <= on_hand), -- so on_hand >= 0
    CHECK (on_hand + sold <= edition_size),
    CHECK (issued >= sold AND issued <= edition_size)
);

-- Copies that were added later. The id is staff's, so that one sent again is known.
CREATE TABLE restocks (
    sku          TEXT   NOT NULL REFERENCES skus (sku),
    id           TEXT   NOT NULL,
    quantity     INT    NOT NULL CHECK (quantity > 0),
    reason       TEXT   NOT NULL CHECK (reason IN ('printed', 'found')),
    restocked_at BIGINT NOT NULL,
    PRIMARY KEY (sku, id)
);

-- One row per order that stock has heard of.
CREATE TABLE reservations (
    order_id  TEXT PRIMARY KEY,
    state     TEXT NOT NULL CHECK (state IN ('new', 'held', 'rejected', 'released', 'committed', 'returned')),
    short_sku TEXT NOT NULL DEFAULT '',
    version   INT  NOT NULL,
    CHECK ((state = 'rejected') = (short_sku <> ''))
);

-- What an order holds, or held. For each SKU, the sum over what is held is skus.reserved.
CREATE TABLE reservation_lines (
    order_id TEXT NOT NULL REFERENCES reservations (order_id),
    sku      TEXT NOT NULL REFERENCES skus (sku),
    quantity INT  NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
);

-- Every number ever issued. One without an owner came back, and is given out next.
CREATE TABLE editions (
    sku      TEXT NOT NULL REFERENCES skus (sku),
    number   INT  NOT NULL CHECK (number >= 1),
    order_id TEXT REFERENCES reservations (order_id),
    PRIMARY KEY (sku, number)
);
CREATE INDEX editions_by_order ON editions (order_id);

-- +goose Down
DROP TABLE editions;
DROP TABLE reservation_lines;
DROP TABLE reservations;
DROP TABLE restocks;
DROP TABLE skus;
DROP TABLE prints;
DROP TABLE series;
