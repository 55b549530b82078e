-- What a desk keeps for its officer: what was sent on, who has taken the next one, filters, and codes for
-- the day the code generator is lost.
-- Lock: events cannot be written while their index is built. Undo: drops all of it.
CREATE INDEX dossier_events_staff ON dossier_events ((actor ->> 'account'), at DESC) WHERE actor ->> 'kind' = 'staff';

-- Who works on it for the moment; tells others, forbids nobody.
CREATE TABLE desk_claims (
    dossier_id uuid PRIMARY KEY REFERENCES dossiers ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    until timestamptz NOT NULL
);
CREATE INDEX desk_claims_account ON desk_claims (account_id);

CREATE TABLE desk_filters (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    query text NOT NULL CHECK (length(query) BETWEEN 1 AND 1000)
);

-- SHA-256 of codes that each replace the code generator once.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);
