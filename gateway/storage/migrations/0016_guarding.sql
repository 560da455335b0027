-- Restrictions of received messages, named readers of cases, origins of items.

CREATE TABLE restriction (
    message_id TEXT PRIMARY KEY,
    peer TEXT NOT NULL,
    ordered TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    opened TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE case_reader (
    case_id TEXT NOT NULL,
    name TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    PRIMARY KEY (case_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE item_tag (
    tag BLOB NOT NULL,
    message_number INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    PRIMARY KEY (tag, message_number, item_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX item_tag_message ON item_tag (message_number);
CREATE INDEX item_tag_item ON item_tag (item_id, message_number);
