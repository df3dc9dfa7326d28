-- name: reserve
-- One slot per host across all workers: each caller is told when its slot ends and moves the next slot on. A slot that
-- is more than a day off was given out by a clock that stood ahead. Hosts are locked in one order, whoever asks.
INSERT INTO hosts AS h (host, next_request_at)
SELECT host, statement_timestamp() + make_interval(secs => pause)
FROM unnest(%(hosts)s::text[], %(pauses)s::float8[]) AS asked (host, pause) ORDER BY host
ON CONFLICT (host) DO UPDATE SET
    next_request_at = excluded.next_request_at - statement_timestamp()
        + CASE WHEN h.next_request_at > clock_timestamp() + interval '1 day' THEN clock_timestamp()
               ELSE greatest(h.next_request_at, clock_timestamp()) END
RETURNING host, extract(epoch FROM next_request_at - clock_timestamp())::float8 AS ends_in;

-- name: robots
SELECT origin, status, text, fetched, expires FROM robots WHERE origin = ANY(%(origins)s);

-- name: save_robots
INSERT INTO robots (origin, status, text, fetched, expires)
SELECT origin, status, text, fetched, expires
FROM json_to_recordset(%(rows)s) AS given (
    origin text, status integer, text text, fetched timestamptz, expires timestamptz)
ORDER BY origin
ON CONFLICT (origin) DO UPDATE SET status = excluded.status, text = excluded.text,
    fetched = excluded.fetched, expires = excluded.expires;

-- name: forget_idle
-- Pacing rows of hosts not asked for a day say nothing any more.
DELETE FROM hosts WHERE next_request_at < clock_timestamp() - interval '1 day';
