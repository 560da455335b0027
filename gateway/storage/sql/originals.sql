-- Originals of redacted copies.

-- name: originals
-- Those kept with a message.
SELECT aid, size, length, root, blob, sealed FROM sealed_original
WHERE message_number = ? ORDER BY position;

-- name: add_original
-- One more.
INSERT INTO sealed_original VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: drop_originals
-- With the message they go.
DELETE FROM sealed_original WHERE message_number = ?;
