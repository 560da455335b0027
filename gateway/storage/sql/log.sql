-- The audit log, its proofs, and what is held of the peers' logs.

-- name: head
-- End of the log; the first read of every writing transaction.
SELECT size, last_leaf, last_at, frontier FROM audit_head WHERE id = 1;

-- name: origin
-- Which log this database holds, or no row before the first start.
SELECT origin FROM audit_head WHERE id = 1;

-- name: create_head
-- Begin an empty log, at the first start.
INSERT INTO audit_head (id, origin, size, last_leaf, last_at, frontier)
VALUES (1, ?, 0, x'', 0, x'');

-- name: set_head
-- Move the end of the log, once a transaction.
UPDATE audit_head SET size = ?, last_leaf = ?, last_at = ?, frontier = ? WHERE id = 1;

-- name: add_entry
-- Store an entry exactly as it was hashed.
INSERT INTO audit_entry (i, leaf, data, kind, message_id) VALUES (?, ?, ?, ?, ?);

-- name: entries
-- Read on from an entry.
SELECT i, leaf, data, kind, message_id FROM audit_entry
WHERE i >= ? ORDER BY i LIMIT ?;

-- name: entries_at
-- Read single entries.
SELECT i, leaf, data, kind, message_id FROM audit_entry
WHERE i IN (SELECT value FROM json_each(?));

-- name: newest_entry
-- Last entry of a kind that names no message.
SELECT i, leaf, data, kind, message_id FROM audit_entry
WHERE kind = ? AND message_id = '' ORDER BY i DESC LIMIT 1;

-- name: entry_indices
-- Entries about a message.
SELECT i FROM audit_entry WHERE message_id = ? AND message_id <> '' ORDER BY i;

-- name: leaf_hashes
-- Right edge of the tree, where no tile is full yet.
SELECT leaf FROM audit_entry WHERE i >= ? AND i < ? ORDER BY i;

-- name: add_tile
-- Store a tile that has become full.
INSERT INTO audit_tile (level, tile, hashes, root) VALUES (?, ?, ?, ?);

-- name: full_tiles
-- Tiles of one level.
SELECT tile, hashes FROM audit_tile
WHERE level = ? AND tile IN (SELECT value FROM json_each(?));

-- name: tile_roots
-- Hashes of the level above that fill no tile yet.
SELECT root FROM audit_tile WHERE level = ? AND tile >= ? AND tile < ? ORDER BY tile;

-- name: add_checkpoint
-- Keep a signed checkpoint.
INSERT INTO audit_checkpoint (size, root, note, at) VALUES (?, ?, ?, ?);

-- name: checkpoint_at
-- The checkpoint of one size.
SELECT size, root, note, at FROM audit_checkpoint WHERE size = ?;

-- name: newest_checkpoint
-- Largest checkpoint ever signed.
SELECT size, root, note, at FROM audit_checkpoint ORDER BY size DESC LIMIT 1;

-- name: add_disclosure
-- Keep what an entry commits to.
INSERT INTO audit_disclosure (i, digest, ring, key_id, sealed) VALUES (?, ?, ?, ?, ?);

-- name: disclosures
-- What of an entry can still be opened.
SELECT d.digest, d.ring, k.ring, d.sealed
FROM audit_disclosure AS d JOIN disclosure_ring AS k ON k.key_id = d.key_id
WHERE d.i = ? ORDER BY d.digest;

-- name: peer_log
-- The log of a peer that was linked last to begin with: its newest epoch.
SELECT origin, size, root, note FROM peer_log
WHERE authority = ? ORDER BY number DESC LIMIT 1;

-- name: peer_log_of
-- What was linked of a log.
SELECT origin, size, root, note FROM peer_log WHERE origin = ?;

-- name: put_peer_log
-- Move the newest linked checkpoint of a log; compared in the same transaction.
INSERT INTO peer_log (authority, origin, size, root, note) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE
SET size = excluded.size, root = excluded.root, note = excluded.note;

-- name: keep_peer_note
-- Keep a checkpoint of a peer that proofs lie under.
INSERT INTO peer_checkpoint (origin, size, root, note) VALUES (?, ?, ?, ?)
ON CONFLICT (origin, size) DO NOTHING;
