-- Originals of redacted copies: kept with our own messages, never sent. `sealed` holds
-- key, name and digest of the file and the record of the redaction, sealed to ourselves.

CREATE TABLE sealed_original (
    message_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    aid TEXT NOT NULL,
    size INTEGER NOT NULL,
    length INTEGER NOT NULL,
    root TEXT NOT NULL,
    blob TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (message_number, position)
) STRICT, WITHOUT ROWID;
