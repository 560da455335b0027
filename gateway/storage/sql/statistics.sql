-- Facts of requests that were kept when their cases were erased.

-- name: has_kept_facts
-- Whether a case was kept.
SELECT 1 FROM kept_facts WHERE key = ?;

-- name: all_kept_facts
-- For a report over all of them.
SELECT facts FROM kept_facts;

-- name: keep_facts
-- The first ones stay: later a part of the case was gone.
INSERT OR IGNORE INTO kept_facts (key, facts) VALUES (?, ?);
