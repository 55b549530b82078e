DROP TABLE units;
DROP TABLE agencies;
