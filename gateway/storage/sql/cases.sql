-- Cases and the docket entries of their messages.

-- name: case_row
-- A case with a peer.
SELECT number, case_id, peer, opener, msg_type, opened_at, last_at, messages,
sender_ref, recipient_ref, urgency FROM case_row WHERE case_id = ? AND peer = ?;

-- name: cases_of
-- A case with each peer.
SELECT number, case_id, peer, opener, msg_type, opened_at, last_at, messages,
sender_ref, recipient_ref, urgency FROM case_row WHERE case_id = ? ORDER BY peer;

-- name: case_rows
-- A page of cases, newest first.
SELECT number, case_id, peer, opener, msg_type, opened_at, last_at, messages,
sender_ref, recipient_ref, urgency FROM case_row
WHERE number < :before AND last_at >= :since
AND (:msg_type = '' OR msg_type = :msg_type)
AND (:urgency = '' OR urgency = :urgency)
ORDER BY number DESC LIMIT :limit;

-- name: case_rows_of_peer
-- The same with one peer.
SELECT number, case_id, peer, opener, msg_type, opened_at, last_at, messages,
sender_ref, recipient_ref, urgency FROM case_row INDEXED BY case_by_peer
WHERE peer = :peer AND number < :before AND last_at >= :since
AND (:msg_type = '' OR msg_type = :msg_type)
AND (:urgency = '' OR urgency = :urgency)
ORDER BY number DESC LIMIT :limit;

-- name: add_case_row
-- A case nobody knew.
INSERT INTO case_row (case_id, peer, opener, msg_type, opened_at, last_at, messages,
sender_ref, recipient_ref, urgency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_case_row
-- What a further message changes.
UPDATE case_row SET opener = ?, msg_type = ?, opened_at = ?, last_at = ?, messages = ?,
sender_ref = ?, recipient_ref = ?, urgency = ? WHERE number = ?;

-- name: drop_case_row
-- A case of which nothing is kept.
DELETE FROM case_row WHERE case_id = ? AND peer = ?;

-- name: docket_entry
-- Docket entry of a message.
SELECT entry FROM docket WHERE number = ?;

-- name: docket_entries
-- What is kept of the messages of a case.
SELECT number, entry FROM docket WHERE case_id = ? ORDER BY number LIMIT ?;

-- name: add_docket_entry
-- The first one stays.
INSERT OR IGNORE INTO docket (number, case_id, entry) VALUES (?, ?, ?);

-- name: drop_docket_entry
-- With the message it goes.
DELETE FROM docket WHERE number = ?;
