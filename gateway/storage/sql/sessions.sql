-- Sessions of people, places they signed in from, counters of passkeys.

-- name: session
-- A session by its id.
SELECT id, digest, account, method, roles, stamp, created_at, used_at, expires_at,
    source, agent
FROM session WHERE id = ?;

-- name: session_of
-- A session by the digest of its secret.
SELECT id, digest, account, method, roles, stamp, created_at, used_at, expires_at,
    source, agent
FROM session WHERE digest = ?;

-- name: sessions
-- Sessions of an account or all, newest first.
SELECT id, digest, account, method, roles, stamp, created_at, used_at, expires_at,
    source, agent
FROM session WHERE :account IN ('', account) ORDER BY created_at DESC, id;

-- name: put_session
-- A session, new or changed.
INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp, used_at = excluded.used_at;

-- name: drop_session
-- A session that ended.
DELETE FROM session WHERE id = ?;

-- name: place_seen_at
-- When somebody last signed in to an account from a place.
SELECT seen_at FROM known_place WHERE account = ? AND source = ?;

-- name: put_place
-- A place somebody signed in from.
INSERT INTO known_place VALUES (?, ?, ?)
ON CONFLICT (account, source) DO UPDATE SET seen_at = excluded.seen_at;

-- name: drop_places
-- Places nobody signed in from for long.
DELETE FROM known_place WHERE seen_at < ?;

-- name: passkey_count
-- What the counter of a passkey stood at.
SELECT count FROM passkey_use WHERE passkey = ?;

-- name: put_passkey_count
-- What the counter of a passkey stands at.
INSERT INTO passkey_use VALUES (?, ?)
ON CONFLICT (passkey) DO UPDATE SET count = excluded.count;
