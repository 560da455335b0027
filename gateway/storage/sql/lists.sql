-- Lists of messages: places in order by one index each, and what is let through of them.

-- name: list_all
-- The places in the list of all there are.
SELECT accepted_at, number FROM message
WHERE accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_state
-- The places in the list of one box and state.
SELECT accepted_at, number FROM message
WHERE box = :box AND state = :state
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_peer
-- The places in the list of one peer, box and state.
SELECT accepted_at, number FROM message
WHERE peer = :peer AND box = :box AND state = :state
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_id
-- The places of the ids between two. Few begin alike: they are found by id, then sorted.
SELECT accepted_at, number FROM message
WHERE id >= :id_from AND id < :id_to
AND +accepted_at >= :since AND (+accepted_at, +number) < (:at, :number)
ORDER BY +accepted_at DESC, +number DESC LIMIT :look;

-- name: list_by_case
-- The places in the list of a case.
SELECT accepted_at, number FROM message
WHERE case_id = :case_id AND case_id <> ''
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_type
-- The places in the list of a message type.
SELECT accepted_at, number FROM message
WHERE msg_type = :msg_type AND msg_type <> ''
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_sender_ref
-- The places in the list of a reference of the sender's.
SELECT accepted_at, number FROM message
WHERE sender_ref = :sender_ref AND sender_ref <> ''
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_key
-- The places in the list of an idempotency key, which several may have used.
SELECT accepted_at, number FROM message
WHERE idempotency_key = :idempotency_key AND idempotency_key <> ''
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_code
-- The places in the list of what failed last for one cause.
SELECT accepted_at, number FROM message
WHERE last_code = :code AND last_code <> ''
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_hold
-- The places in the list of what is held for one reason.
SELECT accepted_at, number FROM message
WHERE hold_reason = :code AND hold_reason <> ''
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: list_by_urgency
-- The places in the list of what is more than routine.
SELECT accepted_at, number FROM message
WHERE urgency = :urgency AND urgency <> '' AND urgency <> 'ROUTINE'
AND accepted_at >= :since AND (accepted_at, number) < (:at, :number)
ORDER BY accepted_at DESC, number DESC LIMIT :look;

-- name: numbered
-- Messages by number.
SELECT * FROM message WHERE number IN (SELECT value FROM json_each(?));

-- name: let_through
-- Of some messages those that the whole filter lets through.
SELECT * FROM message WHERE number IN (SELECT value FROM json_each(:numbers))
AND (:box = '' OR box = :box) AND (:peer = '' OR peer = :peer)
AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states)))
AND (:case_id = '' OR case_id = :case_id)
AND (:msg_type = '' OR msg_type = :msg_type)
AND (:urgency = '' OR urgency = :urgency)
AND (:code = '' OR last_code = :code OR hold_reason = :code)
AND (:id_from = '' OR (id >= :id_from AND id < :id_to))
AND (:sender_ref = '' OR sender_ref = :sender_ref)
AND (:idempotency_key = '' OR idempotency_key = :idempotency_key)
ORDER BY accepted_at DESC, number DESC LIMIT :limit;

-- name: causes
-- Why messages wait or have failed, and how many for which cause.
SELECT peer, state, code, count(*), min(accepted_at), max(updated_at) FROM (
    SELECT peer, state, accepted_at, updated_at,
    CASE last_code WHEN '' THEN hold_reason ELSE last_code END AS code
    FROM message INDEXED BY message_by_state
    WHERE box = 'out' AND state IN ('held', 'queued', 'refused', 'expired')
    AND accepted_at >= :since
    UNION ALL
    SELECT peer, state, accepted_at, updated_at, last_code
    FROM message INDEXED BY message_by_state
    WHERE box = 'in' AND state IN ('quarantined', 'expired') AND accepted_at >= :since
)
WHERE state <> 'queued' OR code <> ''
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT :limit;
