-- Why: the overview names what has waited longest to be received; it must not read every open dossier for it.
-- Lock: writes to dossiers wait while the index is built (a second per million rows). Undo: down.sql.
CREATE INDEX dossiers_waiting ON dossiers (agency_id, submitted_at, id) WHERE state = 'submitted';
