-- Erasing messages, pruning the log, and rings of disclosures.

-- name: ring_key
-- The ring of a quarter or case.
SELECT key_id, ring FROM disclosure_ring WHERE scope = ?;

-- name: add_ring_key
-- First disclosure of a quarter or case.
INSERT INTO disclosure_ring (scope, ring) VALUES (?, ?);

-- name: drop_ring_key
-- The ring of a scope is destroyed, or gone.
DELETE FROM disclosure_ring WHERE scope = ?;

-- name: rings
-- Every ring that is in use.
SELECT ring FROM disclosure_ring;

-- name: old_ring_keys
-- Wrapped keys that lie in the database since an older version.
SELECT key_id, scope, wrapped FROM disclosure_key ORDER BY key_id;

-- name: keep_ring_key
-- A ring whose key was moved out of the database.
INSERT INTO disclosure_ring (key_id, scope, ring) VALUES (?, ?, ?);

-- name: drop_old_ring_keys
-- All keys were moved.
DELETE FROM disclosure_key;

-- name: case_disclosures
-- Case data beside the entries about a message.
SELECT COUNT(*) FROM audit_entry AS e CROSS JOIN audit_disclosure AS d ON d.i = e.i
WHERE e.message_id = ? AND e.message_id <> '' AND d.ring = 'case';

-- name: drop_case_disclosures
-- Case data of a message goes.
DELETE FROM audit_disclosure WHERE ring = 'case' AND i IN (
    SELECT i FROM audit_entry WHERE message_id = ? AND message_id <> ''
);

-- name: case_in_use
-- Whether a message is of a case.
SELECT 1 FROM message WHERE case_id = ? AND case_id <> '' LIMIT 1;

-- name: drop_past_disclosures
-- What entries of logs before this one disclosed of a case.
DELETE FROM past_disclosure
WHERE key_id = (SELECT key_id FROM disclosure_ring WHERE scope = ?);

-- name: drop_case_heads
-- A case of which no message is left.
DELETE FROM case_head WHERE case_id = ?;

-- name: drop_grants_of
-- Nobody may fetch the files of a message any more.
DELETE FROM evidence_grant WHERE message_number = ?;

-- name: drop_used_upload
-- The upload that an attachment was made of.
DELETE FROM upload WHERE aid = ? AND state = 'used';

-- name: used_keys_of
-- Idempotency keys that led to a message.
SELECT submitter, idempotency_key FROM used_key WHERE message_id = ?;

-- name: blind_used_key
-- An idempotency key that can only be compared from now on.
UPDATE used_key SET idempotency_key = ?, request_digest = ''
WHERE submitter = ? AND idempotency_key = ?;

-- name: set_key
-- The submitter's own key of a message.
UPDATE message SET idempotency_key = ? WHERE number = ?;

-- name: note_removal
-- Something was removed: the file is to be written anew.
UPDATE node_state SET removals = removals + 1 WHERE id = 1;

-- name: removals
-- Whether the file was written anew since the last removal.
SELECT removals, compacted FROM node_state WHERE id = 1;

-- name: set_compacted
-- The file was written anew after so many removals.
UPDATE node_state SET compacted = ? WHERE id = 1;

-- name: minimum
-- Minimum index of the log.
SELECT coalesce(max(minimum), 0) FROM audit_prune;

-- name: add_minimum
-- The minimum that an entry states.
INSERT INTO audit_prune (i, minimum) VALUES (?, ?);

-- name: first_event
-- First entry that a peer is still to be told of.
SELECT min(log_index) FROM outbound_event;

-- name: count_pruned_entries
-- Entries that pruning removes the bytes of.
SELECT COUNT(*) FROM audit_entry
WHERE i >= ? AND i < ? AND data IS NOT NULL AND is_pruned_kind(kind);

-- name: count_pruned_disclosures
-- Disclosures that pruning removes.
SELECT COUNT(*) FROM audit_disclosure WHERE i < ?;

-- name: prune_entries
-- Only the hash of these entries stays.
UPDATE audit_entry SET data = NULL
WHERE i >= ? AND i < ? AND data IS NOT NULL AND is_pruned_kind(kind);

-- name: prune_disclosures
-- What stood beside entries below the minimum.
DELETE FROM audit_disclosure WHERE i < ?;

-- name: unused_duty_rings
-- Rings of quarters before one that seal nothing any more.
SELECT k.scope, k.ring FROM disclosure_ring AS k
WHERE k.scope >= 'duty:' AND k.scope < ?
AND NOT EXISTS (SELECT 1 FROM audit_disclosure AS d WHERE d.key_id = k.key_id)
AND NOT EXISTS (SELECT 1 FROM past_disclosure AS p WHERE p.key_id = k.key_id);
