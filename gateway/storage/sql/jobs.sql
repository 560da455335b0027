-- Jobs and the messages they go through.

-- name: job
-- A job by its number.
SELECT number, kind, asked_by, role, reason, on_behalf_of, asked_at, log_index, total,
reference, key, request_digest, state, done, failed, begun_at, ended_at, cancelled_by,
result
FROM job WHERE number = ?;

-- name: job_of_key
-- The job that an account asked for with a key.
SELECT number, kind, asked_by, role, reason, on_behalf_of, asked_at, log_index, total,
reference, key, request_digest, state, done, failed, begun_at, ended_at, cancelled_by,
result
FROM job WHERE asked_by = ? AND key = ? AND key <> '';

-- name: open_jobs
-- Jobs that wait or run, along their own index.
SELECT number, kind, asked_by, role, reason, on_behalf_of, asked_at, log_index, total,
reference, key, request_digest, state, done, failed, begun_at, ended_at, cancelled_by,
result
FROM job INDEXED BY job_open WHERE ended_at = 0 ORDER BY number;

-- name: jobs
-- A page of jobs, newest first.
SELECT number, kind, asked_by, role, reason, on_behalf_of, asked_at, log_index, total,
reference, key, request_digest, state, done, failed, begun_at, ended_at, cancelled_by,
result
FROM job WHERE number < :before
AND (:kind = '' OR kind = :kind)
AND (:state = '' OR state = :state)
AND (:asked_by = '' OR asked_by = :asked_by)
AND (:open = -1 OR (ended_at = 0) = :open)
ORDER BY number DESC LIMIT :limit;

-- name: add_job
-- A job nobody knew.
INSERT INTO job (kind, asked_by, role, reason, on_behalf_of, asked_at, log_index,
reference, key, request_digest, total, state, done, failed, begun_at, ended_at,
cancelled_by, result)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_job
-- What happens to it later.
UPDATE job SET total = ?, state = ?, done = ?, failed = ?, begun_at = ?, ended_at = ?,
cancelled_by = ?, result = ?
WHERE number = ?;

-- name: job_step
-- One message of a job.
SELECT place, subject, outcome FROM job_step WHERE job = ? AND place = ?;

-- name: add_job_steps
-- The messages of a new job, at the places from 0 on.
INSERT INTO job_step (job, place, subject, outcome)
SELECT ?, key, value, '' FROM json_each(?);

-- name: put_job_step
-- How a step ended.
UPDATE job_step SET outcome = ? WHERE job = ? AND place = ?;

-- name: steps_to_do
-- Places that were not taken.
SELECT place FROM job_step WHERE job = ? AND place > ? AND outcome = ''
ORDER BY place LIMIT ?;

-- name: failed_steps
-- Steps that did not come to a good end.
SELECT place, subject, outcome FROM job_step
WHERE job = ? AND outcome NOT IN ('', 'done') ORDER BY place LIMIT ?;

-- name: step_outcomes
-- How many steps ended how.
SELECT outcome, count(*) FROM job_step WHERE job = ? GROUP BY outcome;

-- name: past_jobs
-- Jobs that ended long ago.
SELECT number FROM job WHERE ended_at > 0 AND ended_at < ? ORDER BY ended_at LIMIT ?;

-- name: drop_job_steps
-- The messages of a job that goes.
DELETE FROM job_step WHERE job = ?;

-- name: drop_job
-- A job that goes.
DELETE FROM job WHERE number = ?;
