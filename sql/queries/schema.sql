-- name: ensure_ledger
-- Which migrations ran; made before the first of them. Named with its schema: the search path begins with one that is
-- called like the user, and IF NOT EXISTS looks in the first alone, so that every migration would run once more.
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());

-- name: try_lock
-- A second process that starts at once asks again and again, and then finds nothing to do.
SELECT pg_try_advisory_lock(%(lock)s) AS held;

-- name: owner
-- Who owns the working tables, where it is somebody else whom the account may act as; no row elsewhere.
SELECT pg_get_userbyid(c.relowner)::text AS owner FROM pg_class c
WHERE c.oid = to_regclass('public.schema_migrations') AND c.relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
  AND pg_has_role(c.relowner, 'USAGE');

-- name: become
SELECT set_config('role', %(owner)s, false);

-- name: done
SELECT number FROM public.schema_migrations;

-- name: record
INSERT INTO public.schema_migrations (number, name) VALUES (%(number)s, %(name)s);

-- name: clock
-- The clock that leases run on: one for all workers.
SELECT clock_timestamp() AS now;

-- name: tables
-- Whatever stands in the database but what extensions brought, also what the account may not read.
SELECT c.oid::regclass::text AS table_name FROM pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
  AND c.relnamespace::regnamespace::text !~ '^pg_(toast|temp)'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

-- name: make_extensions
CREATE SCHEMA IF NOT EXISTS extensions;

-- name: install_pgvector
-- Where it is there already, it is left where it is; migration 0040 moves it where the account may.
CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions;

-- name: place_migration
-- What a migration names without a schema is made among the working tables, whatever the connection's path begins with.
SELECT set_config('search_path', 'public, wirewatch, extensions', %(local)s);

-- name: path
SELECT current_setting('search_path') AS path;

-- name: set_path
SELECT set_config('search_path', %(path)s, false);

-- name: broken_indexes
-- What drops an index that was broken off while it was made concurrently.
SELECT format('DROP INDEX CONCURRENTLY %%s', i.indexrelid::regclass) AS statement FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace;

-- name: settles_rights
-- A row where the database has what `settle_rights` calls.
SELECT 1 AS there WHERE to_regprocedure('public.settle_rights()') IS NOT NULL;

-- name: settle_rights
-- What analysts call runs by its owner's rights, and what is the owner's is the owner's; see migration 0059.
SELECT public.settle_rights();
