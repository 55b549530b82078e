-- Installed rules: procedure versions, calendars, fee parameters. Never changed once installed.
-- Lock: none. Undo: drops the tables and the function.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE TABLE procedure_versions (
    id uuid PRIMARY KEY,
    key text NOT NULL CONSTRAINT procedure_versions_key_known CHECK (key IN ('enforcement_decision', 'result_confirmation', 'officer_replacement', 'coercion_cost_relief', 'enforcement_fee_relief')),
    version text NOT NULL,
    effective_from date NOT NULL,
    effective_to date,
    -- The exact text that was hashed.
    content text NOT NULL,
    content_hash text NOT NULL,
    installed_at timestamptz NOT NULL,
    CONSTRAINT procedure_versions_unique UNIQUE (key, version)
);
CREATE TRIGGER procedure_versions_frozen BEFORE UPDATE OR DELETE ON procedure_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE calendar_years (
    id uuid PRIMARY KEY,
    year integer NOT NULL,
    version text NOT NULL,
    content text NOT NULL,
    installed_at timestamptz NOT NULL,
    -- The newest installation of a year is the one in force.
    position bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT calendar_years_unique UNIQUE (year, version)
);
CREATE TRIGGER calendar_years_frozen BEFORE UPDATE OR DELETE ON calendar_years FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Fee scale and base salaries, as one document per name and content.
CREATE TABLE parameters (
    name text NOT NULL,
    content_hash text NOT NULL,
    content text NOT NULL,
    installed_at timestamptz NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (name, content_hash)
);
CREATE TRIGGER parameters_frozen BEFORE UPDATE OR DELETE ON parameters FOR EACH ROW EXECUTE FUNCTION refuse_change();
