DROP INDEX papers_made;
DROP INDEX dossiers_register;
DROP TABLE exports;
