-- name: only_read
-- First in a transaction: whatever is run in it after this, nothing is changed.
SELECT set_config('transaction_read_only', 'on', true);

-- name: ledger
-- By id or by address in any spelling; else by words of the title in their order, the last of which may be only begun.
-- Each by an index.
WITH asked AS MATERIALIZED (
    SELECT e.id FROM entries e WHERE e.id = %(id)s
    UNION SELECT e.id FROM entries e WHERE wirewatch.address_key(e.canonical_url) = wirewatch.address_key(%(address)s)
    UNION SELECT e.id FROM articles a JOIN entries e ON e.article_id = a.id
          WHERE wirewatch.address_key(a.canonical_url) = wirewatch.address_key(%(address)s)
), named AS MATERIALIZED (
    SELECT id FROM asked
    UNION (SELECT e.id FROM entries e
           WHERE NOT EXISTS (SELECT 1 FROM asked)
             AND to_tsvector('pg_catalog.simple', search_words(e.title)) @@ search_term(%(entry)s::text, true, true) LIMIT 20))
SELECT l.* FROM named n CROSS JOIN LATERAL (SELECT * FROM ledger WHERE entry_id = n.id OFFSET 0) l
ORDER BY l.first_seen_at, l.entry_id, l.topic LIMIT 20;

-- name: story_members
-- An article opened its story where there was nothing to compare it with (first), and where the nearest story that a
-- rule compared it with stayed under its threshold: the row then names that rule.
SELECT a.id, a.published, a.published_precision, a.outlet, a.country, a.ownership, a.language, a.title, m.method,
       m.method = 'first' OR (m.score < m.threshold AND m.method IN ('mix', 'words', 'vectors', 'topical')) AS opened,
       round(m.score::numeric, 3) AS score, round(m.threshold::numeric, 3) AS threshold, c.origin_id,
       a.url, c.containment
FROM memberships m JOIN articles a ON a.id = m.article_id LEFT JOIN copies c ON c.article_id = a.id
WHERE m.story_id = %(story_id)s AND m.until IS NULL
ORDER BY publication_order(a.published, a.published_precision), a.id;

-- name: former_members
-- What a story that has no article any more once held, and where it is now.
SELECT * FROM (
    SELECT DISTINCT ON (a.id) a.id, a.title, a.outlet, a.language, m.until, now_in.story_id
    FROM memberships m JOIN articles a ON a.id = m.article_id
    LEFT JOIN memberships now_in ON now_in.article_id = a.id AND now_in.until IS NULL
    WHERE m.story_id = %(story_id)s AND m.until IS NOT NULL ORDER BY a.id, m.until DESC) once
ORDER BY until DESC, id;

-- name: digests_of_story
-- The digests of which a story is an item, the newest version of each day.
SELECT DISTINCT ON (d.day, d.topic) d.id, d.day, t.name AS topic_name
FROM digest_items i JOIN digests d ON d.id = i.digest_id JOIN topics t ON t.slug = d.topic
WHERE i.story_id = %(story_id)s AND d.state IN ('draft', 'published') ORDER BY d.day, d.topic, d.version DESC;

-- name: story_events
SELECT at, kind, other_id, article_id, actor, reason FROM story_events
WHERE story_id = %(story_id)s OR other_id = %(story_id)s ORDER BY at, id;
