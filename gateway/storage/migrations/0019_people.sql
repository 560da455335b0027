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
