-- Maintenance windows, and incidents of peers. Rows stay: what came in their time is
-- judged by them.

CREATE TABLE maintenance (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    begun_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    begun_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    ended_by TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX maintenance_open ON maintenance (ended_at) WHERE ended_at = 0;

CREATE TABLE incident (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    begun_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    ended_by TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX incident_open ON incident (peer) WHERE ended_at = 0;
