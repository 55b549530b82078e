-- Agencies with dated successors, and their units. A unit is routing, not competence.
-- Lock: none on existing data. Undo: drops both tables.
CREATE TABLE agencies (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    address text NOT NULL,
    phone text NOT NULL,
    since date NOT NULL,
    until date,
    successor_id uuid REFERENCES agencies,
    superior_id uuid REFERENCES agencies,
    -- Office hours in minutes after midnight.
    opens smallint NOT NULL DEFAULT 450,
    noon smallint NOT NULL DEFAULT 690,
    afternoon smallint NOT NULL DEFAULT 780,
    closes smallint NOT NULL DEFAULT 1020,
    courts text[] NOT NULL DEFAULT '{}',
    CONSTRAINT agencies_hours_in_order CHECK (0 <= opens AND opens < noon AND noon <= afternoon AND afternoon < closes AND closes < 1440)
);
CREATE INDEX agencies_successor ON agencies (successor_id);

CREATE TABLE units (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agencies,
    kind text NOT NULL CONSTRAINT units_kind_known CHECK (kind IN ('one_window', 'head', 'clerk', 'office')),
    name_vi text NOT NULL,
    name_en text NOT NULL,
    -- Electronic identifier, the left part of dossier codes; only a one-window unit has one.
    identifier text,
    -- Which numbering rule the identifier follows.
    identifier_format text CONSTRAINT units_identifier_format_known CHECK (identifier_format IN ('c01v-2018', 'd20-2020')),
    CONSTRAINT units_identifier_with_format CHECK ((identifier IS NULL) = (identifier_format IS NULL)),
    CONSTRAINT units_one_window_has_identifier CHECK (kind <> 'one_window' OR identifier IS NOT NULL)
);
CREATE INDEX units_agency ON units (agency_id);
-- Each agency has one counter, one head's office, one clerk's office.
CREATE UNIQUE INDEX units_one_of_each ON units (agency_id, kind) WHERE kind <> 'office';
