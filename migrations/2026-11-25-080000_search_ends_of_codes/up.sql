-- Why: people read the last figures of a code; a search by them must not read every dossier.
-- Lock: writes to dossiers wait while the two indexes are built (seconds per million rows). Undo: down.sql.
CREATE INDEX dossiers_code_end ON dossiers (reverse(coalesce(code, '')) text_pattern_ops);
CREATE INDEX dossiers_reference_end ON dossiers (reverse(reference) text_pattern_ops);
