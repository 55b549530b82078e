DROP TABLE matter_events;
DROP TABLE matters;
