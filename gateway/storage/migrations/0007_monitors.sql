-- What the monitors ask: since when a running number is missing (0 while its sender
-- says that it is on its way), which receipts lie beyond a size of a peer's log, and
-- which receipts of ours lie beyond what a peer has seen of our log.

ALTER TABLE seq_range ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

CREATE INDEX proof_by_leaf ON proof (origin, role, leaf_index);
CREATE INDEX message_by_entry ON message (peer, log_index) WHERE box = 'in';
