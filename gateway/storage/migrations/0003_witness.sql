-- Witnessing: what others cosigned of our log, what we cosigned of theirs, and what
-- proves that a log of somebody is not one log.

CREATE TABLE audit_round (
    size INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_cosignature (
    size INTEGER NOT NULL,
    witness TEXT NOT NULL,
    key_id BLOB NOT NULL CHECK (length(key_id) = 4),
    line TEXT NOT NULL,
    time_s INTEGER NOT NULL,
    PRIMARY KEY (size, witness, key_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_cosignature_by_witness ON audit_cosignature (witness, size);

CREATE TABLE witnessed_log (
    origin TEXT PRIMARY KEY,
    authority TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL,
    time_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE log_conflict (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    authority TEXT NOT NULL,
    kind TEXT NOT NULL,
    held BLOB NOT NULL,
    offered BLOB NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_settled INTEGER NOT NULL,
    UNIQUE (origin, kind, offered)
) STRICT;

CREATE TRIGGER audit_cosignature_is_kept BEFORE DELETE ON audit_cosignature
BEGIN SELECT RAISE(ABORT, 'cosignatures are kept'); END;
CREATE TRIGGER log_conflict_is_kept BEFORE DELETE ON log_conflict
BEGIN SELECT RAISE(ABORT, 'proof of misbehaviour is kept'); END;
