-- Leased jobs, and messages to applicants with their delivery state.
-- Lock: none. Undo: drops the tables.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    priority smallint NOT NULL DEFAULT 0,
    available_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL,
    lease_id uuid,
    leased_until timestamptz,
    dedupe_key text,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    -- Given up: shown to administrators, never forgotten.
    dead_at timestamptz
);
CREATE INDEX jobs_available ON jobs (priority DESC, available_at, id) WHERE finished_at IS NULL AND dead_at IS NULL;
CREATE UNIQUE INDEX jobs_dedupe ON jobs (dedupe_key) WHERE finished_at IS NULL AND dead_at IS NULL;
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;

-- When each piece of scheduled work is next due. Taking it moves it on, in one statement.
CREATE TABLE schedules (
    name text PRIMARY KEY,
    due_at timestamptz NOT NULL
);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    dossier_id uuid REFERENCES dossiers ON DELETE CASCADE,
    account_id uuid REFERENCES accounts,
    letter text NOT NULL,
    language text NOT NULL CONSTRAINT messages_language_known CHECK (language IN ('vi', 'en')),
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    state text NOT NULL CONSTRAINT messages_state_known CHECK (state IN ('queued', 'sent', 'failed')),
    attempts smallint NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT messages_belong_to_one CHECK (num_nonnulls(dossier_id, account_id) = 1)
);
CREATE INDEX messages_dossier ON messages (dossier_id);
