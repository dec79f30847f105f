-- Times are microseconds since 1970 UTC, compared with the database's own clock.

-- +goose Up

-- Every domain event, stored in the transaction of the state change it tells of.
CREATE TABLE events (
    id                TEXT PRIMARY KEY,
    type              TEXT   NOT NULL,
    version           INT    NOT NULL,
    aggregate         TEXT   NOT NULL,
    aggregate_id      TEXT   NOT NULL,
    aggregate_version INT    NOT NULL,
    occurred_at       BIGINT NOT NULL,
    stored_at         BIGINT NOT NULL,
    correlation_id    TEXT   NOT NULL,
    causation_id      TEXT   NOT NULL,
    payload           TEXT   NOT NULL,
    UNIQUE (aggregate, aggregate_id, aggregate_version)
);
CREATE INDEX events_by_correlation ON events (correlation_id);
CREATE INDEX events_by_type ON events (type, stored_at);

-- The delivery ledger: one row per event and subscriber. Outbox (pending must still be
-- published), inbox (done must not run again) and dead-letter desk (dead) in one.
CREATE TABLE deliveries (
    event_id    TEXT   NOT NULL REFERENCES events (id),
    handler     TEXT   NOT NULL,
    queue       TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('pending', 'done', 'dead', 'removed')),
    generation  INT    NOT NULL, -- part of the task's id: a stuck task is replaced by the next generation
    attempts    INT    NOT NULL, -- counted since the last retry by hand
    due_at      BIGINT NOT NULL, -- not to be run earlier
    check_at    BIGINT NOT NULL, -- when the reconciler should look whether somebody works on it
    lease       TEXT   NOT NULL DEFAULT '', -- the fence of whoever runs it outside a transaction
    lease_until BIGINT NOT NULL DEFAULT 0,
    error       TEXT   NOT NULL DEFAULT '', -- of the last attempt
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,          -- when it became done, dead or removed
    PRIMARY KEY (event_id, handler)
);
CREATE INDEX deliveries_pending ON deliveries (check_at) WHERE state = 'pending';
CREATE INDEX deliveries_dead ON deliveries (settled_at) WHERE state = 'dead';

-- Every attempt to run a delivery. Append-only.
CREATE TABLE delivery_attempts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id    TEXT   NOT NULL,
    handler     TEXT   NOT NULL,
    generation  INT    NOT NULL,
    attempt     INT    NOT NULL,
    outcome     TEXT   NOT NULL CHECK (outcome IN ('done', 'failed', 'permanent', 'panicked', 'vanished')),
    worker      TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    error       TEXT   NOT NULL DEFAULT '',
    stack       TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (event_id, handler);

-- Who subscribes to what, and since when: an event stored later than that owes the
-- subscriber a delivery, whichever program stored it.
CREATE TABLE subscriptions (
    handler    TEXT PRIMARY KEY,
    event_type TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    swept_at   BIGINT NOT NULL -- events stored before this all have their row
);

-- Tasks found in Redis that no ledger row knows.
CREATE TABLE parked_tasks (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id   TEXT   NOT NULL UNIQUE,
    queue     TEXT   NOT NULL,
    type      TEXT   NOT NULL,
    payload   TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    parked_at BIGINT NOT NULL
);

-- Failures made on purpose, for tests and demonstrations; read only where the failure
-- lab is switched on.
CREATE TABLE failure_switches (
    handler   TEXT PRIMARY KEY,
    mode      TEXT NOT NULL CHECK (mode IN ('error', 'permanent', 'panic', 'slow', 'after_effect')),
    remaining INT  NOT NULL -- how many more times; -1 is always
);

-- +goose Down
DROP TABLE failure_switches;
DROP TABLE parked_tasks;
DROP TABLE subscriptions;
DROP TABLE delivery_attempts;
DROP TABLE deliveries;
DROP TABLE events;
