-- name: major
SELECT current_setting('server_version_num')::integer / 10000 AS major;

-- name: share
-- The moment that is dumped, for pg_dump to see the same rows as those that are counted.
SELECT pg_export_snapshot() AS snapshot;

-- name: tables
-- The tables that a dump holds; what extensions brought they bring again.
SELECT c.oid::regclass::text AS name FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, to_regnamespace('wirewatch'))
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1;

-- name: count
-- What counts the rows of a table.
SELECT format('SELECT count(*) AS rows FROM %%s', %(name)s::text::regclass) AS statement;

-- name: place_of
-- The schema that an extension stands in; no row where it is not installed.
SELECT extnamespace::regnamespace::text AS place FROM pg_extension WHERE extname = %(name)s::text;

-- name: prepare
-- What a dump needs before it and an account that is no superuser may find there already: a schema, and an extension in
-- it where one is named.
SELECT format('CREATE SCHEMA %%I', %(place)s::text) AS statement WHERE to_regnamespace(quote_ident(%(place)s::text)) IS NULL
UNION ALL
SELECT format('CREATE EXTENSION %%I SCHEMA %%I', %(name)s::text, %(place)s::text)
WHERE %(name)s::text <> '' AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = %(name)s::text);

-- name: set_path
-- What a dump does not carry: the search path, which only the owner of a database may set.
SELECT format('ALTER DATABASE %%I SET search_path = wirewatch, public, extensions', d.datname) AS statement
FROM pg_database d WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE');
