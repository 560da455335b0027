-- Approvals and named readers are forgotten with what they were about.

CREATE INDEX approval_of_message ON approval (message_id, number)
WHERE message_id <> '';
CREATE INDEX approval_of_case ON approval (case_id, number)
WHERE case_id <> '';
