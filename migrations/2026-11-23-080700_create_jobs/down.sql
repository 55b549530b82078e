DROP TABLE messages;
DROP TABLE jobs;
