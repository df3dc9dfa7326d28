-- name: standing
SELECT id, kind, subject, title, raised_at, told_at FROM alerts WHERE cleared_at IS NULL ORDER BY id FOR UPDATE;

-- name: lock
-- One process compares at a time: two that look at once find one thing once.
SELECT pg_advisory_xact_lock(hashtextextended('alerts', 0));

-- name: raise
INSERT INTO alerts (kind, subject, title, text, path, raised_at, told_at)
VALUES (%(kind)s, %(subject)s, %(title)s, %(text)s, %(path)s, %(now)s, %(now)s)
RETURNING id;

-- name: occurred
-- It was over as it began: what happened, and does not stand.
INSERT INTO alerts (kind, subject, title, text, path, raised_at, told_at, cleared_at)
VALUES (%(kind)s, %(subject)s, %(title)s, %(text)s, %(path)s, %(now)s, %(now)s, %(now)s)
RETURNING id;

-- name: repeat
UPDATE alerts SET times = times + 1, told_at = %(now)s, title = %(title)s, text = %(text)s
WHERE id = %(id)s RETURNING times;

-- name: clear
UPDATE alerts SET cleared_at = greatest(%(now)s, raised_at) WHERE id = %(id)s;

-- name: told
-- The ways by which the desk has had an alert, raised or again; what is being sent at this moment counts as had, and so
-- does a mail that only some refused. The rows are locked: who claims one of them afterwards sees the alert cleared.
SELECT DISTINCT substring(channel FROM '[^-]+$') AS via
FROM (SELECT channel, outcome FROM deliveries WHERE alert_id = %(id)s AND channel NOT LIKE 'cleared-%%' FOR UPDATE) x
WHERE outcome IN ('ok', 'sending', 'partly-refused');

-- name: state
-- An alert by its number: its kind, and whether it stands.
SELECT kind, cleared_at IS NULL AS stands FROM alerts WHERE id = %(id)s;

-- name: now
SELECT alert_id, kind, subject, title, text, path, raised_at, told_at, times FROM alerts_now
ORDER BY raised_at DESC, alert_id DESC;

-- name: tellings
-- Of each story that was told lately and of which no alert is over, when each outlet first told it in its own words. A
-- bare day says nothing of the hour, so that what we saw counts there, or the day's end where we came later. An alert of
-- a story that was merged away was one of the story that took it in.
WITH told_of AS (
    SELECT coalesce(s.merged_into, s.id) AS story_id
    FROM alerts x JOIN stories s ON s.id = CASE WHEN x.kind = 'story-spreads' THEN x.subject::bigint END
    WHERE x.kind = 'story-spreads' AND (x.cleared_at IS NOT NULL OR s.merged_into IS NOT NULL)),
recent AS (
    SELECT DISTINCT m.story_id FROM articles a JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
    WHERE a.published >= %(since)s::timestamptz - interval '1 day'
      AND (a.published >= %(since)s OR (a.published_precision = 'day' AND a.first_seen_at >= %(since)s))
      AND m.story_id NOT IN (SELECT story_id FROM told_of)),
told AS (
    SELECT m.story_id, a.outlet, a.title, a.language,
           least(a.first_seen_at,
                 CASE a.published_precision WHEN 'day' THEN a.published + interval '1 day' ELSE a.published END) AS at
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
-- How collection stands, over feeds that somebody can answer at: invented outlets are asked by nobody. A feed on which
-- our own code fails is asked in vain as well, and is due to nobody until its next try.
WITH asked AS (
    SELECT f.id, f.added_at, f.poll_state, q.item_id IS NOT NULL AS internal,
           CASE WHEN q.item_id IS NULL THEN f.next_poll_at END AS next_poll_at
    FROM feeds f LEFT JOIN item_faults q ON q.step = 'poll' AND q.kind = 'feed' AND q.item_id = f.id
    WHERE f.state <> 'retired' AND right(split_part(split_part(f.url, '/', 3), ':', 1), 8) <> '.example')
SELECT count(*)::int AS feeds, max(added_at) AS added,
       max(greatest((poll_state ->> 'answered_full')::timestamptz, (poll_state ->> 'answered_304')::timestamptz)) AS answered,
       min(next_poll_at) FILTER (WHERE next_poll_at <= %(now)s) AS due,
       coalesce((SELECT jsonb_object_agg(reason, n) FROM (
           SELECT CASE WHEN internal THEN 'internal' ELSE coalesce(poll_state ->> 'reason', 'unknown') END AS reason,
                  count(*) AS n
           FROM asked WHERE internal OR poll_state ? 'failing_since' GROUP BY 1) f), '{}') AS failures
FROM asked;
