-- What is owed between us and a peer. Each goes along one index and stops at its limit.

-- name: owed_offers
-- Messages of a rank that a peer has not answered finally.
SELECT number, id, updated_at, log_index FROM message INDEXED BY message_offered
WHERE peer = ? AND offer_rank = ? AND number > ? AND updated_at <= ?
ORDER BY number LIMIT ?;

-- name: owed_witnesses
-- Receipts beyond the size up to which somebody else speaks for the peer's log.
SELECT p.leaf_index, m.id, m.updated_at, m.log_index
FROM proof AS p INDEXED BY proof_by_leaf JOIN message AS m ON m.id = p.message_id
WHERE p.origin = :origin AND p.role = 'receipt' AND p.leaf_index >= :covered
AND p.leaf_index > :after AND m.peer = :peer
AND m.updated_at <= CASE m.priority WHEN 'urgent' THEN :urgent ELSE :routine END
ORDER BY p.leaf_index LIMIT :limit;

-- name: owed_evidence
-- Messages whose files are still coming; there are few of them.
SELECT number, id, updated_at, log_index FROM message INDEXED BY message_by_peer
WHERE peer = :peer AND box = 'in' AND state = 'pending' AND number > :after
AND updated_at <= CASE priority WHEN 'urgent' THEN :urgent ELSE :routine END
ORDER BY number LIMIT :limit;

-- name: owed_receipts
-- Messages received by an entry that the peer has not seen our log reach.
SELECT log_index, id, updated_at, log_index FROM message INDEXED BY message_by_entry
WHERE peer = :peer AND box = 'in' AND log_index >= :seen AND log_index > :after
AND state NOT IN ('pending', 'expired')
AND updated_at <= CASE priority WHEN 'urgent' THEN :urgent ELSE :routine END
ORDER BY log_index LIMIT :limit;

-- name: owed_events
-- Events that the peer has not acknowledged.
SELECT e.log_index, m.id, m.updated_at, e.log_index
FROM outbound_event AS e JOIN message AS m ON m.id = e.message_id
WHERE e.peer = :peer AND e.log_index > :after
AND m.updated_at <= CASE m.priority WHEN 'urgent' THEN :urgent ELSE :routine END
ORDER BY e.log_index LIMIT :limit;
