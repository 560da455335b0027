-- Time stamps (RFC 3161) of our own checkpoints. `i` is the entry with their digest.

CREATE TABLE tsa_stamp (
    size INTEGER PRIMARY KEY,
    text BLOB NOT NULL,
    response BLOB NOT NULL,
    authority TEXT NOT NULL,
    stamped_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    i INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER tsa_stamp_is_never_changed BEFORE UPDATE ON tsa_stamp
BEGIN SELECT RAISE(ABORT, 'time stamps are never changed'); END;
CREATE TRIGGER tsa_stamp_is_kept BEFORE DELETE ON tsa_stamp
BEGIN SELECT RAISE(ABORT, 'time stamps are kept'); END;
