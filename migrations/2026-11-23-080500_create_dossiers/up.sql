-- Dossiers, their events, and the counters their codes come from.
-- `body` is the aggregate; the other columns repeat what queries and constraints need.
-- Lock: none. Undo: drops the tables.
CREATE TABLE dossiers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    reference text NOT NULL CONSTRAINT dossiers_reference_unique UNIQUE,
    -- SHA-256 of the tracking key; the key itself stays only in the repeatable answer of a filing, for two days.
    key_hash bytea NOT NULL,
    code text CONSTRAINT dossiers_code_unique UNIQUE,
    procedure text NOT NULL,
    procedure_version_id uuid NOT NULL REFERENCES procedure_versions,
    agency_id uuid NOT NULL REFERENCES agencies,
    owner_unit_id uuid NOT NULL REFERENCES units,
    assignee_id uuid REFERENCES accounts,
    filer_account_id uuid REFERENCES accounts,
    filer_partner_id uuid REFERENCES partners,
    filer_staff_id uuid REFERENCES accounts,
    matter_id uuid REFERENCES matters,
    -- Officers the request is against: they see nothing of it.
    challenged uuid[] NOT NULL DEFAULT '{}',
    asked_units uuid[] NOT NULL DEFAULT '{}',
    channel text NOT NULL CONSTRAINT dossiers_channel_known CHECK (channel IN ('online', 'partner', 'counter', 'oral', 'postal')),
    state text NOT NULL CONSTRAINT dossiers_state_known CHECK (state IN ('draft', 'submitted', 'refused', 'received', 'in_process', 'awaiting_supplement', 'awaiting_payment', 'withdrawn', 'stopped', 'decided', 'returned')),
    step text,
    next_step text,
    next_due_at timestamptz,
    due_on date,
    created_at timestamptz NOT NULL,
    submitted_at timestamptz,
    received_at timestamptz,
    ended_at timestamptz,
    -- When the answers last changed: forgotten drafts are found by it.
    touched_at timestamptz NOT NULL DEFAULT now(),
    applicant text NOT NULL,
    answers jsonb NOT NULL,
    body jsonb NOT NULL,
    -- No limbo: every open dossier has an owner (NOT NULL above), a next step and a due date.
    CONSTRAINT dossiers_no_limbo CHECK (state IN ('draft', 'refused', 'withdrawn', 'stopped', 'returned') OR (next_step IS NOT NULL AND next_due_at IS NOT NULL)),
    CONSTRAINT dossiers_ended_when_final CHECK ((state IN ('refused', 'withdrawn', 'stopped', 'returned')) = (ended_at IS NOT NULL)),
    CONSTRAINT dossiers_received_have_code CHECK (state NOT IN ('received', 'in_process', 'awaiting_payment', 'decided', 'returned') OR (code IS NOT NULL AND received_at IS NOT NULL AND due_on IS NOT NULL)),
    CONSTRAINT dossiers_step_when_in_process CHECK (state <> 'in_process' OR step IS NOT NULL)
) WITH (fillfactor = 80);
-- Queues: legal urgency first; drafts and ended dossiers are in none.
CREATE INDEX dossiers_agency_queue ON dossiers (agency_id, next_due_at, id) WHERE ended_at IS NULL AND state <> 'draft';
CREATE INDEX dossiers_unit_queue ON dossiers (owner_unit_id, next_due_at, id) WHERE ended_at IS NULL AND state <> 'draft';
CREATE INDEX dossiers_assignee_queue ON dossiers (assignee_id, next_due_at, id) WHERE ended_at IS NULL AND state <> 'draft';
CREATE INDEX dossiers_asked_units ON dossiers USING gin (asked_units) WHERE asked_units <> '{}';
CREATE INDEX dossiers_filer_account ON dossiers (filer_account_id, created_at DESC, id DESC) WHERE filer_account_id IS NOT NULL;
CREATE INDEX dossiers_filer_partner ON dossiers (filer_partner_id, created_at DESC, id DESC) WHERE filer_partner_id IS NOT NULL;
CREATE INDEX dossiers_agency_created ON dossiers (agency_id, created_at DESC, id DESC);
CREATE INDEX dossiers_drafts ON dossiers (touched_at) WHERE state = 'draft';
CREATE INDEX dossiers_matter ON dossiers (matter_id) WHERE matter_id IS NOT NULL;

CREATE TABLE dossier_events (
    dossier_id uuid NOT NULL REFERENCES dossiers ON DELETE CASCADE,
    seq bigint NOT NULL,
    -- The dossier version the act led to; events of one act share it.
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor jsonb NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (dossier_id, seq)
);

-- Serial of dossier codes, per one-window unit and day. Locked in the receiving transaction: no gaps.
CREATE TABLE code_counters (
    unit_id uuid NOT NULL REFERENCES units,
    day date NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (unit_id, day)
);

-- Serial in the unit's book (dossier register), per year.
CREATE TABLE book_counters (
    unit_id uuid NOT NULL REFERENCES units,
    year integer NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (unit_id, year)
);

-- Number of decisions, per agency, procedure and year.
CREATE TABLE decision_counters (
    agency_id uuid NOT NULL REFERENCES agencies,
    procedure text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (agency_id, procedure, year)
);
