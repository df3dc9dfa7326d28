-- name: dead_feeds
-- What polling has paused or retired by itself; what a person paused has no reason in its state.
SELECT id, outlet, url, state, coalesce(state_reason, '') AS reason,
       greatest((poll_state ->> 'answered_full')::timestamptz, (poll_state ->> 'answered_304')::timestamptz) AS last_answer
FROM feeds
WHERE (state = 'paused' AND poll_state ? 'paused_since') OR (state = 'retired' AND state_reason LIKE 'http-410%%')
ORDER BY id;

-- name: collecting
-- How collection stands, over feeds that somebody can answer at: invented outlets are asked by nobody. A feed on which
-- our own code fails is asked in vain as well, and is due to nobody until its next try.
WITH asked AS (
    SELECT f.id, f.added_at, f.last_new_at, f.poll_state, q.item_id IS NOT NULL AS internal,
           CASE WHEN q.item_id IS NULL THEN f.next_poll_at END AS next_poll_at
    FROM feeds f LEFT JOIN item_faults q ON q.step = 'poll' AND q.kind = 'feed' AND q.item_id = f.id
    WHERE f.state <> 'retired' AND right(split_part(split_part(f.url, '/', 3), ':', 1), 8) <> '.example')
SELECT count(*)::int AS feeds, max(added_at) AS added,
       max(greatest((poll_state ->> 'answered_full')::timestamptz, (poll_state ->> 'answered_304')::timestamptz)) AS answered,
       min(next_poll_at) FILTER (WHERE next_poll_at <= %(now)s) AS due, max(last_new_at) AS fresh,
       coalesce((SELECT jsonb_object_agg(reason, n) FROM (
           SELECT CASE WHEN internal THEN 'internal' ELSE coalesce(poll_state ->> 'reason', 'unknown') END AS reason,
                  count(*) AS n
           FROM asked WHERE internal OR poll_state ? 'failing_since' GROUP BY 1) f), '{}') AS failures
FROM asked;

-- name: failing
-- Of the feeds that were asked, those that fail for a while, by reason; what polling paused is among them. What a person
-- paused is not asked, and counts for nothing.
WITH asked AS (
    SELECT f.poll_state, f.state, q.item_id IS NOT NULL AS internal
    FROM feeds f LEFT JOIN item_faults q ON q.step = 'poll' AND q.kind = 'feed' AND q.item_id = f.id
    WHERE f.state <> 'retired' AND f.last_polled_at IS NOT NULL AND (f.state <> 'paused' OR f.poll_state ? 'paused_since')
      AND right(split_part(split_part(f.url, '/', 3), ':', 1), 8) <> '.example')
SELECT count(*)::int AS feeds,
       coalesce((SELECT jsonb_object_agg(reason, n) FROM (
           SELECT CASE WHEN internal THEN 'internal' ELSE coalesce(poll_state ->> 'reason', 'unknown') END AS reason,
                  count(*) AS n
           FROM asked
           WHERE internal OR state = 'paused' OR (poll_state ->> 'failing_since')::timestamptz <= %(since)s
           GROUP BY 1) f), '{}') AS reasons
FROM asked;

-- name: quiet
-- Feeds that answer and had nothing new since a time, each with its longest silence in the two months before. An entry
-- counts from its own hour where that is not after we saw it.
SELECT f.id, f.outlet, f.url, quiet.since, coalesce(extract(epoch FROM habit.longest), 0)::float AS longest,
       coalesce(extract(epoch FROM quiet.since - habit.first), 0)::float AS watched, habit.entries
FROM feeds f
CROSS JOIN LATERAL (SELECT coalesce(f.last_new_at, f.added_at) AS since) quiet
CROSS JOIN LATERAL (
    SELECT max(at - before) AS longest, min(at) AS first, count(*)::int AS entries
    FROM (SELECT at, lag(at) OVER (ORDER BY at) AS before
          FROM (SELECT least(e.published, e.first_seen_at) AS at FROM entries e
                WHERE e.feed_id = f.id AND e.published > quiet.since - interval '60 days') told) gaps) habit
WHERE f.state = 'active' AND quiet.since <= %(since)s AND f.last_polled_at > %(since)s
  AND NOT f.poll_state ? 'failing_since'
  AND right(split_part(split_part(f.url, '/', 3), ':', 1), 8) <> '.example'
ORDER BY f.id;

-- name: moves
-- Where feeds moved lately; invented outlets are of no use to anybody.
SELECT m.id, f.outlet, m.from_url, m.to_url, m.way, m.ended, m.reason, twin.id AS twin
FROM feed_moves m JOIN feeds f ON f.id = m.feed_id LEFT JOIN feeds twin ON twin.url = m.to_url AND twin.id <> f.id
WHERE m.at > %(since)s AND right(split_part(split_part(m.from_url, '/', 3), ':', 1), 8) <> '.example'
ORDER BY m.id;

-- name: queues
-- What waits for each step now, and for how long the oldest; what our own code failed on waits for its own time. Where
-- the coverage is the recorded one no schedule collects, so that what is left of it waits for nobody.
WITH waits AS (
    SELECT 'poll' AS step, greatest(f.next_poll_at, f.added_at) AS since FROM feeds f
    WHERE f.state <> 'retired' AND f.next_poll_at <= %(now)s
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'poll' AND q.kind = 'feed' AND q.item_id = f.id)
    UNION ALL
    SELECT 'match', e.arrived_at FROM entries e
    WHERE e.matched_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'match' AND q.kind = 'entry' AND q.item_id = e.id)
    UNION ALL
    SELECT 'extract', greatest(a.next_try_at, a.first_seen_at) FROM articles a
    WHERE a.state = 'pending' AND a.next_try_at <= %(now)s
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'extract' AND q.kind = 'article' AND q.item_id = a.id)
    UNION ALL
    SELECT 'copies', a.extracted_at FROM articles a
    WHERE a.state = 'extracted' AND a.copies_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'copies' AND q.kind = 'article' AND q.item_id = a.id)
    UNION ALL
    SELECT 'embed', a.copies_at FROM articles a
    WHERE a.state = 'extracted' AND a.embedded_at IS NULL AND a.copies_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'embed' AND q.kind = 'article' AND q.item_id = a.id)
    UNION ALL
    SELECT 'place', a.embedded_at FROM articles a
    WHERE a.embedded_at IS NOT NULL AND a.clustered_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'place' AND q.kind = 'article' AND q.item_id = a.id)),
every AS (
    SELECT step, since FROM waits WHERE NOT EXISTS (SELECT 1 FROM coverage WHERE kind = 'recorded')
    UNION ALL
    SELECT 'deliver', x.next_try_at FROM deliveries x WHERE x.next_try_at <= %(now)s)
SELECT steps.step, count(every.since)::int AS waiting,
       greatest(coalesce(extract(epoch FROM %(now)s::timestamptz - min(every.since)), 0), 0)::float AS oldest
FROM unnest('{poll,match,extract,copies,embed,place,deliver}'::text[]) WITH ORDINALITY AS steps (step, place)
LEFT JOIN every ON every.step = steps.step
GROUP BY steps.step, steps.place ORDER BY steps.place;

-- name: measure
INSERT INTO measurements (name, subject, at, value)
SELECT unnest(%(names)s::text[]), unnest(%(subjects)s::text[]), %(now)s, unnest(%(numbers)s::float[])
ON CONFLICT (name, subject, at) DO UPDATE SET value = excluded.value;

-- name: latest
-- The last of each measurement of these names within a time.
SELECT DISTINCT ON (name, subject) name, subject, at, value FROM measurements
WHERE name = ANY(%(names)s) AND at > %(since)s AND at <= %(until)s
ORDER BY name, subject, at DESC;

-- name: most
SELECT coalesce(max(value), 0) FROM measurements WHERE name = %(name)s AND at > %(since)s;

-- name: forget
WITH failures AS (DELETE FROM run_failures WHERE at < %(oldest)s)
DELETE FROM measurements WHERE at < %(oldest)s;

-- name: failed
INSERT INTO run_failures (dag_id, run_id, at, reason) VALUES (%(dag_id)s, %(run_id)s, %(now)s, %(reason)s)
ON CONFLICT (dag_id, run_id) DO UPDATE SET at = excluded.at, reason = excluded.reason;

-- name: failures
SELECT dag_id, run_id, at, reason FROM run_failures WHERE at > %(since)s ORDER BY at;

-- name: unreviewed
-- Drafts that were asked for, and until when they still are. An answer that is carried out, and a question that is asked
-- anew, take some minutes, in which nothing is amiss.
SELECT d.id AS digest_id, d.topic, d.day, max(a.asked_at) FILTER (WHERE a.ended_at IS NULL) + %(wait)s::interval AS until
FROM digests d JOIN review_asks a ON a.digest_id = d.id
WHERE d.state = 'draft'
GROUP BY d.id
HAVING bool_or(a.ended_at IS NULL) OR max(a.ended_at) < %(settled)s
    OR (array_agg(a.ended_as ORDER BY a.ended_at DESC))[1] = %(nobody)s
ORDER BY d.day, d.id;
