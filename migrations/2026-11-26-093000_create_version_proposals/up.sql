-- Versions of procedures that somebody proposed and another person publishes or turns down.
-- Lock: none, the table is new. Undo: down.sql drops it; what was published stays installed.
CREATE TABLE version_proposals (
    id uuid PRIMARY KEY,
    procedure text NOT NULL,
    -- The version it was written from.
    based_on text NOT NULL,
    -- The letter it changes.
    letter text NOT NULL,
    effective_from date NOT NULL,
    -- The exact text that would be installed.
    content text NOT NULL,
    why text NOT NULL,
    proposed_by uuid NOT NULL REFERENCES accounts,
    proposed_at timestamptz NOT NULL,
    outcome text CONSTRAINT version_proposals_outcome_known CHECK (outcome IN ('published', 'rejected')),
    -- None for the person who runs the server.
    decided_by uuid REFERENCES accounts,
    decided_at timestamptz,
    CONSTRAINT version_proposals_decided CHECK ((outcome IS NULL) = (decided_at IS NULL)),
    -- Nobody publishes what they proposed; anybody may take back their own.
    CONSTRAINT version_proposals_two_people CHECK (outcome IS DISTINCT FROM 'published' OR decided_by IS DISTINCT FROM proposed_by)
);
CREATE INDEX version_proposals_waiting ON version_proposals (proposed_at) WHERE outcome IS NULL;
