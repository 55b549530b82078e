DROP TABLE sign_in_tries;
DROP TABLE account_links;
DROP TABLE sessions;
DROP TABLE absences;
DROP TABLE memberships;
DROP TABLE accounts;
