-- What may still be counted of cases that were erased; the key names nothing.

CREATE TABLE kept_facts (
    key TEXT PRIMARY KEY,
    facts BLOB NOT NULL
) STRICT, WITHOUT ROWID;
