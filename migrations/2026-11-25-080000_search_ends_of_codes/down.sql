DROP INDEX dossiers_reference_end;
DROP INDEX dossiers_code_end;
