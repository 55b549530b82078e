-- People who can sign in, their roles, absences, sessions, and one-time links.
-- Lock: none. Undo: drops the tables.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT accounts_kind_known CHECK (kind IN ('citizen', 'staff')),
    -- Citizens: mail address in lower case; staff: user name in lower case.
    login text NOT NULL,
    name text NOT NULL,
    email text,
    language text NOT NULL DEFAULT 'vi' CONSTRAINT accounts_language_known CHECK (language IN ('vi', 'en')),
    password_hash text NOT NULL,
    -- Base32; staff only.
    totp_secret text,
    -- The last time step accepted, so that a code works once.
    totp_last_step bigint,
    verified_at timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT accounts_login_unique UNIQUE (kind, login),
    CONSTRAINT accounts_login_lower CHECK (login = lower(login))
);

CREATE TABLE memberships (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    agency_id uuid NOT NULL REFERENCES agencies,
    unit_id uuid NOT NULL REFERENCES units,
    role text NOT NULL CONSTRAINT memberships_role_known CHECK (role IN ('one_window_officer', 'processing_officer', 'leader', 'clerk', 'inspector', 'admin')),
    is_head boolean NOT NULL DEFAULT false,
    since date NOT NULL,
    until date,
    CONSTRAINT memberships_in_order CHECK (until IS NULL OR since <= until),
    CONSTRAINT memberships_head_leads CHECK (NOT is_head OR role = 'leader')
);
CREATE INDEX memberships_account ON memberships (account_id);
CREATE INDEX memberships_unit ON memberships (unit_id);
CREATE INDEX memberships_agency ON memberships (agency_id);

-- An absence with a named deputy, between two dates.
CREATE TABLE absences (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    deputy_id uuid NOT NULL REFERENCES accounts,
    since date NOT NULL,
    until date NOT NULL,
    reason text NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT absences_in_order CHECK (since <= until),
    CONSTRAINT absences_deputy_is_another CHECK (account_id <> deputy_id)
);
CREATE INDEX absences_deputy ON absences (deputy_id);
CREATE INDEX absences_account ON absences (account_id);

CREATE TABLE sessions (
    -- SHA-256 of the opaque token; the token itself is never stored.
    token_hash bytea PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    account_id uuid NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Links sent by mail: verify the address, reset the password. Each works once.
CREATE TABLE account_links (
    token_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    purpose text NOT NULL CONSTRAINT account_links_purpose_known CHECK (purpose IN ('verify', 'reset')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- Tries at a password since the last success, for names that exist and names that do not.
CREATE TABLE sign_in_tries (
    -- SHA-256 of kind and login: what people type by mistake is not kept.
    login_hash bytea PRIMARY KEY,
    tries integer NOT NULL,
    tried_at timestamptz NOT NULL,
    locked_until timestamptz NOT NULL
);
CREATE INDEX sign_in_tries_tried ON sign_in_tries (tried_at);
