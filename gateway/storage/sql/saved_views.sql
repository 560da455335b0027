-- Saved views of the message list.

-- name: saved_view
-- A view by its number.
SELECT number, owner, name, query, shared_with, saved_at FROM saved_view
WHERE number = ?;

-- name: saved_view_of
-- The view of a name.
SELECT number, owner, name, query, shared_with, saved_at FROM saved_view
WHERE owner = ? AND name = ?;

-- name: saved_views
-- The views of an account, and those shared with its roles.
SELECT number, owner, name, query, shared_with, saved_at FROM saved_view
WHERE owner = ? OR (shared_with <> '' AND shared_with IN (
    SELECT value FROM json_each(?)
))
ORDER BY name, number;

-- name: add_saved_view
-- A view nobody had.
INSERT INTO saved_view (owner, name, query, shared_with, saved_at)
VALUES (?, ?, ?, ?, ?);

-- name: update_saved_view
-- A view saved anew.
UPDATE saved_view SET query = ?, shared_with = ?, saved_at = ? WHERE number = ?;

-- name: drop_saved_view
-- A view that nobody wants.
DELETE FROM saved_view WHERE number = ?;
