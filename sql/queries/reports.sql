-- name: only_read
-- First in a transaction: whatever is run in it after this, nothing is changed.
SELECT set_config('transaction_read_only', 'on', true);

-- name: ledger
SELECT * FROM ledger
WHERE entry_id::text = %(entry)s OR url = %(entry)s OR title ILIKE '%%' || %(entry)s || '%%'
ORDER BY first_seen_at LIMIT 20;

-- name: story_members
SELECT a.id, a.published, a.outlet, a.language, a.title, m.method, round(m.score::numeric, 3) AS score,
       round(m.threshold::numeric, 3) AS threshold, c.origin_id,
       a.url, c.containment
FROM memberships m JOIN articles a ON a.id = m.article_id LEFT JOIN copies c ON c.article_id = a.id
WHERE m.story_id = %(story_id)s AND m.until IS NULL
ORDER BY publication_order(a.published, a.published_precision), a.id;

-- name: story_events
SELECT at, kind, other_id, article_id, actor, reason FROM story_events
WHERE story_id = %(story_id)s OR other_id = %(story_id)s ORDER BY at, id;
