DROP INDEX dossiers_applicant_words;
DROP FUNCTION motcua_words(text);
