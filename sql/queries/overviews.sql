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

-- name: days
SELECT (a.published AT TIME ZONE t.digest_zone)::date AS day, count(*) AS articles, count(c.article_id) AS copies,
       count(DISTINCT a.outlet) AS outlets
FROM topics t JOIN article_topics v ON v.topic = t.slug AND v.on_topic JOIN articles a ON a.id = v.article_id
LEFT JOIN copies c ON c.article_id = a.id
WHERE t.slug = %(topic)s AND a.published >= %(first)s::date::timestamp AT TIME ZONE t.digest_zone
  AND a.published < (%(last)s::date + 1)::timestamp AT TIME ZONE t.digest_zone
GROUP BY 1 ORDER BY 1;

-- name: stories
SELECT m.story_id, (array_agg(a.title ORDER BY c.article_id IS NOT NULL, a.language <> 'en', a.published))[1] AS headline,
       (array_agg(a.language ORDER BY c.article_id IS NOT NULL, a.language <> 'en', a.published))[1] AS language,
       min(a.published) AS first_published, max(a.published) AS last_published, count(*) AS articles,
       count(DISTINCT a.outlet) AS outlets, count(DISTINCT a.outlet) FILTER (WHERE c.article_id IS NULL) AS independent
FROM topics t JOIN article_topics v ON v.topic = t.slug AND v.on_topic JOIN articles a ON a.id = v.article_id
JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
LEFT JOIN copies c ON c.article_id = a.id
WHERE t.slug = %(topic)s AND a.published >= %(first)s::date::timestamp AT TIME ZONE t.digest_zone
  AND a.published < (%(last)s::date + 1)::timestamp AT TIME ZONE t.digest_zone
GROUP BY m.story_id ORDER BY independent DESC, outlets DESC, last_published DESC, m.story_id LIMIT 100;

-- name: sources
WITH told AS (
    SELECT a.outlet, a.country, a.ownership, c.article_id AS copy,
           row_number() OVER (PARTITION BY m.story_id ORDER BY a.published, a.id) = 1 AND m.story_id IS NOT NULL AS first
    FROM topics t JOIN article_topics v ON v.topic = t.slug AND v.on_topic JOIN articles a ON a.id = v.article_id
    LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
    LEFT JOIN copies c ON c.article_id = a.id
    WHERE t.slug = %(topic)s AND a.published >= %(first)s::date::timestamp AT TIME ZONE t.digest_zone
      AND a.published < (%(last)s::date + 1)::timestamp AT TIME ZONE t.digest_zone)
SELECT outlet, min(country) AS country, min(ownership) AS ownership, count(*) AS articles, count(copy) AS copies,
       count(*) FILTER (WHERE first) AS first_in
FROM told GROUP BY outlet ORDER BY articles DESC, outlet LIMIT 200;

-- name: recall
SELECT count(*) AS on_topic, count(m.story_id) AS in_story,
       round(count(m.story_id)::numeric / nullif(count(*), 0), 3) AS share
FROM topics t JOIN article_topics v ON v.topic = t.slug AND v.on_topic JOIN articles a ON a.id = v.article_id
LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
WHERE t.slug = %(topic)s AND a.kind IS DISTINCT FROM 'roundup'
  AND a.published >= %(first)s::date::timestamp AT TIME ZONE t.digest_zone
  AND a.published < (%(last)s::date + 1)::timestamp AT TIME ZONE t.digest_zone;
