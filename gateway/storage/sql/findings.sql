-- What looking at evidence files has shown.

-- name: findings
-- The results of a message, file by file.
SELECT aid, at, report, signers FROM file_finding
WHERE message_number = ? ORDER BY position;

-- name: put_finding
-- The result for a file; the newest counts.
INSERT INTO file_finding VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (message_number, position) DO UPDATE SET aid = excluded.aid,
    at = excluded.at, report = excluded.report, signers = excluded.signers;

-- name: drop_findings
-- Forget the results of a message.
DELETE FROM file_finding WHERE message_number = ?;
