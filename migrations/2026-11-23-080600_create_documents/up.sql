-- Papers: announced first, content streamed after. The file itself is in the object store.
-- Lock: none. Undo: drops the table.
CREATE TABLE documents (
    id uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES dossiers ON DELETE CASCADE,
    -- Key of the paper it is for; none for other papers.
    requirement text,
    name text NOT NULL,
    state text NOT NULL CONSTRAINT documents_state_known CHECK (state IN ('announced', 'scanning', 'ready', 'infected')),
    media_type text,
    size bigint,
    sha256 text,
    scan text CONSTRAINT documents_scan_known CHECK (scan IN ('unscanned', 'clean', 'infected')),
    created_at timestamptz NOT NULL,
    stored_at timestamptz,
    -- Who brought it, as in events.
    actor jsonb NOT NULL,
    removed_at timestamptz,
    CONSTRAINT documents_ready_is_known CHECK (state <> 'ready' OR (media_type IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL AND scan IN ('unscanned', 'clean')))
);
CREATE INDEX documents_dossier ON documents (dossier_id);
