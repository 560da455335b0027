-- People: to whom cases are assigned, what waits for a second person, use of tokens.

CREATE TABLE assignment (
    case_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    unit TEXT NOT NULL,
    people TEXT NOT NULL,
    assigned_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    PRIMARY KEY (case_id, peer)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval_order (
    number INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE token_use (
    account TEXT NOT NULL,
    label TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, label)
) STRICT, WITHOUT ROWID;

-- What is somebody's, for the day on which they leave.
CREATE INDEX alarm_by_holder ON alarm (claimed_by, number)
WHERE outcome = '' AND claimed_by <> '';
CREATE INDEX approval_by_asker ON approval (asked_by, number)
WHERE state IN ('waiting', 'approved');
CREATE INDEX case_reader_by_name ON case_reader (name, case_id);
CREATE INDEX evidence_grant_by_account ON evidence_grant (account);
