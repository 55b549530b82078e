UPDATE documents SET state = 'infected', scan = 'infected' WHERE state = 'rejected';
ALTER TABLE documents
    DROP CONSTRAINT documents_rejected_is_gone,
    DROP CONSTRAINT documents_state_known,
    DROP CONSTRAINT documents_scan_known,
    ADD CONSTRAINT documents_state_known CHECK (state IN ('announced', 'scanning', 'ready', 'infected')),
    ADD CONSTRAINT documents_scan_known CHECK (scan IN ('unscanned', 'clean', 'infected'));
