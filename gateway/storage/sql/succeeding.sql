-- Beginning a new log where the end of the old one is lost, with the node stopped.

-- name: first_entries
-- Where each message came into the log.
SELECT message_id, min(i) FROM audit_entry
WHERE message_id <> '' GROUP BY message_id;

-- name: evidence_entries
-- Entries that are evidence of a message, up to what was signed.
SELECT i, kind, data, message_id FROM audit_entry
WHERE message_id <> '' AND i < ? AND data IS NOT NULL AND kind IN (
    'msg.send', 'msg.expire', 'msg.cancel', 'msg.receive', 'msg.reject', 'msg.access'
) ORDER BY i DESC;

-- name: all_messages
-- Every message, oldest first.
SELECT number, id, box, peer, state, digest, content_digest, seq, log_index,
    opened_index, offer_rank
FROM message ORDER BY number;

-- name: all_refusals
-- Everything that was refused for good.
SELECT peer, message_id, digest, code FROM refusal ORDER BY peer, message_id, digest;

-- name: all_events
-- Events that peers have still to be told of.
SELECT log_index, peer, message_id FROM outbound_event ORDER BY log_index;

-- name: all_changes
-- Steps of the feed.
SELECT log_index, cursor, message_id FROM change;

-- name: all_keys
-- Uses of idempotency keys.
SELECT log_index, submitter, idempotency_key, message_id FROM used_key;

-- name: keep_disclosures
-- Keep what the old log disclosed, sealed as it is.
INSERT INTO past_disclosure (origin, i, digest, ring, key_id, sealed)
SELECT ?, i, digest, ring, key_id, sealed FROM audit_disclosure WHERE i < ?;

-- name: past_disclosures
-- What an old log disclosed and was not erased.
SELECT p.i, p.digest, k.ring, p.sealed
FROM past_disclosure AS p JOIN disclosure_ring AS k ON k.key_id = p.key_id
WHERE p.origin = ? ORDER BY p.i, p.digest;

-- name: begin_head
-- A new log is empty.
UPDATE audit_head
SET origin = ?, size = 0, last_leaf = x'', last_at = 0, frontier = x'' WHERE id = 1;

-- name: drop_grants
-- Whoever opened a message opens it again under the new log.
DELETE FROM evidence_grant;

-- name: drop_exports
-- The same of what was fetched.
DELETE FROM evidence_export;

-- name: forget_seen
-- No peer has seen anything of the new log.
UPDATE peer SET known_seen_size = 0;

-- name: keep_stamps
-- Keep the time stamps of the old log.
INSERT INTO past_stamp (origin, size, text, response, authority, stamped_at,
    valid_until, i, at)
SELECT ?, size, text, response, authority, stamped_at, valid_until, i, at
FROM tsa_stamp;

-- name: past_stamps
-- Time stamps of an old log.
SELECT size, text, response FROM past_stamp WHERE origin = ? ORDER BY size;
