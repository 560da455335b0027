-- Cases, and what they keep of their messages: codes, dates and short ids only.

CREATE TABLE docket (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    entry BLOB NOT NULL
) STRICT;

CREATE INDEX docket_by_case ON docket (case_id, number);

CREATE TABLE case_row (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    opener TEXT NOT NULL,
    msg_type TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    sender_ref TEXT NOT NULL,
    recipient_ref TEXT NOT NULL,
    urgency TEXT NOT NULL,
    UNIQUE (case_id, peer)
) STRICT;

CREATE INDEX case_by_peer ON case_row (peer, number);
