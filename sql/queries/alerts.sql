-- name: standing
SELECT id, kind, subject, title, raised_at, told_at FROM alerts WHERE cleared_at IS NULL ORDER BY id FOR UPDATE;

-- name: lock
-- One process compares at a time: two that look at once find one thing once.
SELECT pg_advisory_xact_lock(hashtextextended('alerts', 0));

-- name: raise
INSERT INTO alerts (kind, subject, title, text, path, raised_at, told_at)
VALUES (%(kind)s, %(subject)s, %(title)s, %(text)s, %(path)s, %(now)s, %(now)s)
RETURNING id;

-- name: repeat
UPDATE alerts SET times = times + 1, told_at = %(now)s, title = %(title)s, text = %(text)s
WHERE id = %(id)s RETURNING times;

-- name: clear
UPDATE alerts SET cleared_at = greatest(%(now)s, raised_at) WHERE id = %(id)s;

-- name: told
-- The ways by which the desk has had an alert, raised or again; what is being sent at this moment counts as had.
SELECT DISTINCT substring(channel FROM '[^-]+$') AS via FROM deliveries
WHERE alert_id = %(id)s AND outcome IN ('ok', 'sending') AND channel NOT LIKE 'cleared-%%';

-- name: state
-- An alert by its number: whether it stands, and its title.
SELECT id, title, cleared_at IS NULL AS stands FROM alerts WHERE id = %(id)s;

-- name: now
SELECT alert_id, kind, subject, title, text, path, raised_at, told_at, times FROM alerts_now
ORDER BY raised_at DESC, alert_id DESC;

-- name: tellings
-- Of each story that was told lately and was not alerted of before, when each outlet first told it in its own words. A
-- bare day says nothing of the hour, so that what we saw counts there.
WITH recent AS (
    SELECT DISTINCT m.story_id FROM articles a JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
    WHERE a.published >= %(since)s
      AND NOT EXISTS (SELECT 1 FROM alerts x WHERE x.kind = 'story-spreads' AND x.subject = m.story_id::text)),
told AS (
    SELECT m.story_id, a.outlet, a.title, a.language,
           CASE WHEN a.published_precision = 'instant' THEN least(a.published, a.first_seen_at)
                ELSE a.first_seen_at END AS at
    FROM recent JOIN memberships m ON m.story_id = recent.story_id AND m.until IS NULL
    JOIN articles a ON a.id = m.article_id
    WHERE NOT EXISTS (SELECT 1 FROM copies c WHERE c.article_id = a.id))
SELECT story_id, (array_agg(title) OVER (PARTITION BY story_id ORDER BY language IS DISTINCT FROM %(language)s, at
                                         ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))[1] AS headline,
       outlet, at
FROM (SELECT DISTINCT ON (story_id, outlet) * FROM told ORDER BY story_id, outlet, at) each_outlet;

-- name: dead_feeds
-- What polling has paused or retired by itself; what a person paused has no reason in its state.
SELECT id, outlet, url, state, coalesce(state_reason, '') AS reason,
       greatest((poll_state ->> 'answered_full')::timestamptz, (poll_state ->> 'answered_304')::timestamptz) AS last_answer
FROM feeds
WHERE (state = 'paused' AND poll_state ? 'paused_since') OR (state = 'retired' AND state_reason LIKE 'http-410%%')
ORDER BY id;

-- name: collecting
-- How collection stands, over feeds that somebody can answer at: invented outlets are asked by nobody.
WITH asked AS (
    SELECT * FROM feeds f
    WHERE state <> 'retired' AND right(split_part(split_part(url, '/', 3), ':', 1), 8) <> '.example'
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'poll' AND q.kind = 'feed' AND q.item_id = f.id))
SELECT count(*)::int AS feeds, max(added_at) AS added,
       max(greatest((poll_state ->> 'answered_full')::timestamptz, (poll_state ->> 'answered_304')::timestamptz)) AS answered,
       min(next_poll_at) FILTER (WHERE next_poll_at <= %(now)s) AS due,
       coalesce((SELECT jsonb_object_agg(reason, n) FROM (
           SELECT poll_state ->> 'reason' AS reason, count(*) AS n FROM asked
           WHERE poll_state ? 'failing_since' GROUP BY 1) f WHERE reason IS NOT NULL), '{}') AS failures
FROM asked;
