DROP TABLE decision_counters;
DROP TABLE book_counters;
DROP TABLE code_counters;
DROP TABLE dossier_events;
DROP TABLE dossiers;
