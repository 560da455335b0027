-- Maintenance windows, and incidents of peers.

-- name: open_window
-- The window that was begun and not ended.
SELECT number, begun_at, until, begun_by, reason, log_index, ended_at, ended_by
FROM maintenance WHERE ended_at = 0;

-- name: add_window
-- A window that begins.
INSERT INTO maintenance (begun_at, begun_by, reason, log_index, until, ended_at, ended_by)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: update_window
-- Another end, or its end.
UPDATE maintenance SET until = ?, ended_at = ?, ended_by = ? WHERE number = ?;

-- name: open_incident
-- The open incident of a peer.
SELECT number, peer, begun_at, since, begun_by, reason, log_index, ended_at, ended_by
FROM incident WHERE peer = ? AND ended_at = 0;

-- name: incidents
-- All incidents there ever were.
SELECT number, peer, begun_at, since, begun_by, reason, log_index, ended_at, ended_by
FROM incident ORDER BY number;

-- name: add_incident
-- An incident that begins.
INSERT INTO incident (peer, begun_at, begun_by, reason, log_index, since, ended_at,
ended_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_incident
-- An earlier beginning, or its end.
UPDATE incident SET since = ?, ended_at = ?, ended_by = ? WHERE number = ?;
