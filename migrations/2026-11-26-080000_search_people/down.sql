CREATE INDEX dossiers_applicant_words ON dossiers USING gin (motcua_words(applicant));
DROP INDEX dossiers_people_words;
DROP FUNCTION motcua_is_named(text, jsonb, text[]);
DROP FUNCTION motcua_people(text, jsonb);
DROP FUNCTION motcua_names(text, jsonb);
