DROP TABLE recovery_codes;
DROP TABLE desk_filters;
DROP TABLE desk_claims;
DROP INDEX dossier_events_staff;
