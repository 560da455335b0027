-- Uploads, attachments, and who may fetch them.

-- name: upload
-- One upload.
SELECT * FROM upload WHERE id = ?;

-- name: upload_by_key
-- The upload of an idempotency key.
SELECT * FROM upload
WHERE owner = ? AND idempotency_key = ? AND idempotency_key <> '';

-- name: unused_uploads
-- How many uploads of an account wait for a message.
SELECT COUNT(*) FROM upload WHERE owner = ? AND state <> 'used';

-- name: stale_uploads
-- Uploads that nothing came for.
SELECT * FROM upload WHERE touched_at < ? ORDER BY touched_at LIMIT ?;

-- name: put_upload
-- An upload, new or changed.
INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET blob = excluded.blob, spooled = excluded.spooled,
    state = excluded.state, kept = excluded.kept, touched_at = excluded.touched_at,
    root = excluded.root, part_list = excluded.part_list,
    request_digest = excluded.request_digest;

-- name: drop_upload
-- Forget an upload.
DELETE FROM upload WHERE id = ?;

-- name: attachments
-- The evidence files of a message.
SELECT position, aid, length, root, blob, state, part_list, parts FROM attachment
WHERE message_number = ? ORDER BY position;

-- name: put_attachment
-- An evidence file, new or changed.
INSERT INTO attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (message_number, position) DO UPDATE SET blob = excluded.blob,
    aid = excluded.aid, length = excluded.length, root = excluded.root,
    state = excluded.state, part_list = excluded.part_list, parts = excluded.parts;

-- name: drop_attachments
-- Forget the evidence files of a message.
DELETE FROM attachment WHERE message_number = ?;

-- name: look_again
-- What was damaged may have been put back.
UPDATE attachment SET state = 'stored' WHERE state = 'damaged' AND blob <> '';

-- name: set_parts
-- Which parts of an evidence file are there.
UPDATE attachment SET parts = ?, state = ?
WHERE message_number = ? AND position = ?;

-- name: blob_uses
-- Every blob that something names.
SELECT a.blob, a.length, m.state = 'pending' FROM attachment AS a
JOIN message AS m ON m.number = a.message_number WHERE a.blob <> ''
UNION ALL SELECT blob, length, 0 FROM upload WHERE state <> 'used'
UNION ALL SELECT blob, length, 0 FROM sealed_original;

-- name: attachment_of_blob
-- Which message a blob belongs to.
SELECT m.id, a.position FROM attachment AS a
JOIN message AS m ON m.number = a.message_number WHERE a.blob = ? AND a.blob <> '';

-- name: upload_of_blob
-- Which upload a blob belongs to.
SELECT id FROM upload WHERE blob = ? AND state <> 'used';

-- name: unverified
-- The oldest message with a file that is to be compared with its manifest.
SELECT m.id FROM attachment AS a INDEXED BY attachment_unverified
CROSS JOIN message AS m ON m.number = a.message_number
WHERE a.state = 'stored'
AND (m.box = 'out' OR m.state IN ('received', 'opened', 'handed_over'))
ORDER BY a.message_number LIMIT 1;

-- name: in_transfer
-- Messages whose files a peer waits for: urgent first, large ones last, then oldest.
SELECT * FROM message
WHERE peer = :peer AND offer_rank IS NOT NULL AND last_code = 'incomplete'
ORDER BY offer_rank, attachment_bytes > :large, number LIMIT :limit;

-- name: past_pending
-- Messages whose files did not come in time.
SELECT * FROM message WHERE pending_until > 0 AND pending_until < ?
ORDER BY pending_until LIMIT ?;

-- name: evidence_bytes
-- A peer's evidence that nobody has opened.
SELECT COALESCE(SUM(attachment_bytes), 0) FROM message
INDEXED BY message_with_evidence
WHERE peer = ? AND box = 'in' AND attachment_bytes > 0
AND state IN ('pending', 'received', 'quarantined');

-- name: grant
-- What an account opened a message with.
SELECT access_index, until FROM evidence_grant
WHERE message_number = ? AND account = ?;

-- name: put_grant
-- An account may fetch the files of a message.
INSERT INTO evidence_grant VALUES (?, ?, ?, ?)
ON CONFLICT (message_number, account) DO UPDATE
SET access_index = excluded.access_index, until = excluded.until;

-- name: add_export
-- A file was fetched under an opening; counted once.
INSERT INTO evidence_export VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: has_export
-- Whether a file was fetched under an opening before.
SELECT 1 FROM evidence_export WHERE access_index = ? AND aid = ?;
