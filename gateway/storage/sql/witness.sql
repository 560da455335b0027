-- Cosignatures of our log, cosigning the peers' logs, and logs that contradict
-- themselves.

-- name: add_round
-- Mark a signed checkpoint as one for witnesses and archive.
INSERT INTO audit_round (size, at) VALUES (?, ?) ON CONFLICT (size) DO NOTHING;

-- name: rounds
-- Round checkpoints, newest first.
SELECT c.size, c.root, c.note, c.at FROM audit_round AS r
JOIN audit_checkpoint AS c ON c.size = r.size
WHERE r.size < ? ORDER BY r.size DESC LIMIT ?;

-- name: newest_round
-- Size of the newest round checkpoint.
SELECT coalesce(max(size), 0) FROM audit_round;

-- name: grew_by_more
-- Whether anything but cosigning and stamping was logged since.
SELECT 1 FROM audit_entry
WHERE i >= ? AND kind NOT IN ('wit.cosign', 'tsa.stamp') LIMIT 1;

-- name: add_cosignature
-- Keep a cosignature; a later one by the same key of the same tree says nothing new.
INSERT INTO audit_cosignature (size, witness, key_id, line, time_s)
VALUES (?, ?, ?, ?, ?) ON CONFLICT (size, witness, key_id) DO NOTHING;

-- name: cosignatures
-- Who cosigned a tree of ours.
SELECT witness, key_id, line, time_s FROM audit_cosignature
WHERE size = ? ORDER BY witness, key_id;

-- name: cosigned_after
-- The first tree of ours beyond an entry that anybody has cosigned.
SELECT c.size, c.root, c.note, c.at FROM audit_cosignature AS a
JOIN audit_checkpoint AS c ON c.size = a.size
WHERE a.size > ? ORDER BY a.size LIMIT 1;

-- name: cosigned_by
-- The largest tree that a witness cosigned, and when.
SELECT size, max(time_s) FROM audit_cosignature
WHERE witness = ? GROUP BY size ORDER BY size DESC LIMIT 1;

-- name: witnessed
-- What we cosigned of a log.
SELECT origin, authority, size, root, note, time_s FROM witnessed_log WHERE origin = ?;

-- name: witnessed_logs
-- What we cosigned of all logs, the newest cosignature first.
SELECT origin, authority, size, root, note, time_s FROM witnessed_log
ORDER BY time_s DESC, origin LIMIT ?;

-- name: put_witnessed
-- Move what we cosigned of a log; compared in the same transaction.
INSERT INTO witnessed_log (origin, authority, size, root, note, time_s)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET authority = excluded.authority,
    size = excluded.size, root = excluded.root, note = excluded.note,
    time_s = excluded.time_s;

-- name: add_conflict
-- Keep two notes that cannot both be true, or may not be.
INSERT INTO log_conflict
    (origin, authority, kind, held, offered, source, at, is_settled)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: conflicts_of
-- What is held against a log, oldest first.
SELECT number, origin, authority, kind, held, offered, source, at, is_settled
FROM log_conflict WHERE origin = ? ORDER BY number;

-- name: conflicts
-- What is held against all logs, oldest first.
SELECT number, origin, authority, kind, held, offered, source, at, is_settled
FROM log_conflict ORDER BY number;

-- name: settle_conflicts
-- The log has linked again; what proves a fork by itself stays as it is.
UPDATE log_conflict SET is_settled = 1
WHERE origin = ? AND is_settled = 0 AND kind <> 'split-view';
