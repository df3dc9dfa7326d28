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
-- The ways by which the desk has had an alert, raised or again, in a message of its own or with others; what is being
-- sent at this moment counts as had, and so does a mail that only some refused. The rows are locked: who claims one of
-- them afterwards sees the alert cleared.
SELECT DISTINCT substring(channel FROM '[^-]+$') AS via
FROM (SELECT channel, outcome FROM deliveries d
      WHERE d.id IN (SELECT id FROM deliveries WHERE alert_id = %(id)s
                     UNION ALL SELECT delivery_id FROM alert_messages WHERE alert_id = %(id)s)
        AND channel NOT LIKE 'cleared-%%' FOR UPDATE) x
WHERE outcome IN ('ok', 'sending', 'partly-refused');

-- name: tell_with
-- Further alerts that the message of this alert tells, by whichever channels it goes.
INSERT INTO alert_messages (delivery_id, alert_id)
SELECT d.id, other FROM deliveries d, unnest(%(others)s::bigint[]) AS other
WHERE d.alert_id = %(id)s AND d.channel = ANY(%(channels)s)
ON CONFLICT DO NOTHING;

-- name: state
-- What a message is of: the kind of its alerts, and whether any of them stands.
SELECT a.kind, a.cleared_at IS NULL OR EXISTS (
           SELECT 1 FROM alert_messages m JOIN alerts o ON o.id = m.alert_id
           WHERE m.delivery_id = d.id AND o.cleared_at IS NULL) AS stands
FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE d.id = %(delivery_id)s;

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
