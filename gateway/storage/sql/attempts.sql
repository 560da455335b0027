-- Attempts to deliver that came to nothing.

-- name: failed_attempts
-- What is kept of those of a message.
SELECT attempt, at, code FROM failed_attempt WHERE message_number = ?;

-- name: put_failed_attempt
-- One more, in place of the oldest once all slots are taken.
INSERT OR REPLACE INTO failed_attempt (message_number, slot, attempt, at, code)
VALUES (?, ?, ?, ?, ?);

-- name: drop_failed_attempts
-- With the message's content they go.
DELETE FROM failed_attempt WHERE message_number = ?;
