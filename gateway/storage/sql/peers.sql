-- Exchange with the peers, and the counters of the node.

-- name: peer
-- Counters and times of a peer.
SELECT peer, accepted, last_seq, highest_seq, failures, retry_at, last_error,
    last_contact_at, known_seen_size, card_number_acknowledged
FROM peer WHERE peer = ?;

-- name: put_peer
-- Store the counters and times of a peer.
INSERT INTO peer (peer, accepted, last_seq, highest_seq, failures, retry_at, last_error,
    last_contact_at, known_seen_size, card_number_acknowledged)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (peer) DO UPDATE SET accepted = excluded.accepted,
    last_seq = excluded.last_seq, highest_seq = excluded.highest_seq,
    failures = excluded.failures, retry_at = excluded.retry_at,
    last_error = excluded.last_error, last_contact_at = excluded.last_contact_at,
    known_seen_size = excluded.known_seen_size,
    card_number_acknowledged = excluded.card_number_acknowledged;

-- name: peer_names
-- All peers that messages were ever exchanged with.
SELECT peer FROM peer;

-- name: accepted_of_all
-- Messages ever accepted, for all peers.
SELECT coalesce(sum(accepted), 0) FROM peer;

-- name: clear_back_off
-- Let all peers be tried at once, or one.
UPDATE peer SET failures = 0, retry_at = 0
WHERE peer IN (SELECT value FROM json_each(?));

-- name: range_before
-- The range a running number lies in, or the last one before it.
SELECT first, last, since FROM seq_range
WHERE peer = ? AND kind = ? AND first <= ? ORDER BY first DESC LIMIT 1;

-- name: ranges
-- Ranges of running numbers.
SELECT first, last, since FROM seq_range
WHERE peer = ? AND kind = ? AND first >= ? ORDER BY first LIMIT ?;

-- name: put_range
-- Store a range of running numbers.
INSERT INTO seq_range (peer, kind, first, last, since) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (peer, kind, first) DO UPDATE
SET last = excluded.last, since = excluded.since;

-- name: drop_range
-- Remove a range of running numbers.
DELETE FROM seq_range WHERE peer = ? AND kind = ? AND first = ?;

-- name: add_event
-- An event that a peer is to be told of.
INSERT INTO outbound_event (peer, log_index, message_id) VALUES (?, ?, ?);

-- name: events
-- Events that a peer has still to be told of.
SELECT message_id, log_index FROM outbound_event
WHERE peer = ? ORDER BY log_index LIMIT ?;

-- name: drop_event
-- A peer has acknowledged an event.
DELETE FROM outbound_event WHERE peer = ? AND log_index = ?;

-- name: counters
-- Last numbers given to messages and changes.
SELECT last_message, last_change FROM node_state WHERE id = 1;

-- name: set_counters
-- Store the last numbers given.
UPDATE node_state SET last_message = ?, last_change = ? WHERE id = 1;

-- name: probe
-- A write, to see that writing works.
UPDATE node_state SET probes = probes + 1 WHERE id = 1;

-- name: schema_tables
-- Whether the database has a layout at all.
SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version';

-- name: create_schema_version
-- Which migrations were applied.
CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT;

-- name: schema_version
-- The newest migration that was applied.
SELECT coalesce(max(version), 0) FROM schema_version;

-- name: add_schema_version
-- A migration was applied.
INSERT INTO schema_version (version) VALUES (?);
