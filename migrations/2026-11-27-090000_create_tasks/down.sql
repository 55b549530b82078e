DROP TABLE tasks;
DELETE FROM papers WHERE part > 0;
ALTER TABLE papers DROP CONSTRAINT papers_one_per_act;
ALTER TABLE papers ADD CONSTRAINT papers_one_per_act UNIQUE (dossier_id, dossier_version, kind);
ALTER TABLE papers DROP COLUMN part;
