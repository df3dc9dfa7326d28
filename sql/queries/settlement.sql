-- name: unsettled
-- Whether any article of a stretch got its place, its text or its origin since the stretch was settled last.
SELECT EXISTS (SELECT 1 FROM articles WHERE clustered_at IS NOT NULL AND settled_at IS NULL
               AND first_seen_at >= %(start)s AND first_seen_at < %(end)s) AS any;

-- name: members
-- The articles published around a stretch that are in a story. Those seen before or after it stay where they are, and so
-- does a story of which a person said anything.
SELECT a.id, a.identity, a.title, a.text, a.published, a.language, v.embedding, c.origin_id, m.story_id,
       (SELECT min(t.topic) FROM article_topics t WHERE t.article_id = a.id AND t.on_topic) AS topic,
       a.first_seen_at < %(start)s OR a.first_seen_at >= %(end)s
           OR EXISTS (SELECT 1 FROM overrides o JOIN stories s ON s.id = o.story_id
                      WHERE o.revoked_at IS NULL AND coalesce(s.merged_into, s.id) = m.story_id) AS fixed
FROM articles a
JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
JOIN vectors v ON v.article_id = a.id AND v.model_id = %(model_id)s
LEFT JOIN copies c ON c.article_id = a.id
WHERE a.published >= %(since)s AND a.published < %(until)s
ORDER BY a.published, a.identity;

-- name: larger
-- Of these stories, those that have more members than the number given beside each.
SELECT given.story_id FROM unnest(%(ids)s::bigint[], %(sizes)s::int[]) AS given (story_id, size)
WHERE (SELECT count(*) FROM memberships m WHERE m.story_id = given.story_id AND m.until IS NULL) > given.size
ORDER BY given.story_id;

-- name: settled
UPDATE articles SET settled_at = %(now)s WHERE clustered_at IS NOT NULL AND settled_at IS NULL
  AND first_seen_at >= %(start)s AND first_seen_at < %(end)s;

-- name: texts
-- The texts published around a stretch whose origin was looked for, with what their feeds say of it; which of them the
-- stretch itself holds.
SELECT a.id, a.identity, a.canonical_url, a.outlet, a.title, a.text, a.published, a.language, e.source_name, e.source_url,
       a.first_seen_at >= %(start)s AND a.first_seen_at < %(end)s AS within,
       c.origin_id, c.containment, c.resemblance, c.rule
FROM articles a
LEFT JOIN copies c ON c.article_id = a.id
LEFT JOIN LATERAL (SELECT source_name, source_url FROM entries WHERE article_id = a.id
                   ORDER BY source_name IS NULL, source_name, source_url LIMIT 1) e ON true
WHERE a.state = 'extracted' AND a.copies_at IS NOT NULL AND a.published >= %(since)s AND a.published < %(until)s
ORDER BY a.published, a.identity;

-- name: reorigin
-- What has another origin now gets another vector, and its place is to be looked at with the next settling.
UPDATE articles SET embedded_at = NULL, settled_at = NULL WHERE id = %(id)s;
