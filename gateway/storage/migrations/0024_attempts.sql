-- Attempts to deliver that came to nothing: what the timeline of a message shows beside
-- the log. A fixed number of slots a message; the newest take the place of the oldest.

CREATE TABLE failed_attempt (
    message_number INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (message_number, slot)
) STRICT, WITHOUT ROWID;
