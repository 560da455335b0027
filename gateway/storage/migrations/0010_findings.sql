-- What looking at each evidence file has shown: codes and digests, no content. Names of
-- those who signed are sealed to ourselves.

CREATE TABLE file_finding (
    message_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    aid TEXT NOT NULL,
    at INTEGER NOT NULL,
    report BLOB NOT NULL,
    signers BLOB NOT NULL,
    PRIMARY KEY (message_number, position)
) STRICT, WITHOUT ROWID;
