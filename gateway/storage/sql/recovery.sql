-- What others hold of our own log and we do not.

-- name: recovery_notes
-- All of it, by source.
SELECT source, size, root, note, found_at FROM recovery_note ORDER BY source;

-- name: put_recovery_note
-- Keep what a source holds.
INSERT INTO recovery_note (source, size, root, note, found_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (source) DO UPDATE SET size = excluded.size, root = excluded.root,
    note = excluded.note, found_at = excluded.found_at;
