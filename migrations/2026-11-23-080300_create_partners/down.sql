DROP TABLE signing_keys;
DROP TABLE partner_secrets;
DROP TABLE partners;
