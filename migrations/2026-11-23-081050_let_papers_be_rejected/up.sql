-- A paper too large for the virus scanner comes to an end of its own: rejected, and its content is gone.
-- Lock: documents cannot be written while the rows are checked. Undo: such papers count as infected.
ALTER TABLE documents
    DROP CONSTRAINT documents_state_known,
    DROP CONSTRAINT documents_scan_known,
    ADD CONSTRAINT documents_state_known CHECK (state IN ('announced', 'scanning', 'ready', 'infected', 'rejected')),
    ADD CONSTRAINT documents_scan_known CHECK (scan IN ('unscanned', 'clean', 'infected', 'too_large')),
    ADD CONSTRAINT documents_rejected_is_gone CHECK (state <> 'rejected' OR object_key IS NULL);
