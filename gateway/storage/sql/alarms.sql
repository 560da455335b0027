-- Alarms, and the emergency messages that want one.

-- name: alarm
-- An alarm by its number.
SELECT number, kind, subject, case_id, message_id, peer, owner, rule, due, lacking,
tells, raised_at, raised_by, log_index, lack_index, person, asked, asked_at, tell_at,
tries, claimed_by, claimed_at, resolved_by, resolved_at, outcome
FROM alarm WHERE number = ?;

-- name: alarm_of
-- The alarm about something.
SELECT number, kind, subject, case_id, message_id, peer, owner, rule, due, lacking,
tells, raised_at, raised_by, log_index, lack_index, person, asked, asked_at, tell_at,
tries, claimed_by, claimed_at, resolved_by, resolved_at, outcome
FROM alarm WHERE kind = ? AND subject = ?;

-- name: alarms
-- A page of alarms, newest first.
SELECT number, kind, subject, case_id, message_id, peer, owner, rule, due, lacking,
tells, raised_at, raised_by, log_index, lack_index, person, asked, asked_at, tell_at,
tries, claimed_by, claimed_at, resolved_by, resolved_at, outcome
FROM alarm WHERE number < :before
AND (:open = -1 OR (outcome = '') = :open)
AND (:kind = '' OR kind = :kind)
AND (:case_id = '' OR case_id = :case_id)
AND (:peer = '' OR peer = :peer)
ORDER BY number DESC LIMIT :limit;

-- name: open_alarms
-- Alarms that nobody has resolved, along their own index.
SELECT number, kind, subject, case_id, message_id, peer, owner, rule, due, lacking,
tells, raised_at, raised_by, log_index, lack_index, person, asked, asked_at, tell_at,
tries, claimed_by, claimed_at, resolved_by, resolved_at, outcome
FROM alarm INDEXED BY alarm_open WHERE outcome = '' AND number > ?
ORDER BY number LIMIT ?;

-- name: open_alarm_counts
-- How many are open.
SELECT kind, claimed_by <> '', count(*) FROM alarm INDEXED BY alarm_open
WHERE outcome = '' GROUP BY 1, 2;

-- name: add_alarm
-- An alarm nobody knew.
INSERT INTO alarm (kind, subject, case_id, message_id, peer, owner, rule, due, lacking,
tells, raised_at, raised_by, log_index, lack_index, person, asked, asked_at, tell_at,
tries, claimed_by, claimed_at, resolved_by, resolved_at, outcome)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_alarm
-- What happens to it later.
UPDATE alarm SET person = ?, asked = ?, asked_at = ?, tell_at = ?, tries = ?,
claimed_by = ?, claimed_at = ?, resolved_by = ?, resolved_at = ?, outcome = ?
WHERE number = ?;

-- name: alarmless_emergencies
-- Emergency messages that no alarm was raised for.
SELECT id FROM message AS m INDEXED BY message_emergency
WHERE urgency = 'EMERGENCY' AND accepted_at >= ?
AND msg_type NOT IN ('ACK', 'EVD_ACK', 'ERR')
AND NOT EXISTS (
    SELECT 1 FROM alarm AS a WHERE a.kind = 'emergency' AND a.subject = m.id
)
ORDER BY accepted_at, number LIMIT ?;

-- name: late_emergencies
-- Emergency messages of ours that are still here.
SELECT id FROM message AS m INDEXED BY message_emergency
WHERE urgency = 'EMERGENCY' AND accepted_at <= ? AND box = 'out'
AND state IN ('held', 'queued')
AND NOT EXISTS (
    SELECT 1 FROM alarm AS a
    WHERE a.kind = 'emergency-undelivered' AND a.subject = m.id
)
ORDER BY accepted_at, number LIMIT ?;

-- name: forget_alarms_of
-- The case or message is erased: what was to be looked at stays, the case does not.
UPDATE alarm INDEXED BY alarm_by_case SET case_id = ''
WHERE case_id = ? AND case_id <> '' AND (? = '' OR message_id = ?);
