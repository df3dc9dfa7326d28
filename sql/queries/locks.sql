-- name: try
-- Of this session alone: it ends with the connection, however that ends.
SELECT pg_try_advisory_lock(%(key)s) AS taken;

-- name: holder
-- Who has a lock, as its session names itself; an advisory lock's key stands in two halves.
SELECT a.application_name AS who, a.backend_start AS since
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = %(key)s;

-- name: ping
SELECT 1 AS here;

-- name: release
-- Sent before the connection is closed: of a close the server hears when its process comes to it.
SELECT pg_advisory_unlock_all();
