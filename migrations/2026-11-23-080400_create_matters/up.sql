-- Enforcement matters: one enforcement decision is one matter.
-- Lock: none. Undo: drops the tables.
CREATE TABLE matters (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    agency_id uuid NOT NULL REFERENCES agencies,
    decision_number text,
    decided_on date NOT NULL,
    -- Folded judgment number, date and court: finds a decision for the same judgment.
    judgment_key text NOT NULL,
    officer_id uuid REFERENCES accounts,
    state text NOT NULL CONSTRAINT matters_state_known CHECK (state IN ('open', 'enforcing', 'no_conditions', 'postponed', 'suspended', 'finished', 'discontinued')),
    opened_by uuid UNIQUE,
    body jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT matters_decision_unique UNIQUE (agency_id, decision_number)
);
CREATE INDEX matters_judgment ON matters (judgment_key);
CREATE INDEX matters_officer ON matters (officer_id);
CREATE INDEX matters_decision ON matters (lower(decision_number));

-- What changed a matter, and which dossier's result did it.
CREATE TABLE matter_events (
    matter_id uuid NOT NULL REFERENCES matters,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    dossier_id uuid,
    kind text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (matter_id, seq)
);
CREATE TRIGGER matter_events_append_only BEFORE UPDATE OR DELETE ON matter_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
