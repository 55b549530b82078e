-- Papers: announced first, content streamed after. The file itself is in the object store.
-- Lock: none. Undo: drops the table.
CREATE TABLE documents (
    id uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES dossiers ON DELETE CASCADE,
    -- Key of the paper it is for; none for other papers.
    requirement text,
    name text NOT NULL,
    -- What the sender said would come; checked against what came.
    announced_sha256 text,
    announced_size bigint,
    state text NOT NULL CONSTRAINT documents_state_known CHECK (state IN ('announced', 'scanning', 'ready', 'infected')),
    media_type text,
    size bigint,
    sha256 text,
    scan text CONSTRAINT documents_scan_known CHECK (scan IN ('unscanned', 'clean', 'infected')),
    created_at timestamptz NOT NULL,
    stored_at timestamptz,
    -- Where the content is in the object store; none before it came and after it was removed.
    object_key text CONSTRAINT documents_object_key_unique UNIQUE,
    -- Who brought it, as in events.
    actor jsonb NOT NULL,
    removed_at timestamptz,
    CONSTRAINT documents_ready_is_known CHECK (state <> 'ready' OR (media_type IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL AND scan IN ('unscanned', 'clean'))),
    CONSTRAINT documents_infected_is_gone CHECK (state <> 'infected' OR object_key IS NULL),
    CONSTRAINT documents_media_type_known CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png', 'image/tiff', 'image/webp', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'application/vnd.oasis.opendocument.text'))
);
CREATE INDEX documents_dossier ON documents (dossier_id);
