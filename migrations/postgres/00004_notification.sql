-- +goose Up

-- What was sent. The id is the mail's own, so one mail is remembered once.
CREATE TABLE mails (
    id        TEXT PRIMARY KEY,
    order_id  TEXT   NOT NULL,
    template  TEXT   NOT NULL,
    recipient TEXT   NOT NULL CHECK (recipient <> ''),
    subject   TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    sent_at   BIGINT NOT NULL
);
CREATE INDEX mails_by_order ON mails (order_id, sent_at);

-- The shop's own mailbox, which stands in for a mail server. No other table refers to it
-- and it refers to none: a real server would be elsewhere.
CREATE TABLE mailbox (
    message_id  TEXT PRIMARY KEY, -- the idempotency key
    order_id    TEXT   NOT NULL,
    template    TEXT   NOT NULL,
    recipient   TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    copies      INT    NOT NULL CHECK (copies > 0), -- how often it was handed in
    received_at BIGINT NOT NULL
);
CREATE INDEX mailbox_newest ON mailbox (received_at);

-- +goose Down
DROP TABLE mailbox;
DROP TABLE mails;
