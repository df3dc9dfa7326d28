-- name: counts
-- How far the pipeline has come, for the line under a progress bar.
SELECT (SELECT count(*) FROM feeds WHERE state <> 'retired') AS feeds,
       (SELECT count(*) FROM entries) AS entries,
       (SELECT count(*) FROM articles) AS articles,
       (SELECT count(*) FROM copies) AS copies,
       (SELECT count(*) FROM stories WHERE merged_into IS NULL) AS stories,
       (SELECT count(*) FROM digests WHERE state <> 'superseded') AS digests;

-- name: arrivals
-- What came since a moment, by the requests since then and the entries that their feeds hold: no table is read whole.
WITH asked AS MATERIALIZED (
    SELECT DISTINCT ON (feed_id) feed_id, outcome FROM fetches
    WHERE kind = 'feed' AND at >= %(since)s ORDER BY feed_id, at DESC),
held AS MATERIALIZED (
    SELECT e.id, e.matched_at, e.article_id, e.first_seen_at >= %(since)s AS is_new
    FROM asked CROSS JOIN LATERAL (  -- OFFSET keeps it a look by index for each feed
        SELECT * FROM entries WHERE feed_id = asked.feed_id AND last_seen_at >= %(since)s OFFSET 0) e),
failed AS (
    SELECT outcome, count(*) AS feeds FROM asked WHERE outcome NOT IN ('ok', 'not-modified', 'unchanged')
    GROUP BY outcome),
on_topic AS (
    SELECT t.topic, count(*) AS entries FROM held JOIN entry_topics t ON t.entry_id = held.id AND t.on_topic
    WHERE held.is_new GROUP BY t.topic),
pages AS (
    SELECT DISTINCT a.id, a.state FROM held JOIN articles a ON a.id = held.article_id WHERE held.is_new)
SELECT (SELECT count(*) FROM feeds WHERE state <> 'retired') AS feeds,
       (SELECT count(*) FROM asked) AS asked,
       (SELECT count(*) FROM asked WHERE outcome IN ('ok', 'not-modified', 'unchanged')) AS answered,
       (SELECT coalesce(json_object_agg(outcome, feeds ORDER BY feeds DESC, outcome), '{}') FROM failed) AS failed,
       (SELECT count(*) FROM held) AS entries,
       (SELECT count(*) FROM held WHERE is_new) AS new,
       (SELECT count(*) FROM held WHERE is_new AND matched_at IS NOT NULL) AS judged,
       (SELECT coalesce(json_object_agg(topic, entries ORDER BY entries DESC, topic), '{}') FROM on_topic) AS on_topic,
       (SELECT count(*) FROM pages) AS pages,
       (SELECT count(*) FROM pages WHERE state <> 'pending') AS read;

-- name: widest
-- The stories that most outlets told since a moment.
WITH told AS (
    SELECT m.story_id, count(DISTINCT a.outlet) AS outlets, max(a.published) AS newest
    FROM articles a JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
    WHERE a.published >= %(since)s GROUP BY m.story_id
    ORDER BY outlets DESC, newest DESC, m.story_id LIMIT %(most)s)
SELECT told.story_id, told.outlets, head.title AS headline FROM told CROSS JOIN LATERAL (
    SELECT a.title FROM memberships m JOIN articles a ON a.id = m.article_id
    WHERE m.story_id = told.story_id AND m.until IS NULL AND a.published >= %(since)s
    ORDER BY a.language <> 'en', a.published, a.id LIMIT 1) head
ORDER BY told.outlets DESC, told.newest DESC, told.story_id;
