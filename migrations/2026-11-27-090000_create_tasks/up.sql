-- What has to be sent after a decision, by when, and how it was. Law: L08 a.38, a.39; L25 a.35.
-- One act may leave several papers of a kind, each to somebody else. Lock: papers for a moment.
-- Undo: down.sql drops the tasks and the papers that only they have.
ALTER TABLE papers ADD COLUMN part smallint NOT NULL DEFAULT 0;
ALTER TABLE papers DROP CONSTRAINT papers_one_per_act;
ALTER TABLE papers ADD CONSTRAINT papers_one_per_act UNIQUE (dossier_id, dossier_version, kind, part);
CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES dossiers ON DELETE CASCADE,
    -- What is sent.
    paper_id uuid NOT NULL REFERENCES papers ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT tasks_kind_known CHECK (kind IN ('procuracy_transmittal', 'party_notice')),
    addressee text NOT NULL,
    -- The day of the decision, from which the time runs.
    decided_on date NOT NULL,
    due_on date NOT NULL,
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    done_by uuid REFERENCES accounts,
    sent_on date,
    way text CONSTRAINT tasks_way_known CHECK (way IN ('direct', 'post', 'electronic', 'public_posting')),
    note text,
    CONSTRAINT tasks_done_is_whole CHECK ((done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (sent_on IS NULL) AND (done_at IS NULL) = (way IS NULL))
);
CREATE INDEX tasks_open ON tasks (due_on, id) WHERE done_at IS NULL;
CREATE INDEX tasks_dossier ON tasks (dossier_id);
