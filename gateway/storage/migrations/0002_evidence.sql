-- Evidence files: uploads of our people, attachments of both boxes, who may fetch them.

ALTER TABLE message ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN attachment_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN pending_until INTEGER NOT NULL DEFAULT 0;

CREATE INDEX message_pending ON message (pending_until) WHERE pending_until > 0;
CREATE INDEX message_with_evidence ON message (peer, state, attachment_bytes)
    WHERE box = 'in' AND attachment_bytes > 0;
CREATE INDEX message_in_transfer ON message (peer, offer_rank, number)
    WHERE offer_rank IS NOT NULL AND last_code = 'incomplete';

-- A file on its way in. `kept` holds its key, name and digests, sealed to ourselves.

CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    aid TEXT NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    length INTEGER NOT NULL,
    spooled INTEGER NOT NULL,
    state TEXT NOT NULL,
    kept BLOB NOT NULL,
    touched_at INTEGER NOT NULL,
    root TEXT NOT NULL,
    part_list BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX upload_by_key ON upload (owner, idempotency_key)
    WHERE idempotency_key <> '';
CREATE INDEX upload_unused ON upload (owner) WHERE state <> 'used';
CREATE INDEX upload_by_time ON upload (touched_at);

-- An evidence file of a message. `parts` has a bit for each part.

CREATE TABLE attachment (
    message_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    aid TEXT NOT NULL,
    length INTEGER NOT NULL,
    root TEXT NOT NULL,
    blob TEXT NOT NULL,
    state TEXT NOT NULL,
    part_list BLOB NOT NULL,
    parts BLOB NOT NULL,
    PRIMARY KEY (message_number, position)
) STRICT;

CREATE INDEX attachment_by_blob ON attachment (blob) WHERE blob <> '';
CREATE INDEX attachment_unverified ON attachment (message_number)
    WHERE state = 'stored';
CREATE INDEX attachment_damaged ON attachment (message_number)
    WHERE state = 'damaged';

-- Who opened a message may fetch its files for some hours.

CREATE TABLE evidence_grant (
    message_number INTEGER NOT NULL,
    account TEXT NOT NULL,
    access_index INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (message_number, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence_export (
    access_index INTEGER NOT NULL,
    aid TEXT NOT NULL,
    PRIMARY KEY (access_index, aid)
) STRICT, WITHOUT ROWID;
