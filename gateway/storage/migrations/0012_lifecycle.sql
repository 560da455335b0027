-- People in messages as keyed tags, legal holds, disposals, requests of people.

CREATE TABLE subject_tag (
    kind INTEGER NOT NULL,
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    number INTEGER NOT NULL,
    person INTEGER NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (kind, tag, number, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX subject_tag_by_message ON subject_tag (number);

-- The last message that was stored before there were tags.
CREATE TABLE subject_since (
    number INTEGER NOT NULL
) STRICT;

INSERT INTO subject_since SELECT coalesce(max(number), 0) FROM message;

CREATE TABLE legal_hold (
    hold_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    target TEXT NOT NULL,
    tags TEXT NOT NULL,
    held_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    review_on TEXT NOT NULL
) STRICT;

CREATE TABLE subject_request (
    request_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    via TEXT NOT NULL,
    reference TEXT NOT NULL,
    received_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    delay TEXT NOT NULL,
    delay_reason TEXT NOT NULL,
    review_on TEXT NOT NULL,
    outcome TEXT NOT NULL,
    closed_on TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;

CREATE INDEX subject_request_by_day ON subject_request (due_on, request_id);
CREATE INDEX subject_request_open ON subject_request (due_on, request_id)
    WHERE outcome = '';

CREATE TABLE disposal (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    basis TEXT NOT NULL,
    erased_at INTEGER NOT NULL,
    digests TEXT NOT NULL,
    evidence_files INTEGER NOT NULL
) STRICT;

CREATE INDEX disposal_by_case ON disposal (case_id, number);
