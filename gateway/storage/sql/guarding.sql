-- Restrictions, named readers, origins of items.

-- name: restriction
-- The restriction of a message.
SELECT message_id, peer, ordered, ordered_by, at, log_index, opened
FROM restriction WHERE message_id = ?;

-- name: put_restriction
-- A restriction, new or changed.
INSERT INTO restriction VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (message_id) DO UPDATE SET ordered = excluded.ordered,
    ordered_by = excluded.ordered_by, at = excluded.at,
    log_index = excluded.log_index, opened = excluded.opened;

-- name: drop_restriction
-- A restriction that was lifted.
DELETE FROM restriction WHERE message_id = ?;

-- name: case_readers
-- Who is named for a case.
SELECT case_id, name, granted_by, granted_at, log_index
FROM case_reader WHERE case_id = ? ORDER BY name;

-- name: put_reader
-- Somebody named for a case.
INSERT INTO case_reader VALUES (?, ?, ?, ?, ?)
ON CONFLICT (case_id, name) DO UPDATE SET granted_by = excluded.granted_by,
    granted_at = excluded.granted_at, log_index = excluded.log_index;

-- name: drop_reader
-- Somebody no longer named.
DELETE FROM case_reader WHERE case_id = ? AND name = ?;

-- name: drop_readers
-- Nothing is left of a case.
DELETE FROM case_reader WHERE case_id = ?;

-- name: tagged_items
-- Items with a digest.
SELECT message_number, item_id FROM item_tag WHERE tag = ?
ORDER BY message_number DESC LIMIT ?;

-- name: named_items
-- Items with an id.
SELECT message_number, item_id FROM item_tag WHERE item_id = ?
ORDER BY message_number DESC LIMIT ?;

-- name: add_item_tag
-- By what an item is recognised.
INSERT INTO item_tag VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: drop_item_tags
-- Items of a message that is erased.
DELETE FROM item_tag WHERE message_number = ?;
