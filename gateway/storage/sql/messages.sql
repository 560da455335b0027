-- Messages of both boxes and what belongs to one message.

-- name: message
-- One message by its id.
SELECT * FROM message WHERE id = ?;

-- name: has_message
-- Whether an id is taken.
SELECT 1 FROM message WHERE id = ?;

-- name: messages
-- Many messages by id.
SELECT * FROM message WHERE id IN (SELECT value FROM json_each(?));

-- name: sealed
-- Sealed bytes of some messages.
SELECT number, envelope, archived_key, draft FROM sealed
WHERE number IN (SELECT value FROM json_each(?));

-- name: due
-- Messages to offer a peer now: urgent first, then oldest. The index is named, for
-- without statistics the engine would rather find all that is due and sort it.
SELECT * FROM message INDEXED BY message_offered
WHERE peer = ? AND offer_rank IS NOT NULL AND next_attempt_at <= ?
ORDER BY offer_rank, number LIMIT ?;

-- name: unchecked
-- Messages received and not validated yet.
SELECT * FROM message WHERE check_state = 'waiting' ORDER BY number LIMIT ?;

-- name: past_expiry
-- Messages whose last moment has passed.
SELECT * FROM message
WHERE state IN ('held', 'queued') AND expires_at > 0 AND expires_at < ?
ORDER BY expires_at LIMIT ?;

-- name: held
-- Messages that wait to be sealed, and for no person.
SELECT id FROM message
WHERE peer = ? AND box = 'out' AND state = 'held' AND hold_reason <> 'approval'
ORDER BY accepted_at, number LIMIT ?;

-- name: oldest_queued_at
-- When the oldest queued message of a peer was accepted.
SELECT accepted_at FROM message
WHERE peer = ? AND box = 'out' AND state = 'queued'
ORDER BY accepted_at, number LIMIT 1;

-- name: next_due_at
-- When the first message may be offered.
SELECT next_attempt_at FROM message
WHERE peer = ? AND offer_rank IS NOT NULL ORDER BY next_attempt_at LIMIT 1;

-- name: make_due
-- The operator's "try now", for all peers or one.
UPDATE message SET next_attempt_at = 0
WHERE offer_rank IS NOT NULL AND next_attempt_at > 0 AND is_leased = 0
AND state = 'queued' AND peer IN (SELECT value FROM json_each(?));

-- name: release_leases
-- Messages that a process which is gone had claimed.
UPDATE message SET next_attempt_at = 0, is_leased = 0 WHERE is_leased = 1;

-- name: restart_checks
-- Checks that a process which is gone had begun.
UPDATE message SET check_state = 'waiting' WHERE check_state = 'begun';

-- name: add_message
-- A new message.
INSERT INTO message VALUES (
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?
);

-- name: set_progress
-- What an attempt or a change of state touches.
UPDATE message SET state = ?, updated_at = ?, attempts = ?, next_attempt_at = ?,
    last_code = ?, unknown_attempts = ?, is_leased = ?, offer_rank = ?
WHERE number = ?;

-- name: set_attempt
-- What an attempt touches that leaves the state alone.
UPDATE message SET attempts = ?, next_attempt_at = ?, last_code = ?,
    unknown_attempts = ?, is_leased = ?
WHERE number = ?;

-- name: set_check
-- What validation and opening touch.
UPDATE message SET problems = ?, check_state = ?, opened_index = ? WHERE number = ?;

-- name: set_pending
-- What waiting for evidence files touches.
UPDATE message SET attachments = ?, attachment_bytes = ?, pending_until = ?
WHERE number = ?;

-- name: set_index
-- What is known of a message once it was opened.
UPDATE message SET msg_type = ?, case_id = ?, case_seq = ?, urgency = ?,
    in_reply_to = ?, sender_ref = ?, recipient_ref = ?
WHERE number = ?;

-- name: set_seal
-- What sealing a held message touches.
UPDATE message SET expires_at = ?, digest = ?, content_digest = ?, size_bytes = ?,
    seq = ?, log_index = ?, hold_reason = ?
WHERE number = ?;

-- name: put_sealed
-- Sealed bytes of a message, new or in place of its draft.
INSERT INTO sealed (number, envelope, archived_key, draft) VALUES (?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET envelope = excluded.envelope,
    archived_key = excluded.archived_key, draft = excluded.draft;

-- name: add_proof
-- A leaf of a peer's log about a message; the first of its role stays.
INSERT INTO proof (message_id, peer, role, origin, size, leaf_index, leaf, path)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (message_id, peer, role) DO NOTHING;

-- name: proofs
-- Everything a peer's log shows about a message, with the checkpoints.
SELECT p.role, p.origin, p.leaf_index, p.leaf, p.path, c.note
FROM proof AS p
JOIN peer_checkpoint AS c ON c.origin = p.origin AND c.size = p.size
WHERE p.message_id = ? ORDER BY p.number;

-- name: add_refusal
-- A message refused for good.
INSERT INTO refusal (peer, message_id, digest, log_index, code) VALUES (?, ?, ?, ?, ?);

-- name: refusals
-- What was refused of a peer under some ids.
SELECT message_id, digest, log_index, code FROM refusal
WHERE peer = ? AND message_id IN (SELECT value FROM json_each(?));

-- name: used_key
-- What an idempotency key led to.
SELECT request_digest, message_id, state, log_index FROM used_key
WHERE submitter = ? AND idempotency_key = ?;

-- name: add_used_key
-- First use of an idempotency key.
INSERT INTO used_key
    (submitter, idempotency_key, request_digest, message_id, state, log_index)
VALUES (?, ?, ?, ?, ?, ?);

-- name: case_head
-- End of our messages in a case with a peer.
SELECT case_seq, digest, opener FROM case_head WHERE case_id = ? AND peer = ?;

-- name: put_case_head
-- Move the end of our messages in a case.
INSERT INTO case_head (case_id, peer, case_seq, digest, opener) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (case_id, peer) DO UPDATE
SET case_seq = excluded.case_seq, digest = excluded.digest, opener = excluded.opener;

-- name: add_count
-- Count messages in or out of a state.
INSERT INTO message_count (peer, box, state, count) VALUES (?, ?, ?, ?)
ON CONFLICT (peer, box, state) DO UPDATE SET count = count + excluded.count;

-- name: counts
-- How many messages of all peers are in which state.
SELECT peer, box, state, count FROM message_count;

-- name: counts_of
-- How many messages of a peer are in which state.
SELECT peer, box, state, count FROM message_count WHERE peer = ?;

-- name: add_change
-- A step of the change feed.
INSERT INTO change (cursor, at, box, message_id, peer, state, log_index)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: changes
-- The change feed after a cursor.
SELECT cursor, at, box, message_id, peer, state, log_index FROM change
WHERE cursor > ? ORDER BY cursor LIMIT ?;

-- name: oldest_changes
-- The oldest steps of the feed, to see how many are too old.
SELECT cursor, at FROM change ORDER BY cursor LIMIT ?;

-- name: drop_changes
-- Forget the oldest steps of the feed.
DELETE FROM change WHERE cursor <= ?;
