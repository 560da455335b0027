-- Endpoints that are told of changes, how calls of them went, and how far streams got.

CREATE TABLE webhook (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    sealed_old_secret BLOB NOT NULL,
    old_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failing_since INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    disabled TEXT NOT NULL,
    last_taken_at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_call (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    status INTEGER NOT NULL,
    detail TEXT NOT NULL,
    duration_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX webhook_call_by_webhook ON webhook_call (webhook, number);

CREATE TABLE stream_position (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
