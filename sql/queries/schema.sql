-- name: ensure_ledger
-- Which migrations ran; made before the first of them. Named with its schema: the search path begins with one that is
-- called like the user, and IF NOT EXISTS looks in the first alone, so that every migration would run once more.
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());

-- name: lock
-- A second process that starts at once waits here and then finds nothing to do.
SELECT pg_advisory_lock(%(lock)s);

-- name: done
SELECT number FROM public.schema_migrations;

-- name: record
INSERT INTO public.schema_migrations (number, name) VALUES (%(number)s, %(name)s);

-- name: clock
-- The clock that leases run on: one for all workers.
SELECT clock_timestamp() AS now;

-- name: tables
SELECT table_name FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema');
