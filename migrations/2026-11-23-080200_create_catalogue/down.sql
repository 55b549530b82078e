DROP TABLE parameters;
DROP TABLE calendar_years;
DROP TABLE procedure_versions;
DROP FUNCTION refuse_change();
