-- name: here
-- Where the roles are made, and by whom: a superuser, or the owner of the database who may make roles and databases.
SELECT current_database()::text AS database, current_user::text AS account, r.rolsuper AS is_superuser,
       r.rolsuper OR r.rolcreaterole AS may_make_roles,
       r.rolsuper OR (r.rolcreatedb AND pg_has_role(d.datdba, 'USAGE')) AS may_give_away
FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database();

-- name: too_mighty
-- What those of these roles that are there already may do beyond what is given here.
SELECT r.rolname::text AS role, concat_ws(', ',
           CASE WHEN r.rolsuper THEN 'is a superuser' END, CASE WHEN r.rolcreaterole THEN 'may make roles' END,
           CASE WHEN r.rolcreatedb THEN 'may make databases' END, CASE WHEN r.rolreplication THEN 'may replicate' END,
           CASE WHEN r.rolbypassrls THEN 'passes by row security' END,
           'is a member of ' || (SELECT string_agg(quote_ident(g.rolname), ', ' ORDER BY g.rolname) FROM pg_auth_members m
                                 JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid)) AS may
FROM pg_roles r
WHERE r.rolname = ANY (%(roles)s::text[])
  AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
       OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))
ORDER BY 1;

-- name: missing
SELECT role FROM unnest(%(roles)s::text[]) WITH ORDINALITY AS r (role, place)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) ORDER BY place;

-- name: prepare
-- What makes the missing roles and what an empty database needs. An account that is no superuser must become a member of
-- the owner to give it what is there.
SELECT statement FROM (
    SELECT 1 AS place, format('CREATE ROLE %%I LOGIN', role) AS statement FROM unnest(%(missing)s::text[]) AS role
    UNION ALL
    SELECT 2, format('GRANT %%I TO %%I', %(owner)s::text, current_user) FROM pg_roles r
    WHERE r.rolname = current_user AND NOT r.rolsuper AND current_user <> %(owner)s::text
    UNION ALL SELECT 3, 'CREATE SCHEMA IF NOT EXISTS extensions'
    UNION ALL SELECT 3, 'CREATE SCHEMA IF NOT EXISTS wirewatch'
    UNION ALL SELECT 4, 'CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions'
    UNION ALL  -- a database of before has pgvector among its tables, where the reader may not look
    SELECT 5, 'ALTER EXTENSION vector SET SCHEMA extensions' FROM pg_extension e, pg_roles r
    WHERE e.extname = 'vector' AND e.extnamespace = 'public'::regnamespace AND r.rolname = current_user AND r.rolsuper
    UNION ALL  -- large objects, which anybody may write otherwise and nobody here does
    SELECT 5, format('REVOKE EXECUTE ON FUNCTION %%s FROM PUBLIC', f) FROM pg_roles r, unnest(ARRAY[
        'pg_catalog.lo_create(oid)', 'pg_catalog.lo_creat(integer)', 'pg_catalog.lo_from_bytea(oid, bytea)']) AS f
    WHERE r.rolname = current_user AND r.rolsuper) s
ORDER BY place, statement;

-- name: give
-- What makes the owner own the database, its schemas and what stands in them; nothing where it does already. What
-- extensions brought stays theirs, and a sequence goes with its column.
SELECT statement FROM (
    SELECT 1 AS place, format('ALTER DATABASE %%I OWNER TO %%I', d.datname, %(owner)s::text) AS statement
    FROM pg_database d JOIN pg_roles o ON o.rolname = %(owner)s::text WHERE d.datname = current_database() AND d.datdba <> o.oid
    UNION ALL
    SELECT 2, format('ALTER SCHEMA %%I OWNER TO %%I', n.nspname, %(owner)s::text)
    FROM pg_namespace n JOIN pg_roles o ON o.rolname = %(owner)s::text
    WHERE n.nspname IN ('public', 'wirewatch', 'extensions') AND n.nspowner <> o.oid
    UNION ALL
    SELECT 3, format('ALTER TABLE %%s OWNER TO %%I', c.oid::regclass, %(owner)s::text)
    FROM pg_class c JOIN pg_roles o ON o.rolname = %(owner)s::text
    WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'wirewatch'))
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner <> o.oid
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i')))
    UNION ALL
    SELECT 4, format('ALTER ROUTINE %%s OWNER TO %%I', p.oid::regprocedure, %(owner)s::text)
    FROM pg_proc p JOIN pg_roles o ON o.rolname = %(owner)s::text
    WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'wirewatch')) AND p.proowner <> o.oid
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 5, format('ALTER TYPE %%s OWNER TO %%I', t.oid::regtype, %(owner)s::text)
    FROM pg_type t JOIN pg_roles o ON o.rolname = %(owner)s::text LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'wirewatch')) AND t.typowner <> o.oid
      AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')) s
ORDER BY place, statement;

-- name: allow
-- What each role may do here, and nothing else; what somebody else granted it meanwhile is taken back. Later migrations
-- are covered by the default privileges of the owner, who makes what they make.
SELECT format(statement, quote_ident(%(owner)s::text), quote_ident(%(writer)s::text), quote_ident(%(reader)s::text),
              quote_ident(current_database())) AS statement
FROM unnest(ARRAY[
    'REVOKE ALL ON DATABASE %%4$s FROM PUBLIC, %%2$s, %%3$s',
    'GRANT CONNECT ON DATABASE %%4$s TO %%2$s, %%3$s',
    'REVOKE ALL ON SCHEMA public, wirewatch, extensions FROM PUBLIC, %%2$s, %%3$s',
    'GRANT USAGE ON SCHEMA public TO %%2$s',
    'GRANT USAGE ON SCHEMA wirewatch, extensions TO %%2$s, %%3$s',
    'REVOKE ALL ON ALL TABLES IN SCHEMA public, wirewatch FROM PUBLIC, %%2$s, %%3$s',
    'REVOKE ALL ON ALL SEQUENCES IN SCHEMA public, wirewatch FROM PUBLIC, %%2$s, %%3$s',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %%2$s',
    'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO %%2$s',
    'GRANT SELECT ON ALL TABLES IN SCHEMA wirewatch TO %%2$s, %%3$s',
    'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, wirewatch TO %%2$s',
    'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wirewatch TO %%3$s',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %%1$s IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %%2$s',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %%1$s IN SCHEMA public GRANT SELECT ON SEQUENCES TO %%2$s',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %%1$s IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO %%2$s',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %%1$s IN SCHEMA wirewatch GRANT SELECT ON TABLES TO %%2$s, %%3$s',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %%1$s IN SCHEMA wirewatch GRANT EXECUTE ON FUNCTIONS TO %%2$s, %%3$s',
    'ALTER DATABASE %%4$s SET search_path = wirewatch, public, extensions',
    'ALTER ROLE %%3$s IN DATABASE %%4$s SET default_transaction_read_only = on',
    'ALTER ROLE %%3$s IN DATABASE %%4$s SET statement_timeout = ''30s''',
    'ALTER ROLE %%3$s IN DATABASE %%4$s SET idle_in_transaction_session_timeout = ''60s''',
    'ALTER ROLE %%3$s IN DATABASE %%4$s SET search_path = wirewatch, extensions']) WITH ORDINALITY AS s (statement, place)
ORDER BY place;
