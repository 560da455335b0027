-- Approvals: what waits for a second person.

-- name: approval
-- An approval by its number.
SELECT number, kind, subject, case_id, message_id, peer, detail, asked_by, asked_for,
asked_at, log_index, expires_at, state, decided_by, decided_at, decision_index,
is_override
FROM approval WHERE number = ?;

-- name: open_approval
-- What an account waits for, or may do, about a subject.
SELECT number, kind, subject, case_id, message_id, peer, detail, asked_by, asked_for,
asked_at, log_index, expires_at, state, decided_by, decided_at, decision_index,
is_override
FROM approval WHERE kind = ? AND subject = ? AND asked_by = ?
AND state IN ('waiting', 'approved');

-- name: open_approvals_of
-- What waits or is granted about a message.
SELECT number, kind, subject, case_id, message_id, peer, detail, asked_by, asked_for,
asked_at, log_index, expires_at, state, decided_by, decided_at, decision_index,
is_override
FROM approval INDEXED BY approval_by_message
WHERE message_id = ? AND message_id <> '' AND state IN ('waiting', 'approved')
ORDER BY number;

-- name: open_approvals_of_case
-- What waits or is granted about a case.
SELECT number, kind, subject, case_id, message_id, peer, detail, asked_by, asked_for,
asked_at, log_index, expires_at, state, decided_by, decided_at, decision_index,
is_override
FROM approval INDEXED BY approval_of_case
WHERE case_id = ? AND case_id <> '' AND state IN ('waiting', 'approved')
ORDER BY number;

-- name: late_approvals
-- Those whose time has passed.
SELECT number, kind, subject, case_id, message_id, peer, detail, asked_by, asked_for,
asked_at, log_index, expires_at, state, decided_by, decided_at, decision_index,
is_override
FROM approval INDEXED BY approval_due
WHERE expires_at < ? AND state IN ('waiting', 'approved')
ORDER BY expires_at, number LIMIT ?;

-- name: approvals
-- A page of approvals, newest first.
SELECT number, kind, subject, case_id, message_id, peer, detail, asked_by, asked_for,
asked_at, log_index, expires_at, state, decided_by, decided_at, decision_index,
is_override
FROM approval WHERE number < :before
AND (:state = '' OR state = :state)
AND (:kind = '' OR kind = :kind)
AND (:case_id = '' OR case_id = :case_id)
AND (:message_id = '' OR message_id = :message_id)
ORDER BY number DESC LIMIT :limit;

-- name: open_approval_counts
-- How many wait for a decision.
SELECT kind, count(*) FROM approval INDEXED BY approval_due
WHERE state IN ('waiting', 'approved') AND state = 'waiting' GROUP BY kind;

-- name: add_approval
-- A new request.
INSERT INTO approval (kind, subject, case_id, message_id, peer, detail, asked_by,
asked_for, asked_at, log_index, expires_at, state, decided_by, decided_at,
decision_index, is_override)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_approval
-- What happens to it later.
UPDATE approval SET expires_at = ?, state = ?, decided_by = ?, decided_at = ?,
decision_index = ?, is_override = ? WHERE number = ?;

-- name: blank_approvals_of
-- The message is erased: what it was about goes, that somebody decided stays.
UPDATE approval INDEXED BY approval_of_message
SET case_id = '', detail = '',
    subject = CASE WHEN subject = message_id THEN subject ELSE '' END
WHERE message_id = ? AND message_id <> '';

-- name: blank_approvals_of_case
-- Nothing is left of the case.
UPDATE approval INDEXED BY approval_of_case
SET case_id = '', detail = '',
    subject = CASE WHEN subject = message_id THEN subject ELSE '' END
WHERE case_id = ? AND case_id <> '';
