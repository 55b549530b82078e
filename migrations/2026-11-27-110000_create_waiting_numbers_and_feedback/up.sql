-- Numbers people draw at a counter and are called by, one row each; nothing of who they are.
-- Lock: none on tables in use. Undo: down.sql drops both tables.
CREATE TABLE waiting_numbers (
    unit_id uuid NOT NULL REFERENCES units,
    day date NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    drawn_at timestamptz NOT NULL,
    called_at timestamptz,
    -- The counter it was called to, as people see it written there.
    place text,
    PRIMARY KEY (unit_id, day, number)
);
CREATE INDEX waiting_numbers_uncalled ON waiting_numbers (unit_id, day, number) WHERE called_at IS NULL;

-- What people say about these pages: no dossier, no person.
CREATE TABLE feedback (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    -- Which page it is about, by the short name our own link gave.
    about text NOT NULL,
    says text NOT NULL,
    language text NOT NULL
);
CREATE INDEX feedback_newest ON feedback (at DESC);
