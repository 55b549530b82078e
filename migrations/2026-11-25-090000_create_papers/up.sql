-- Papers the office made: what each says is fixed in the transaction of its act, the file is made after it
-- and never again. Lock: none. Undo: down.sql drops the table; the files stay in the object store.
CREATE TABLE papers (
    id uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES dossiers ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT papers_kind_known CHECK (kind IN ('receipt', 'supplement_request', 'refusal', 'apology', 'stop_notice', 'control_slip', 'dossier_register', 'enforcement_decision', 'result_confirmation', 'officer_replacement', 'coercion_cost_relief', 'enforcement_fee_relief', 'written_refusal', 'transfer_notice', 'oral_request_minutes', 'cover_sheet', 'procuracy_transmittal', 'party_notice', 'filed_copy')),
    -- Version of the dossier its act led to.
    dossier_version bigint NOT NULL,
    -- Edition of the forms it is made with.
    forms_hash text NOT NULL,
    -- What it says, as exact text: the same bytes come from the same text.
    said text NOT NULL,
    -- Printed on it; whoever has it can check the paper.
    check_code text NOT NULL CONSTRAINT papers_check_code_unique UNIQUE,
    made_at timestamptz NOT NULL,
    -- The file, once it is there.
    sha256 text,
    size bigint,
    pages integer,
    object_key text,
    stored_at timestamptz,
    -- Subject of the certificate it is sealed with.
    sealed_by text,
    CONSTRAINT papers_stored_is_whole CHECK ((stored_at IS NULL) = (sha256 IS NULL) AND (stored_at IS NULL) = (size IS NULL) AND (stored_at IS NULL) = (object_key IS NULL)),
    CONSTRAINT papers_one_per_act UNIQUE (dossier_id, dossier_version, kind)
);
CREATE INDEX papers_sha256 ON papers (sha256) WHERE sha256 IS NOT NULL;
