-- What .ci/schema_reference.py asks of a migrated database. A partition is left out: it is a place for rows of its table.

-- name: path
-- Names are written without a schema where the database's own search path finds them, whoever connects.
SET search_path = wirewatch, public, extensions;

-- name: schemas
SELECT nspname AS name, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace
WHERE nspname IN ('public', 'wirewatch', 'extensions');

-- name: relations
SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
       coalesce(obj_description(c.oid, 'pg_class'), (
           SELECT obj_description(t.oid, 'pg_type') FROM pg_type t WHERE t.typrelid = c.oid), '') AS comment,
       (SELECT json_agg(json_build_object(
                   'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'never_null', a.attnotnull,
                   'comment', coalesce(col_description(c.oid, a.attnum), ''),
                   'key', EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p'
                                  AND a.attnum = ANY (k.conkey)),
                   'foreign', EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
                                      AND a.attnum = ANY (k.conkey))) ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
             WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'x')
             ORDER BY array_position(ARRAY['p', 'u', 'x', 'c'], k.contype::text), k.conname COLLATE "C") AS rules
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'wirewatch') AND c.relkind IN ('r', 'p', 'v', 'm', 'c') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname COLLATE "C";

-- name: functions
SELECT n.nspname AS schema, p.proname AS name, pg_get_function_identity_arguments(p.oid) AS given,
       coalesce(obj_description(p.oid, 'pg_proc'), '') AS comment,
       pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
       (SELECT coalesce(json_agg(json_build_object('name', p.proargnames[i], 'type', format_type(p.proallargtypes[i], NULL))
                                 ORDER BY i), '[]')
        FROM generate_subscripts(p.proallargtypes, 1) i WHERE p.proargmodes[i] = 't') AS columns
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ('public', 'wirewatch')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C";

-- name: foreign_keys
-- Of a partitioned table its own, not those that its partitions have from it.
SELECT c.relname AS child, p.relname AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number ORDER BY u.place) AS columns,
       CASE k.confdeltype WHEN 'c' THEN 'goes with it' WHEN 'n' THEN 'becomes null' ELSE 'keeps it from going' END AS deleted,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey) AND NOT a.attnotnull)
           AS optional,
       EXISTS (SELECT FROM pg_constraint u WHERE u.conrelid = c.oid AND u.contype IN ('p', 'u') AND u.conkey <@ k.conkey)
           AS one_each
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname IN ('public', 'wirewatch') AND NOT c.relispartition
ORDER BY c.relname COLLATE "C", k.conkey, p.relname COLLATE "C";
