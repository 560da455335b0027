-- Rows as they are, for checks of the store against itself.

-- name: checked_tiles
-- Full tiles of one level with the roots beside them.
SELECT tile, hashes, root FROM audit_tile
WHERE level = ? AND tile IN (SELECT value FROM json_each(?));

-- name: checkpoints_between
-- Checkpoints signed for a size within a page.
SELECT size, root, note, at FROM audit_checkpoint
WHERE size > ? AND size <= ? ORDER BY size;

-- name: strays
-- Entries of a page about messages of which there is nothing.
SELECT i, message_id FROM audit_entry AS e
WHERE i >= ? AND i < ? AND message_id <> ''
AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.id = e.message_id)
AND NOT EXISTS (SELECT 1 FROM refusal AS r WHERE r.message_id = e.message_id)
AND NOT EXISTS (
    SELECT 1 FROM audit_entry AS x
    WHERE x.message_id = e.message_id AND x.message_id <> ''
    AND x.kind IN ('msg.erase', 'msg.lost')
)
ORDER BY i;

-- name: bare_messages
-- Messages in the order in which they were stored.
SELECT number, id, box, peer, state, digest, seq, log_index, opened_index
FROM message WHERE number > ? ORDER BY number LIMIT ?;

-- name: bare_messages_of
-- Messages by id.
SELECT number, id, box, peer, state, digest, seq, log_index, opened_index
FROM message WHERE id IN (SELECT value FROM json_each(?));

-- name: entries_of
-- Entries that can have changed a message's state. A quotation mark inside a text of
-- canonical JSON has a backslash before it, so the name of a field is found exactly.
SELECT message_id, i, kind, data FROM audit_entry
WHERE message_id IN (SELECT value FROM json_each(?)) AND message_id <> ''
AND kind NOT IN ('msg.access', 'msg.check', 'msg.export')
AND (kind <> 'msg.reject' OR data IS NULL OR instr(data, CAST('"ref":' AS BLOB)) > 0)
ORDER BY i;

-- name: first_opening_of
-- The first opening of a message by a person that succeeded.
SELECT i, kind, data FROM audit_entry INDEXED BY audit_entry_by_message
WHERE message_id = ? AND message_id <> '' AND kind = 'msg.access'
AND (data IS NULL OR instr(data, CAST('"res":' AS BLOB)) = 0)
ORDER BY i LIMIT 1;

-- name: proofs_of
-- Proofs of messages with the checkpoints they lie under.
SELECT p.message_id, p.role, p.origin, p.size, p.leaf_index, p.leaf, p.path, c.note
FROM proof AS p
LEFT JOIN peer_checkpoint AS c ON c.origin = p.origin AND c.size = p.size
WHERE p.message_id IN (SELECT value FROM json_each(?)) ORDER BY p.number;

-- name: kept_counts
-- Counters of messages.
SELECT peer, box, state, count FROM message_count WHERE count <> 0;

-- name: found_counts
-- Rows of messages, counted along an index that holds all that is asked.
SELECT peer, box, state, count(*) FROM message INDEXED BY message_by_peer
GROUP BY peer, box, state;

-- name: accepted_counts
-- Messages ever accepted, by peer.
SELECT peer, accepted FROM peer;

-- name: unlogged_refusals
-- Refusals whose entry is not in the log.
SELECT message_id FROM refusal AS r WHERE NOT EXISTS (
    SELECT 1 FROM audit_entry AS e
    WHERE e.i = r.log_index AND e.kind = 'msg.reject' AND e.message_id = r.message_id
) LIMIT ?;
