-- The first layout. Applied in one transaction; later ones are added as new files.

-- Our audit log. One log to a database; entries and tiles are written once.

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    last_leaf BLOB NOT NULL,
    last_at INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT;

CREATE TABLE audit_entry (
    i INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    data BLOB,
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL
) STRICT;

CREATE INDEX audit_entry_by_message ON audit_entry (message_id, i)
    WHERE message_id <> '';
CREATE INDEX audit_entry_by_kind ON audit_entry (kind, i)
    WHERE message_id = '';

CREATE TABLE audit_tile (
    level INTEGER NOT NULL,
    tile INTEGER NOT NULL,
    hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
    root BLOB NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (level, tile)
) STRICT;

CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE disclosure_key (
    key_id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL UNIQUE,
    wrapped BLOB NOT NULL
) STRICT;

CREATE TABLE audit_disclosure (
    i INTEGER NOT NULL,
    digest TEXT NOT NULL,
    ring TEXT NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (i, digest)
) STRICT, WITHOUT ROWID;

-- Not security (who can write the file can drop a trigger), but no slip of ours can
-- rewrite the log.
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_entry_is_fixed BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_tile_is_kept BEFORE DELETE ON audit_tile
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_tile_is_fixed BEFORE UPDATE ON audit_tile
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoint_is_kept BEFORE DELETE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'signed checkpoints are kept'); END;
CREATE TRIGGER audit_checkpoint_is_fixed BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'signed checkpoints are kept'); END;
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
WHEN NEW.size < OLD.size OR NEW.origin <> OLD.origin
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_is_kept BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- What is held of the peers' logs.

CREATE TABLE peer_log (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    authority TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL
) STRICT;

CREATE INDEX peer_log_by_authority ON peer_log (authority, number);

CREATE TABLE peer_checkpoint (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL,
    UNIQUE (origin, size)
) STRICT;

-- Messages of both boxes. `offer_rank` is set while a peer is to be offered the
-- message: 0 urgent, 1 routine.

CREATE TABLE message (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    box TEXT NOT NULL,
    peer TEXT NOT NULL,
    state TEXT NOT NULL,
    priority TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    digest TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    msg_type TEXT NOT NULL,
    case_id TEXT NOT NULL,
    case_seq INTEGER NOT NULL,
    urgency TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,
    sender_ref TEXT NOT NULL,
    recipient_ref TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_code TEXT NOT NULL,
    hold_reason TEXT NOT NULL,
    problems INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    unknown_attempts INTEGER NOT NULL,
    is_leased INTEGER NOT NULL,
    check_state TEXT NOT NULL,
    opened_index INTEGER NOT NULL,
    offer_rank INTEGER
) STRICT;

CREATE INDEX message_by_time ON message (accepted_at, number);
CREATE INDEX message_by_state ON message (box, state, accepted_at, number);
CREATE INDEX message_by_peer ON message (peer, box, state, accepted_at, number);
CREATE INDEX message_by_case ON message (case_id, accepted_at, number)
    WHERE case_id <> '';
CREATE INDEX message_by_type ON message (msg_type, accepted_at, number)
    WHERE msg_type <> '';
CREATE INDEX message_by_sender_ref ON message (sender_ref, accepted_at, number)
    WHERE sender_ref <> '';
CREATE INDEX message_by_key ON message (idempotency_key, accepted_at, number)
    WHERE idempotency_key <> '';
CREATE INDEX message_offered ON message (peer, offer_rank, number, next_attempt_at)
    WHERE offer_rank IS NOT NULL;
CREATE INDEX message_by_attempt ON message (peer, next_attempt_at)
    WHERE offer_rank IS NOT NULL;
CREATE INDEX message_leased ON message (number) WHERE is_leased = 1;
CREATE INDEX message_unchecked ON message (number) WHERE check_state = 'waiting';
CREATE INDEX message_being_checked ON message (number) WHERE check_state = 'begun';
CREATE INDEX message_by_expiry ON message (expires_at)
    WHERE state IN ('held', 'queued');

CREATE TABLE sealed (
    number INTEGER PRIMARY KEY,
    envelope BLOB NOT NULL,
    archived_key BLOB NOT NULL,
    draft BLOB NOT NULL
) STRICT;

CREATE TABLE proof (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    role TEXT NOT NULL,
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    path BLOB NOT NULL,
    UNIQUE (message_id, peer, role)
) STRICT;

CREATE TABLE refusal (
    peer TEXT NOT NULL,
    message_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (peer, message_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX refusal_by_message ON refusal (message_id);

CREATE TABLE used_key (
    submitter TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    PRIMARY KEY (submitter, idempotency_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE case_head (
    case_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    case_seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    opener TEXT NOT NULL,
    PRIMARY KEY (case_id, peer)
) STRICT, WITHOUT ROWID;

CREATE TABLE message_count (
    peer TEXT NOT NULL,
    box TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (peer, box, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    cursor INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    box TEXT NOT NULL,
    message_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    state TEXT NOT NULL,
    log_index INTEGER NOT NULL
) STRICT;

-- Exchange with the peers.

CREATE TABLE peer (
    peer TEXT PRIMARY KEY,
    accepted INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    highest_seq INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    last_contact_at INTEGER NOT NULL,
    known_seen_size INTEGER NOT NULL,
    card_number_acknowledged INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE seq_range (
    peer TEXT NOT NULL,
    kind TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (peer, kind, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbound_event (
    peer TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (peer, log_index)
) STRICT, WITHOUT ROWID;

-- Counters that must never be given twice, and the row that a probe writes.

CREATE TABLE node_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last_message INTEGER NOT NULL,
    last_change INTEGER NOT NULL,
    probes INTEGER NOT NULL
) STRICT;

INSERT INTO node_state (id, last_message, last_change, probes) VALUES (1, 0, 0, 0);
