-- Approvals: what waits for a second person, with the entries of asking and deciding.

CREATE TABLE approval (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    detail TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_for TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    decision_index INTEGER NOT NULL,
    is_override INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX approval_open ON approval (kind, subject, asked_by)
WHERE state IN ('waiting', 'approved');
CREATE INDEX approval_due ON approval (expires_at, number)
WHERE state IN ('waiting', 'approved');
CREATE INDEX approval_by_message ON approval (message_id, number)
WHERE state IN ('waiting', 'approved') AND message_id <> '';
