-- What analysts read stands in a schema of its own, apart from the working tables (public) and from pgvector's hundred
-- functions (extensions), so that \dv and \df list what is ours. Names stay: whoever names no schema finds both by the
-- search path, which the program sets itself and the database gives to psql and other tools.
CREATE SCHEMA IF NOT EXISTS wirewatch;
CREATE SCHEMA IF NOT EXISTS extensions;
COMMENT ON SCHEMA wirewatch IS 'What analysts ask: views and functions. \df+ wirewatch.* lists the functions, \dv+ wirewatch.* the views.';

DO $$  -- whoever installed pgvector may have made the schema, too
BEGIN
    COMMENT ON SCHEMA extensions IS 'What extensions of Postgres bring, pgvector first; nothing of it is to be read.';
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'vector' AND extnamespace = 'public'::regnamespace) THEN
        ALTER EXTENSION vector SET SCHEMA extensions;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pgvector stays in the schema public, as only its owner may move it: ALTER EXTENSION vector SET SCHEMA extensions';
END $$;

ALTER VIEW feed_health SET SCHEMA wirewatch;
ALTER VIEW source_health SET SCHEMA wirewatch;
ALTER VIEW ledger SET SCHEMA wirewatch;
ALTER VIEW story_overview SET SCHEMA wirewatch;
ALTER VIEW topic_recall SET SCHEMA wirewatch;
ALTER VIEW quarantine SET SCHEMA wirewatch;
ALTER VIEW outbox SET SCHEMA wirewatch;
ALTER VIEW page_verdicts SET SCHEMA wirewatch;
ALTER VIEW alerts_now SET SCHEMA wirewatch;
ALTER FUNCTION stories_as_of SET SCHEMA wirewatch;

-- Only the owner of a database may say this. For others psql wants it once: SET search_path = wirewatch, public, extensions
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = wirewatch, public, extensions', current_database());
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'the search path of this database is left as it is, as only its owner may set it';
END $$;
