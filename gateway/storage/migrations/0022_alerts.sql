-- Alerts about the node, the feed of their steps, and how far channels have told.

CREATE TABLE alert (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    text TEXT NOT NULL,
    remedy TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    resolved_at INTEGER NOT NULL,
    acknowledged_by TEXT NOT NULL,
    acknowledged_at INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    repeat_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX alert_open ON alert (name, subject) WHERE resolved_at = 0;

CREATE TABLE alert_event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    alert INTEGER NOT NULL REFERENCES alert (number),
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    severity TEXT NOT NULL
) STRICT;

CREATE INDEX alert_event_by_alert ON alert_event (alert);

CREATE TABLE alert_channel (
    name TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    error TEXT NOT NULL
) STRICT;
