DROP TABLE version_proposals;
