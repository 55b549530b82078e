-- How often applicants are asked to supplement is published: the requests of the last months are counted by it.
-- Lock: events cannot be written while the index is built. Undo: down.sql drops it.
CREATE INDEX dossier_events_supplements ON dossier_events (at) INCLUDE (dossier_id) WHERE kind = 'dossier.supplement_requested';
