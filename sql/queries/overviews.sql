-- name: topics
SELECT slug, name, definition, digest_zone FROM topics ORDER BY name, slug;

-- name: topic
SELECT slug, name, definition, digest_zone FROM topics WHERE slug = %(topic)s;

-- name: last_day
-- By the articles' own order in time, so that few are looked at.
SELECT (a.published AT TIME ZONE t.digest_zone)::date FROM topics t, articles a
WHERE t.slug = %(topic)s AND a.published <= now()
  AND EXISTS (SELECT 1 FROM article_topics v WHERE v.article_id = a.id AND v.topic = t.slug AND v.on_topic)
ORDER BY a.published DESC LIMIT 1;

-- name: stretch
-- What was told on topic from one day to another, read once and counted in each way that the page shows.
WITH told AS MATERIALIZED (
    SELECT a.id, a.title, a.outlet, a.country, a.ownership, a.language, a.published, a.kind, m.story_id,
           c.article_id AS copy, (a.published AT TIME ZONE t.digest_zone)::date AS day
    FROM topics t JOIN articles a ON a.published >= %(first)s::date::timestamp AT TIME ZONE t.digest_zone
                                 AND a.published < (%(last)s::date + 1)::timestamp AT TIME ZONE t.digest_zone
    -- OFFSET 0 looks up each article: how many there are in these days is not known when this is planned.
    CROSS JOIN LATERAL (
        SELECT FROM article_topics WHERE article_id = a.id AND topic = t.slug AND on_topic OFFSET 0) v
    LEFT JOIN LATERAL (SELECT story_id FROM memberships WHERE article_id = a.id AND until IS NULL OFFSET 0) m ON true
    LEFT JOIN LATERAL (SELECT article_id FROM copies WHERE article_id = a.id OFFSET 0) c ON true
    WHERE t.slug = %(topic)s),
days AS (
    SELECT day, count(*) AS articles, count(copy) AS copies, count(DISTINCT outlet) AS outlets
    FROM told GROUP BY day),
widest AS (
    SELECT story_id, min(published) AS first_published, max(published) AS last_published, count(*) AS articles,
           count(DISTINCT outlet) AS outlets, count(DISTINCT outlet) FILTER (WHERE copy IS NULL) AS independent
    FROM told WHERE story_id IS NOT NULL GROUP BY story_id
    ORDER BY independent DESC, outlets DESC, last_published DESC, story_id LIMIT 100),
stories AS (
    SELECT widest.*, head.title AS headline, head.language FROM widest CROSS JOIN LATERAL (
        SELECT a.title, a.language FROM memberships m JOIN articles a ON a.id = m.article_id
        LEFT JOIN copies c ON c.article_id = a.id
        WHERE m.story_id = widest.story_id AND m.until IS NULL
        ORDER BY c.article_id IS NOT NULL, a.language <> 'en', a.published, a.id LIMIT 1) head),
openers AS (
    SELECT DISTINCT ON (story_id) story_id, outlet FROM told WHERE story_id IS NOT NULL
    ORDER BY story_id, published, id),
firsts AS (SELECT outlet, count(*) AS first_in FROM openers GROUP BY outlet),
sources AS (
    SELECT outlet, min(country) AS country, min(ownership) AS ownership, count(*) AS articles, count(copy) AS copies,
           coalesce(min(first_in), 0) AS first_in
    FROM told LEFT JOIN firsts USING (outlet) GROUP BY outlet ORDER BY articles DESC, outlet LIMIT 200)
SELECT (SELECT coalesce(json_agg(days ORDER BY day), '[]') FROM days) AS days,
       (SELECT coalesce(json_agg(stories ORDER BY independent DESC, outlets DESC, last_published DESC, story_id), '[]')
        FROM stories) AS stories,
       (SELECT coalesce(json_agg(sources ORDER BY articles DESC, outlet), '[]') FROM sources) AS sources,
       (SELECT count(*) FROM told WHERE kind IS DISTINCT FROM 'roundup') AS on_topic,
       (SELECT count(story_id) FROM told WHERE kind IS DISTINCT FROM 'roundup') AS in_story;

-- name: feeds
-- What needs somebody first: paused, then failing, then by outlet. Repeats are counted among each feed's newest 50
-- entries, and only the last request is looked at; the view feed_health counts over all.
SELECT f.id AS feed_id, f.outlet, f.url, f.country, f.language, f.ownership, f.state, f.state_reason, f.last_polled_at,
       f.next_poll_at, (f.poll_state ->> 'interval')::real AS interval_seconds, coalesce(c.entries, 0) AS entries,
       (SELECT max(published) FROM entries WHERE feed_id = f.id) AS newest_published,
       newest.repeats, coalesce(g.gaps, 0) AS gaps,
       CASE WHEN last.outcome NOT IN ('ok', 'not-modified', 'unchanged') THEN last.outcome END AS error,
       CASE WHEN last.outcome NOT IN ('ok', 'not-modified', 'unchanged') THEN last.detail END AS error_detail
FROM feeds f
LEFT JOIN feed_counts c ON c.feed_id = f.id
CROSS JOIN LATERAL (
    SELECT avg((EXISTS (SELECT 1 FROM entries other
                        WHERE other.canonical_url = n.canonical_url AND other.id <> n.id))::integer) AS repeats
    FROM (SELECT id, canonical_url FROM entries WHERE feed_id = f.id ORDER BY published DESC LIMIT 50) n) newest
LEFT JOIN LATERAL (
    SELECT outcome, detail FROM fetches WHERE feed_id = f.id AND kind = 'feed' ORDER BY at DESC LIMIT 1) last ON true
LEFT JOIN (SELECT feed_id, count(*) AS gaps FROM gaps GROUP BY feed_id) g ON g.feed_id = f.id
ORDER BY f.state = 'retired', f.state = 'active', last.outcome IN ('ok', 'not-modified', 'unchanged'), f.outlet, f.id;
