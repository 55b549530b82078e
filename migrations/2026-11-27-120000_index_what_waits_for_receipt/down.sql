DROP INDEX dossiers_waiting;
