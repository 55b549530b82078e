-- Applicants are found by words of their names, however tones and đ are typed.
-- Lock: dossiers cannot be written while the index is built. Undo: drops the index and the function.
CREATE FUNCTION motcua_words(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN string_to_array(lower(replace(replace(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'đ', 'd'), 'Đ', 'D')), ' ');
CREATE INDEX dossiers_applicant_words ON dossiers USING gin (motcua_words(applicant));
