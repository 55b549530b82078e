-- Dossiers are found by every party they name, not by the applicant alone: debtors, creditors, principals.
-- Lock: dossiers cannot be written while the index is built. Undo: down.sql puts the former index back.
CREATE FUNCTION motcua_names(applicant text, answers jsonb) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT applicant
    UNION SELECT name #>> '{}' FROM jsonb_path_query(answers, 'lax $.**.full_name') AS name
    UNION SELECT answers #>> '{representation,principal_name}';
END;
-- Words of all names together: what the index finds a dossier by.
CREATE FUNCTION motcua_people(applicant text, answers jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT motcua_words(string_agg(name, ' ')) FROM motcua_names(applicant, answers) AS name);
-- Whether one of the names has all these words.
CREATE FUNCTION motcua_is_named(applicant text, answers jsonb, words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(bool_or(motcua_words(name) @> words), false) FROM motcua_names(applicant, answers) AS name);
CREATE INDEX dossiers_people_words ON dossiers USING gin (motcua_people(applicant, answers));
DROP INDEX dossiers_applicant_words;
