-- Alarms: one for a kind and subject, with the entries that raised it.

CREATE TABLE alarm (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    owner TEXT NOT NULL,
    rule TEXT NOT NULL,
    due INTEGER NOT NULL,
    lacking TEXT NOT NULL,
    tells INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    raised_by TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    lack_index INTEGER NOT NULL,
    person TEXT NOT NULL,
    asked INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    tell_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    resolved_by TEXT NOT NULL,
    resolved_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    UNIQUE (kind, subject)
) STRICT;

CREATE INDEX alarm_open ON alarm (number) WHERE outcome = '';
CREATE INDEX alarm_by_case ON alarm (case_id, number) WHERE case_id <> '';
CREATE INDEX message_emergency ON message (accepted_at, number)
WHERE urgency = 'EMERGENCY';
