-- Time stamps of our own checkpoints.

-- name: add_stamp
-- Keep a verified answer, beside its entry.
INSERT INTO tsa_stamp
    (size, text, response, authority, stamped_at, valid_until, i, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: stamps
-- The newest stamps, or those before a size.
SELECT size, text, response, authority, stamped_at, valid_until, i, at
FROM tsa_stamp WHERE size < ? ORDER BY size DESC LIMIT ?;

-- name: checkpoint_of
-- The checkpoint that a stamp is over.
SELECT size, root, note, at FROM audit_checkpoint WHERE size = ?;
