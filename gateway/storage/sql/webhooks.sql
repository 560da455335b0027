-- Endpoints that are told of changes, and how far streams got.

-- name: webhook_named
-- An endpoint by its name.
SELECT number, name, url, events, sealed_secret, sealed_old_secret, old_until,
created_at, cursor, failures, failing_since, next_at, disabled, last_taken_at
FROM webhook WHERE name = ?;

-- name: webhook_numbered
-- An endpoint by its number.
SELECT number, name, url, events, sealed_secret, sealed_old_secret, old_until,
created_at, cursor, failures, failing_since, next_at, disabled, last_taken_at
FROM webhook WHERE number = ?;

-- name: webhooks
-- All endpoints.
SELECT number, name, url, events, sealed_secret, sealed_old_secret, old_until,
created_at, cursor, failures, failing_since, next_at, disabled, last_taken_at
FROM webhook ORDER BY name;

-- name: add_webhook
-- A new endpoint.
INSERT INTO webhook (name, url, events, created_at, sealed_secret, sealed_old_secret,
old_until, cursor, failures, failing_since, next_at, disabled, last_taken_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_webhook
-- How it stands now.
UPDATE webhook SET sealed_secret = ?, sealed_old_secret = ?, old_until = ?, cursor = ?,
failures = ?, failing_since = ?, next_at = ?, disabled = ?, last_taken_at = ?
WHERE number = ?;

-- name: drop_webhook
-- An endpoint is removed.
DELETE FROM webhook WHERE number = ?;

-- name: drop_webhook_calls
-- With it, how calls went.
DELETE FROM webhook_call WHERE webhook = ?;

-- name: add_webhook_call
-- How a call went.
INSERT INTO webhook_call (webhook, at, event_id, event, cursor, message_id, attempt,
status, detail, duration_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: trim_webhook_calls
-- Keep the newest calls of an endpoint only.
DELETE FROM webhook_call WHERE webhook = ? AND number <= (
    SELECT number FROM webhook_call WHERE webhook = ?
    ORDER BY number DESC LIMIT 1 OFFSET ?
);

-- name: webhook_calls
-- A page of calls, newest first.
SELECT number, webhook, at, event_id, event, cursor, message_id, attempt, status,
detail, duration_ms
FROM webhook_call WHERE webhook = ? AND number < ? ORDER BY number DESC LIMIT ?;

-- name: oldest_change
-- Where the feed begins.
SELECT cursor FROM change ORDER BY cursor LIMIT 1;

-- name: change_before
-- The last change before a moment.
SELECT cursor FROM change WHERE at < ? ORDER BY cursor DESC LIMIT 1;

-- name: stream_position
-- How far a stream got.
SELECT position FROM stream_position WHERE name = ?;

-- name: put_stream_position
-- A stream has got further.
INSERT INTO stream_position (name, position) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET position = excluded.position;
