-- A letter that must leave once, however often the work that writes it runs: one per person and day.
-- Lock: messages cannot be written while the index is built. Undo: drops the column with its index.
ALTER TABLE messages ADD COLUMN dedupe_key text;
CREATE UNIQUE INDEX messages_dedupe ON messages (dedupe_key) WHERE dedupe_key IS NOT NULL;
