-- name: claim
-- Under a lease, as texts are made ready outside of the transaction that judges them.
WITH taken AS (
    SELECT a.id FROM articles a
    WHERE a.state = 'extracted' AND a.copies_at IS NULL
      AND (a.leased_until <= clock_timestamp() OR a.leased_by <> ALL ((SELECT living_owners())::bigint[]))
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'copies' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
    ORDER BY a.published, a.id LIMIT %(limit)s FOR NO KEY UPDATE OF a SKIP LOCKED)
UPDATE articles SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s), leased_by = %(owner)s
WHERE id IN (SELECT id FROM taken)
RETURNING id;

-- name: claimed
-- What is still the claimer's of what was claimed.
SELECT a.id, a.canonical_url, a.url, a.outlet, a.title, a.text, a.published, a.language,
       e.source_name, e.source_url
FROM articles a
LEFT JOIN LATERAL (SELECT source_name, source_url FROM entries WHERE article_id = a.id
                   ORDER BY source_name IS NULL, id LIMIT 1) e ON true
WHERE a.id = ANY(%(ids)s) AND a.leased_by = %(owner)s AND a.state = 'extracted' AND a.copies_at IS NULL
ORDER BY a.published, a.id;

-- name: hold
-- The same, which nobody else can have until the transaction ends; in the order of keys.
SELECT id FROM articles
WHERE id = ANY(%(ids)s) AND leased_by = %(owner)s AND state = 'extracted' AND copies_at IS NULL
ORDER BY id FOR NO KEY UPDATE;

-- name: release
UPDATE articles SET leased_until = 'epoch', leased_by = NULL WHERE id = ANY(%(ids)s) AND leased_by = %(owner)s;

-- name: clear_keys
DELETE FROM copy_keys WHERE article_id = %(article_id)s;

-- name: add_keys
INSERT INTO copy_keys (key, article_id, published)
SELECT unnest(%(keys)s::bigint[]), %(article_id)s, %(published)s ON CONFLICT DO NOTHING;

-- name: candidates
-- Articles that share fingerprints, those with most first, and the origins of those that are copies themselves.
WITH sharing AS (
    SELECT k.article_id, count(*) AS shared FROM copy_keys k
    WHERE k.key = ANY(%(keys)s) AND k.article_id <> %(article_id)s AND k.published BETWEEN %(since)s AND %(until)s
    GROUP BY k.article_id ORDER BY shared DESC, k.article_id LIMIT %(limit)s),
wanted AS (
    SELECT article_id AS id FROM sharing
    UNION SELECT c.origin_id FROM copies c JOIN sharing USING (article_id) WHERE c.origin_id <> %(article_id)s)
SELECT a.id, a.title, a.text, a.published, a.canonical_url, a.outlet, a.language, c.origin_id,
       e.source_name, e.source_url
FROM wanted JOIN articles a USING (id) LEFT JOIN copies c ON c.article_id = a.id
LEFT JOIN LATERAL (SELECT source_name, source_url FROM entries WHERE article_id = a.id
                   ORDER BY source_name IS NULL, id LIMIT 1) e ON true
ORDER BY a.id;

-- name: save
INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)
VALUES (%(article_id)s, %(origin_id)s, %(containment)s, %(resemblance)s, %(rule)s, %(now)s)
ON CONFLICT (article_id) DO UPDATE SET origin_id = excluded.origin_id, containment = excluded.containment,
    resemblance = excluded.resemblance, rule = excluded.rule, decided_at = excluded.decided_at;

-- name: drop
DELETE FROM copies WHERE article_id = %(article_id)s;

-- name: followers
-- The known copies of an origin, as candidates.
SELECT a.id, a.title, a.text, a.published, a.canonical_url, a.outlet, a.language, c.origin_id,
       e.source_name, e.source_url
FROM copies c JOIN articles a ON a.id = c.article_id
LEFT JOIN LATERAL (SELECT source_name, source_url FROM entries WHERE article_id = a.id
                   ORDER BY source_name IS NULL, id LIMIT 1) e ON true
WHERE c.origin_id = %(origin_id)s ORDER BY a.id;

-- name: commonplace
-- Of fingerprints those that stood in texts of at least so many days: what the papers write day after day.
SELECT key FROM copy_keys
WHERE key = ANY(%(keys)s) AND article_id <> %(article_id)s AND published BETWEEN %(since)s AND %(until)s
GROUP BY key HAVING count(DISTINCT (published AT TIME ZONE 'UTC')::date) >= %(days)s;

-- name: join
DELETE FROM told_apart WHERE %(article_id)s IN (article_id, other_id);

-- name: set_apart
INSERT INTO told_apart (article_id, other_id)
SELECT %(article_id)s, other FROM unnest(%(others)s::bigint[]) other
UNION ALL SELECT other, %(article_id)s FROM unnest(%(others)s::bigint[]) other
ON CONFLICT DO NOTHING;

-- name: apart
SELECT article_id AS left_id, other_id AS right_id FROM told_apart WHERE article_id = ANY(%(ids)s);

-- name: stories_apart
SELECT DISTINCT t.article_id AS left_id, m.story_id AS right_id
FROM told_apart t JOIN memberships m ON m.article_id = t.other_id AND m.until IS NULL
WHERE t.article_id = ANY(%(ids)s);

-- name: pairs_apart
SELECT DISTINCT m.story_id AS left_id, n.story_id AS right_id
FROM memberships m JOIN told_apart t ON t.article_id = m.article_id
JOIN memberships n ON n.article_id = t.other_id AND n.until IS NULL AND n.story_id <> m.story_id
WHERE m.until IS NULL AND m.story_id = ANY(%(ids)s);

-- name: done
UPDATE articles SET copies_at = %(now)s WHERE id = %(id)s;

-- name: own_texts
-- An outlet's newest texts that are no copies: what recurs in them is its boilerplate, not news.
SELECT a.text, a.language FROM articles a LEFT JOIN copies c ON c.article_id = a.id
WHERE a.outlet = %(outlet)s AND a.state = 'extracted' AND a.copies_at IS NOT NULL AND c.article_id IS NULL
ORDER BY a.id DESC LIMIT %(limit)s;
