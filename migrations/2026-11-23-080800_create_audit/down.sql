DROP TABLE audit_seals;
DROP TABLE access_log;
DROP TABLE audit_entries;
DROP TABLE audit_heads;
