ALTER TABLE messages DROP COLUMN dedupe_key;
