-- Making our log whole again, with the node stopped; all of it in one transaction.

-- name: log_triggers
-- What keeps the log append-only, to be taken off and put back.
SELECT name, sql FROM sqlite_schema
WHERE type = 'trigger'
AND (tbl_name LIKE 'audit\_%' ESCAPE '\' OR tbl_name = 'tsa_stamp') ORDER BY name;

-- name: entries_beyond
-- Entries from a place on, as far as they are there.
SELECT i, leaf, data, kind, message_id FROM audit_entry WHERE i >= ? ORDER BY i;

-- name: cut_entries
-- Take the end of the log off.
DELETE FROM audit_entry WHERE i >= ?;

-- name: cut_disclosures
-- Take off what those entries disclosed.
DELETE FROM audit_disclosure WHERE i >= ?;

-- name: cut_minima
-- Take off the minima that those entries stated.
DELETE FROM audit_prune WHERE i >= ?;

-- name: cut_tiles
-- Full tiles are made anew from the entries.
DELETE FROM audit_tile;

-- name: cut_head
-- Where the log goes on from.
UPDATE audit_head SET size = ?, last_leaf = ?, last_at = ?, frontier = ? WHERE id = 1;

-- name: add_tile_again
-- A full tile of the entries that stay.
INSERT INTO audit_tile (level, tile, hashes, root) VALUES (?, ?, ?, ?);

-- name: checkpoints_beyond
-- Checkpoints that were signed over what was taken off.
SELECT size, root, note, at FROM audit_checkpoint WHERE size > ? ORDER BY size;

-- name: disown_checkpoint
-- Keep a checkpoint that the log does not have any more.
INSERT INTO disowned_checkpoint (size, root, note, at) VALUES (?, ?, ?, ?);

-- name: cut_checkpoints
-- Take checkpoints off; those of the log come back.
DELETE FROM audit_checkpoint WHERE size > ?;

-- name: end_recovery
-- Nothing is missing any more.
DELETE FROM recovery_note;

-- name: sent_before
-- The running number that a message got before the place where the logs part.
SELECT data FROM audit_entry
WHERE message_id = ? AND kind = 'msg.send' AND i < ? ORDER BY i LIMIT 1;

-- name: moved_messages
-- Messages that name an entry beyond a place.
SELECT number, log_index, opened_index FROM message
WHERE log_index >= :first OR opened_index >= :first;

-- name: move_message
-- Let a message name its entries where they are now.
UPDATE message SET log_index = ?, opened_index = ? WHERE number = ?;

-- name: renumber_message
-- Give a message another running number.
UPDATE message SET seq = ? WHERE id = ? AND box = 'out';

-- name: moved_refusals
-- Refusals that name an entry beyond a place.
SELECT log_index, peer, message_id, digest FROM refusal WHERE log_index >= ?;

-- name: move_refusal
-- Let a refusal name its entry where it is now.
UPDATE refusal SET log_index = ? WHERE peer = ? AND message_id = ? AND digest = ?;

-- name: moved_keys
-- Uses of idempotency keys that name an entry beyond a place.
SELECT log_index, submitter, idempotency_key FROM used_key WHERE log_index >= ?;

-- name: move_key
-- Let the use of an idempotency key name its entry where it is now.
UPDATE used_key SET log_index = ? WHERE submitter = ? AND idempotency_key = ?;

-- name: moved_changes
-- Steps of the feed that name an entry beyond a place.
SELECT log_index, cursor FROM change WHERE log_index >= ?;

-- name: move_change
-- Let a step of the feed name its entry where it is now.
UPDATE change SET log_index = ? WHERE cursor = ?;

-- name: moved_events
-- Events that name an entry beyond a place.
SELECT log_index, peer, message_id FROM outbound_event WHERE log_index >= ?;

-- name: cut_events
-- Events are put back under the entries where they are now.
DELETE FROM outbound_event WHERE log_index >= ?;

-- name: moved_grants
-- Openings beyond a place under which files may be fetched.
SELECT access_index, message_number, account FROM evidence_grant
WHERE access_index >= ?;

-- name: move_grant
-- Let a right to fetch name the opening where it is now.
UPDATE evidence_grant SET access_index = ? WHERE message_number = ? AND account = ?;

-- name: moved_exports
-- Files that were fetched under an opening beyond a place.
SELECT access_index, aid FROM evidence_export WHERE access_index >= ?;

-- name: cut_exports
-- They are put back under the openings where they are now.
DELETE FROM evidence_export WHERE access_index >= ?;

-- name: cut_stamps
-- Time stamps of checkpoints that the log does not have any more.
DELETE FROM tsa_stamp WHERE size > ?;

-- name: moved_stamps
-- Time stamps whose entry lies beyond a place.
SELECT i, size FROM tsa_stamp WHERE i >= ?;

-- name: move_stamp
-- Let a time stamp name its entry where it is now.
UPDATE tsa_stamp SET i = ? WHERE size = ?;

-- name: cut_rounds
-- Rounds of checkpoints that the log does not have any more.
DELETE FROM audit_round WHERE size > ?;

-- name: cut_cosignatures
-- What witnesses said of them.
DELETE FROM audit_cosignature WHERE size > ?;
