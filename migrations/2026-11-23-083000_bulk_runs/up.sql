-- One act on many dossiers, done in the background one by one, and what became of each.
-- Lock: none, the tables are new. Undo: drops both.
CREATE TABLE bulk_runs (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    act text NOT NULL,
    -- What is said with the act, as the API takes it.
    command jsonb NOT NULL,
    state text NOT NULL CONSTRAINT bulk_runs_state_known CHECK (state IN ('running', 'paused', 'done')),
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT bulk_runs_finished CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE INDEX bulk_runs_account ON bulk_runs (account_id, created_at DESC);

CREATE TABLE bulk_items (
    run_id uuid NOT NULL REFERENCES bulk_runs ON DELETE CASCADE,
    position integer NOT NULL,
    dossier_id uuid NOT NULL REFERENCES dossiers ON DELETE CASCADE,
    -- The version whoever began it looked at.
    version bigint NOT NULL,
    outcome text CONSTRAINT bulk_items_outcome_known CHECK (outcome IN ('done', 'refused')),
    -- Why it was refused: code, and words in both languages.
    problem jsonb,
    at timestamptz,
    PRIMARY KEY (run_id, position),
    CONSTRAINT bulk_items_once UNIQUE (run_id, dossier_id),
    CONSTRAINT bulk_items_told CHECK ((outcome IS NULL) = (at IS NULL) AND (problem IS NOT NULL) = (outcome IS NOT DISTINCT FROM 'refused'))
);
CREATE INDEX bulk_items_dossier ON bulk_items (dossier_id);
