-- Partner systems, their secrets and contracts, and the keys their tokens are signed with.
-- Lock: none. Undo: drops the tables.
CREATE TABLE partners (
    id uuid PRIMARY KEY,
    client_id text NOT NULL UNIQUE,
    name text NOT NULL,
    contact_email text NOT NULL,
    -- `procedure:verb`, such as `enforcement_decision:file`.
    scopes text[] NOT NULL,
    agencies uuid[] NOT NULL DEFAULT '{}',
    -- Networks it may call from, in CIDR notation; empty means any.
    networks text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    last_used_at timestamptz,
    last_network text
);

CREATE TABLE partner_secrets (
    id uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES partners,
    secret_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX partner_secrets_partner ON partner_secrets (partner_id);

-- Ed25519 key pairs for access tokens; the newest signs, the others still verify.
CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    private_pem text NOT NULL,
    public_x text NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
