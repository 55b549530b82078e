-- Answers already given, so that a repeated request does nothing twice.
-- Lock: none. Undo: drops the table.
CREATE TABLE idempotency_keys (
    -- Who asked: `account:…`, `partner:…`, `dossier:…`, or the address of an anonymous caller.
    caller text NOT NULL,
    key text NOT NULL,
    -- SHA-256 of operation, target and body.
    fingerprint bytea NOT NULL,
    answer jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
