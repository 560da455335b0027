-- Alerts about the node, their steps, and how far they were told.

-- name: alert
-- An alert by its number.
SELECT number, name, subject, severity, text, remedy, raised_at, seen_at, resolved_at,
acknowledged_by, acknowledged_at, repeats, repeat_at
FROM alert WHERE number = ?;

-- name: open_alerts
-- Alerts whose reason is still there, along their own index.
SELECT number, name, subject, severity, text, remedy, raised_at, seen_at, resolved_at,
acknowledged_by, acknowledged_at, repeats, repeat_at
FROM alert INDEXED BY alert_open WHERE resolved_at = 0 ORDER BY number;

-- name: alerts
-- A page of alerts, newest first.
SELECT number, name, subject, severity, text, remedy, raised_at, seen_at, resolved_at,
acknowledged_by, acknowledged_at, repeats, repeat_at
FROM alert WHERE number < :before AND (:open = -1 OR (resolved_at = 0) = :open)
ORDER BY number DESC LIMIT :limit;

-- name: open_alert_counts
-- How many are open.
SELECT name, severity, count(*) FROM alert INDEXED BY alert_open
WHERE resolved_at = 0 GROUP BY 1, 2;

-- name: alert_events
-- Steps from a place on, with their alerts as they are by now.
SELECT e.number, e.step, e.at, e.severity, a.number, a.name, a.subject, a.severity,
a.text, a.remedy, a.raised_at, a.seen_at, a.resolved_at, a.acknowledged_by,
a.acknowledged_at, a.repeats, a.repeat_at
FROM alert_event AS e JOIN alert AS a ON a.number = e.alert
WHERE e.number > ? ORDER BY e.number LIMIT ?;

-- name: expiring
-- What will soon expire undelivered, along the index of what can.
SELECT peer, count(*), min(expires_at) FROM message INDEXED BY message_by_expiry
WHERE state IN ('held', 'queued') AND expires_at > 0 AND expires_at < ?
GROUP BY peer ORDER BY peer;

-- name: alert_channel
-- How far a channel has told.
SELECT name, cursor, failures, next_at, error FROM alert_channel WHERE name = ?;

-- name: add_alert
-- An alert about something that was well.
INSERT INTO alert (name, subject, severity, text, remedy, raised_at, seen_at,
resolved_at, acknowledged_by, acknowledged_at, repeats, repeat_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_alert
-- What is seen of it later.
UPDATE alert SET severity = ?, text = ?, remedy = ?, seen_at = ?, resolved_at = ?,
acknowledged_by = ?, acknowledged_at = ?, repeats = ?, repeat_at = ?
WHERE number = ?;

-- name: add_alert_event
-- A step, to be told.
INSERT INTO alert_event (alert, step, at, severity) VALUES (?, ?, ?, ?);

-- name: put_alert_channel
-- How far a channel has told.
INSERT INTO alert_channel (name, cursor, failures, next_at, error)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor,
    failures = excluded.failures, next_at = excluded.next_at, error = excluded.error;

-- name: drop_alert_events
-- Steps of alerts that were resolved long ago.
DELETE FROM alert_event WHERE alert IN (
    SELECT number FROM alert WHERE resolved_at > 0 AND resolved_at < ?
);

-- name: drop_alerts
-- Alerts that were resolved long ago.
DELETE FROM alert WHERE resolved_at > 0 AND resolved_at < ?;
