-- Lists people take away: asked for, written in the background, kept for a few days. The bytes are in the
-- object store. Lock: the index on dossiers is built under a lock against writes, a minute at a million rows.
-- Undo: down.sql drops both; files that are still there are found by nothing then.
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    list text NOT NULL CONSTRAINT exports_list_known CHECK (list IN ('register', 'period', 'queue', 'day_papers')),
    format text NOT NULL CONSTRAINT exports_format_known CHECK (format IN ('xlsx', 'csv', 'pdf')),
    -- Period, agency, filters: what was asked, as the application reads it.
    asked jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT exports_state_known CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    -- Rows there are and rows written; unknown until they were counted.
    total bigint,
    written bigint NOT NULL DEFAULT 0,
    -- Why it failed, in both languages.
    problem jsonb,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    sha256 text,
    size bigint,
    object_key text,
    CONSTRAINT exports_done_has_a_file CHECK (state <> 'done' OR (object_key IS NOT NULL AND sha256 IS NOT NULL AND size IS NOT NULL)),
    CONSTRAINT exports_ended_says_when CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE INDEX exports_account ON exports (account_id, created_at DESC, id DESC);
CREATE INDEX exports_object_key ON exports (object_key) WHERE object_key IS NOT NULL;
CREATE INDEX exports_finished ON exports (finished_at) WHERE finished_at IS NOT NULL;
-- The register of an agency, in the order of receipt.
CREATE INDEX dossiers_register ON dossiers (agency_id, received_at, id) WHERE received_at IS NOT NULL;
-- The papers of a day.
CREATE INDEX papers_made ON papers (made_at);
