-- What others hold of our own log and we do not. As long as there is a row, nothing is
-- signed; only `mla-gateway recover` removes rows.

CREATE TABLE recovery_note (
    source TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL,
    found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Checkpoints that were signed over entries which a recovery has moved. They are kept:
-- whoever shows one shows what happened.

CREATE TABLE disowned_checkpoint (
    number INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- What entries of a log that another succeeded disclosed, sealed as before: bound to
-- that log and to its place there, and erased with its key.

CREATE TABLE past_disclosure (
    origin TEXT NOT NULL,
    i INTEGER NOT NULL,
    digest TEXT NOT NULL,
    ring TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (origin, i, digest)
) STRICT, WITHOUT ROWID;

-- Time stamps of the checkpoints of such a log.

CREATE TABLE past_stamp (
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    text BLOB NOT NULL,
    response BLOB NOT NULL,
    authority TEXT NOT NULL,
    stamped_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    i INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID;
