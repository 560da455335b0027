-- What erasing a message looks for, found without reading whole tables.

CREATE INDEX upload_used ON upload (aid) WHERE state = 'used';
CREATE INDEX past_disclosure_by_ring ON past_disclosure (key_id);
