-- The audit chains, the access log, the hourly seal. Append-only by trigger.
-- Lock: none. Undo: drops the tables.
CREATE TABLE audit_heads (
    chain text PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE audit_entries (
    chain text NOT NULL,
    seq bigint NOT NULL,
    prev bytea NOT NULL,
    hash bytea NOT NULL,
    -- The exact texts that were hashed.
    at text NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    subject text NOT NULL,
    request_id text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (chain, seq),
    CONSTRAINT audit_entries_no_fork UNIQUE (chain, prev)
);
-- The seal reads a period.
CREATE INDEX audit_entries_at ON audit_entries (at);
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_keep BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Sign-ins and views of personal data.
CREATE TABLE access_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor jsonb NOT NULL,
    what text NOT NULL,
    dossier_id uuid,
    request_id text NOT NULL,
    body jsonb NOT NULL
);
CREATE INDEX access_log_dossier ON access_log (dossier_id, at) WHERE dossier_id IS NOT NULL;
CREATE INDEX access_log_at ON access_log (at);
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Merkle root over the chain entries and log rows of a period, chained to the seal before.
CREATE TABLE audit_seals (
    seq bigint PRIMARY KEY,
    prev bytea NOT NULL UNIQUE,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    covers_until timestamptz NOT NULL,
    leaves bigint NOT NULL,
    root bytea NOT NULL
);
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
