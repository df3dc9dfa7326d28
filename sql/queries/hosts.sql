-- name: reserve
-- One slot per host across all workers: each caller is told how long to wait and moves the next slot on. A slot that is
-- more than a day off was given out by a clock that stood ahead.
INSERT INTO hosts AS h (host, next_request_at)
VALUES (%(host)s, clock_timestamp() + make_interval(secs => %(interval)s))
ON CONFLICT (host) DO UPDATE SET
    next_request_at = make_interval(secs => %(interval)s)
        + CASE WHEN h.next_request_at > clock_timestamp() + interval '1 day' THEN clock_timestamp()
               ELSE greatest(h.next_request_at, clock_timestamp()) END
RETURNING greatest(0, extract(epoch FROM next_request_at - clock_timestamp()) - %(interval)s)::float8 AS wait;

-- name: robots
SELECT status, text, fetched, expires FROM robots WHERE origin = %(origin)s;

-- name: save_robots
INSERT INTO robots (origin, status, text, fetched, expires)
VALUES (%(origin)s, %(status)s, %(text)s, %(fetched)s, %(expires)s)
ON CONFLICT (origin) DO UPDATE SET status = excluded.status, text = excluded.text,
    fetched = excluded.fetched, expires = excluded.expires;

-- name: forget_idle
-- Pacing rows of hosts not asked for a day say nothing any more.
DELETE FROM hosts WHERE next_request_at < clock_timestamp() - interval '1 day';
