-- People in messages as keyed tags, legal holds, disposals, requests of people.

-- name: add_subject_tag
-- What a person in a message can be found by.
INSERT OR IGNORE INTO subject_tag (kind, tag, number, person, role)
VALUES (?, ?, ?, ?, ?);

-- name: drop_subject_tags
-- A message is erased.
DELETE FROM subject_tag WHERE number = ?;

-- name: subject_tags
-- What the people of a message can be found by.
SELECT kind, tag, person, role FROM subject_tag
WHERE number = ?;

-- name: tagged
-- Newest messages with a tag.
SELECT number, person, role FROM subject_tag
WHERE kind = ? AND tag = ? ORDER BY number DESC, person DESC LIMIT ?;

-- name: unsearchable
-- Messages kept from before there were tags.
SELECT COUNT(*) FROM message
WHERE number <= (SELECT number FROM subject_since) AND state <> 'erased';

-- name: first_entry_of_case
-- The first entry about a message of a case.
SELECT min(log_index) FROM message WHERE case_id = ? AND case_id <> '';

-- name: holds
-- Every legal hold.
SELECT hold_id, scope, target, tags, held_by, reason, since, review_on
FROM legal_hold ORDER BY since, hold_id;

-- name: add_hold
-- A new legal hold.
INSERT INTO legal_hold
(hold_id, scope, target, tags, held_by, reason, since, review_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: drop_hold
-- It is lifted.
DELETE FROM legal_hold WHERE hold_id = ?;

-- name: subject_requests
-- All requests of people, the first due first.
SELECT request_id, kind, via, reference, received_on, due_on, delay, delay_reason,
review_on, outcome, closed_on, entered_by, changed_by FROM subject_request
ORDER BY due_on, request_id;

-- name: open_subject_requests
-- Those that are open.
SELECT request_id, kind, via, reference, received_on, due_on, delay, delay_reason,
review_on, outcome, closed_on, entered_by, changed_by FROM subject_request
WHERE outcome = '' ORDER BY due_on, request_id;

-- name: subject_request
-- One request.
SELECT request_id, kind, via, reference, received_on, due_on, delay, delay_reason,
review_on, outcome, closed_on, entered_by, changed_by FROM subject_request WHERE request_id = ?;

-- name: put_subject_request
-- A request, new or changed.
INSERT OR REPLACE INTO subject_request
(request_id, kind, via, reference, received_on, due_on, delay, delay_reason,
review_on, outcome, closed_on, entered_by, changed_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: count_subject_requests
-- How full the register is.
SELECT COUNT(*) FROM subject_request;

-- name: disposals
-- What was erased of a case.
SELECT number, case_id, rule, basis, erased_at, messages, items, evidence_files
FROM disposal WHERE case_id = ? ORDER BY number;

-- name: add_disposal
-- Messages of a case were erased.
INSERT INTO disposal
(case_id, rule, basis, erased_at, messages, items, evidence_files)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: drop_disposals
-- Nothing is left of a case.
DELETE FROM disposal WHERE case_id = ?;

-- name: case_review
-- When a case was last looked at.
SELECT reviewed_at FROM case_review WHERE case_id = ?;

-- name: put_case_review
-- It was looked at.
INSERT OR REPLACE INTO case_review (case_id, reviewed_at) VALUES (?, ?);

-- name: drop_case_review
-- Nothing is left of a case.
DELETE FROM case_review WHERE case_id = ?;
