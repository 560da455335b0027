-- Erasure and pruning: ring keys lie apart, the log has a minimum, traces are removed.

-- Which ring seals the disclosures of a quarter or case; its key lies elsewhere. The
-- store moves the keys out of `disclosure_key` when it opens, and leaves that empty.
-- Numbers are never given twice: what is sealed under one must not meet another ring.

CREATE TABLE disclosure_ring (
    key_id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL UNIQUE,
    ring TEXT NOT NULL
) STRICT;

CREATE INDEX used_key_by_message ON used_key (message_id);

-- How often something was removed, and up to which of these the file was written anew.

ALTER TABLE node_state ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node_state ADD COLUMN compacted INTEGER NOT NULL DEFAULT 0;

-- A peer's message whose evidence never came counts as if it had not come itself.

UPDATE sealed SET envelope = x'', archived_key = x'', draft = x''
WHERE number IN (SELECT number FROM message WHERE box = 'in' AND state = 'expired');

-- Minimum indices of the log, each as the entry at `i` states it.

CREATE TABLE audit_prune (
    i INTEGER PRIMARY KEY,
    minimum INTEGER NOT NULL CHECK (minimum > 0 AND minimum % 256 = 0)
) STRICT;

CREATE TRIGGER audit_prune_is_logged BEFORE INSERT ON audit_prune
WHEN NOT EXISTS (
    SELECT 1 FROM audit_entry AS e
    WHERE e.i = NEW.i AND e.kind = 'log.prune' AND NEW.minimum <= NEW.i
    AND json_extract(CAST(e.data AS TEXT), '$.min') = NEW.minimum
)
BEGIN SELECT RAISE(ABORT, 'a minimum of the log must be logged'); END;
CREATE TRIGGER audit_prune_is_kept BEFORE DELETE ON audit_prune
BEGIN SELECT RAISE(ABORT, 'the minimum of the log is kept'); END;
CREATE TRIGGER audit_prune_is_fixed BEFORE UPDATE ON audit_prune
BEGIN SELECT RAISE(ABORT, 'the minimum of the log is kept'); END;

-- Below the minimum the bytes of an entry may go; never its hash.

DROP TRIGGER audit_entry_is_fixed;
CREATE TRIGGER audit_entry_is_fixed BEFORE UPDATE ON audit_entry
WHEN NOT (
    NEW.data IS NULL AND NEW.i IS OLD.i AND NEW.leaf IS OLD.leaf
    AND NEW.kind IS OLD.kind AND NEW.message_id IS OLD.message_id
    AND OLD.i < (SELECT coalesce(max(minimum), 0) FROM audit_prune)
)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
