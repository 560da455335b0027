-- When somebody last found that a case is still needed; disposals name what went.

CREATE TABLE case_review (
    case_id TEXT PRIMARY KEY,
    reviewed_at INTEGER NOT NULL
) STRICT;

DROP TABLE disposal;

CREATE TABLE disposal (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    basis TEXT NOT NULL,
    erased_at INTEGER NOT NULL,
    messages TEXT NOT NULL,
    items TEXT NOT NULL,
    evidence_files INTEGER NOT NULL
) STRICT;

CREATE INDEX disposal_by_case ON disposal (case_id, number);
