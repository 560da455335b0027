-- To whom cases are assigned, orders that wait for a second person, use of tokens.

-- name: assignment
-- To whom a case is assigned.
SELECT case_id, peer, unit, people, assigned_by, at, log_index
FROM assignment WHERE case_id = ? AND peer = ?;

-- name: assignments_of
-- To whom some cases are assigned.
SELECT case_id, peer, unit, people, assigned_by, at, log_index
FROM assignment WHERE case_id IN (SELECT value FROM json_each(?))
ORDER BY case_id, peer;

-- name: assignments_to
-- Cases of somebody who is named; asked for when they leave.
SELECT case_id, peer, unit, people, assigned_by, at, log_index
FROM assignment WHERE people <> '[]'
AND EXISTS (SELECT 1 FROM json_each(assignment.people) WHERE value = ?)
ORDER BY case_id, peer;

-- name: put_assignment
-- To whom a case goes now.
INSERT INTO assignment (case_id, peer, unit, people, assigned_by, at, log_index)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (case_id, peer) DO UPDATE SET unit = excluded.unit,
    people = excluded.people, assigned_by = excluded.assigned_by, at = excluded.at,
    log_index = excluded.log_index;

-- name: drop_assignment
-- Nothing is left of a case.
DELETE FROM assignment WHERE case_id = ? AND peer = ?;

-- name: order_of
-- What is done when an approval is granted.
SELECT body FROM approval_order WHERE number = ?;

-- name: put_order
-- The same, new.
INSERT INTO approval_order (number, body) VALUES (?, ?);

-- name: drop_order
-- It was done, or will not be.
DELETE FROM approval_order WHERE number = ?;

-- name: alarms_claimed_by
-- What somebody looks after.
SELECT number FROM alarm INDEXED BY alarm_by_holder
WHERE outcome = '' AND claimed_by = ? AND claimed_by <> '' ORDER BY number;

-- name: approvals_asked_by
-- What somebody waits for, or may do.
SELECT number FROM approval INDEXED BY approval_by_asker
WHERE state IN ('waiting', 'approved') AND asked_by = ? ORDER BY number;

-- name: pass_approval
-- Somebody else has asked for it now.
UPDATE approval SET asked_by = ? WHERE number = ?;

-- name: cases_read_by
-- Cases that somebody is named for.
SELECT case_id FROM case_reader WHERE name = ? ORDER BY case_id;

-- name: grants_of_account
-- Messages whose files somebody may fetch.
SELECT count(*) FROM evidence_grant WHERE account = ?;

-- name: drop_grants_of_account
-- They may no longer.
DELETE FROM evidence_grant WHERE account = ?;

-- name: token_uses
-- When tokens were last used.
SELECT account, label, at FROM token_use ORDER BY account, label;

-- name: put_token_use
-- A token was used.
INSERT INTO token_use (account, label, at) VALUES (?, ?, ?)
ON CONFLICT (account, label) DO UPDATE SET at = excluded.at;

-- name: drop_token_uses
-- The account is gone.
DELETE FROM token_use WHERE account = ?;
