DROP TABLE feedback;
DROP TABLE waiting_numbers;
