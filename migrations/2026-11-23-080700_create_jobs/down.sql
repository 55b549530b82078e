DROP TABLE messages;
DROP TABLE schedules;
DROP TABLE jobs;
