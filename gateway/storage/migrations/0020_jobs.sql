-- Jobs, saved views, and lists by what went wrong or is more than routine.

CREATE TABLE job (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    on_behalf_of TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    total INTEGER NOT NULL,
    reference TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    state TEXT NOT NULL,
    done INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    cancelled_by TEXT NOT NULL,
    result BLOB NOT NULL
) STRICT;

CREATE INDEX job_open ON job (number) WHERE ended_at = 0;
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at > 0;
CREATE UNIQUE INDEX job_by_key ON job (asked_by, key) WHERE key <> '';

CREATE TABLE job_step (
    job INTEGER NOT NULL,
    place INTEGER NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (job, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE saved_view (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared_with TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    UNIQUE (owner, name)
) STRICT;

CREATE INDEX saved_view_shared ON saved_view (shared_with) WHERE shared_with <> '';

CREATE INDEX message_by_code ON message (last_code, accepted_at, number)
    WHERE last_code <> '';
CREATE INDEX message_by_hold ON message (hold_reason, accepted_at, number)
    WHERE hold_reason <> '';
CREATE INDEX message_by_urgency ON message (urgency, accepted_at, number)
    WHERE urgency <> '' AND urgency <> 'ROUTINE';
