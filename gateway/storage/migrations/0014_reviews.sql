-- When somebody last found that a case is still needed.

CREATE TABLE case_review (
    case_id TEXT PRIMARY KEY,
    reviewed_at INTEGER NOT NULL
) STRICT;
