-- name: day
-- The stories of a day as known at a moment: every on-topic article published in it, with the story it was in then.
SELECT m.story_id, a.id AS article_id, a.title, a.url, a.outlet, a.country, a.ownership, a.language,
       least(a.published, a.first_seen_at) AS published, c.origin_id AS copy_of, left(a.text, 1500) AS lead,
       coalesce(t.similarity, t.score) AS similarity
FROM memberships m
JOIN articles a ON a.id = m.article_id
JOIN article_topics t ON t.article_id = a.id AND t.topic = %(topic)s AND t.on_topic
LEFT JOIN copies c ON c.article_id = a.id
WHERE m.since <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
  AND least(a.published, a.first_seen_at) >= %(start)s AND least(a.published, a.first_seen_at) < %(end)s
ORDER BY m.story_id, published, a.id;

-- name: still_coming
-- The day of an article whose page is not there yet is that of its entries.
WITH of_the_day AS (
    SELECT a.id, a.state, a.next_try_at,
           a.leased_until > clock_timestamp()
               AND coalesce(a.leased_by = ANY ((SELECT living_owners())::bigint[]), true) AS held,
           EXISTS (SELECT 1 FROM item_faults q WHERE q.kind = 'article' AND q.item_id = a.id
                   AND q.set_aside_at IS NOT NULL) AS set_aside
    FROM articles a JOIN entries e ON e.article_id = a.id
    JOIN entry_topics t ON t.entry_id = e.id AND t.topic = %(topic)s AND t.on_topic
    LEFT JOIN article_topics whole ON whole.article_id = a.id AND whole.topic = t.topic
    WHERE coalesce(whole.on_topic, true)
      AND (a.state = 'pending' OR (a.state = 'extracted' AND a.clustered_at IS NULL))
      AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.article_id = a.id AND m.until IS NULL)
    GROUP BY a.id
    HAVING least(coalesce(a.published, min(e.published)), a.first_seen_at) >= %(start)s
       AND least(coalesce(a.published, min(e.published)), a.first_seen_at) < %(end)s
)
SELECT count(*) FILTER (WHERE held AND NOT set_aside)::int AS held,
       count(*) FILTER (WHERE NOT held AND NOT set_aside AND state = 'pending' AND next_try_at <= %(now)s)::int AS to_fetch,
       count(*) FILTER (WHERE NOT held AND NOT set_aside AND state = 'pending' AND next_try_at > %(now)s)::int AS to_retry,
       count(*) FILTER (WHERE NOT held AND NOT set_aside AND state = 'extracted')::int AS to_place,
       count(*) FILTER (WHERE set_aside)::int AS set_aside,
       (SELECT count(*)::int FROM entries e WHERE e.matched_at IS NULL
          AND least(e.published, e.first_seen_at) >= %(start)s AND least(e.published, e.first_seen_at) < %(end)s) AS unjudged
FROM of_the_day;

-- name: before
-- How many articles each story had in the latest earlier digest, followed through merges.
SELECT coalesce(s.merged_into, s.id) AS story_id, sum(jsonb_array_length(i.articles))::int AS articles
FROM digest_items i JOIN stories s ON s.id = i.story_id
WHERE i.digest_id = (
    SELECT id FROM digests WHERE topic = %(topic)s AND day < %(day)s AND state IN ('published', 'draft')
    ORDER BY day DESC, version DESC LIMIT 1)
GROUP BY 1;

-- name: supersede
-- A new draft of a day replaces one that nobody has decided on.
UPDATE digests SET state = 'superseded' WHERE topic = %(topic)s AND day = %(day)s AND state = 'draft';

-- name: insert
INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at, pending,
                     pending_why, corrects)
VALUES (%(topic)s, %(day)s,
        (SELECT coalesce(max(version), 0) + 1 FROM digests WHERE topic = %(topic)s AND day = %(day)s),
        %(title)s, %(markdown)s, %(html)s, %(articles)s, %(outlets)s, %(as_of)s, %(now)s, %(pending)s,
        %(pending_why)s, %(corrects)s)
RETURNING id, version;

-- name: insert_item
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)
VALUES (%(digest_id)s, %(story_id)s, %(rank)s, %(headline)s, %(summary)s, %(status)s, %(score)s, %(outlets)s,
        %(independent)s, %(articles)s);

-- name: insert_drop
INSERT INTO digest_drops (digest_id, story_id, reason, actor, headline)
VALUES (%(digest_id)s, %(story_id)s, %(reason)s, %(actor)s, %(headline)s)
ON CONFLICT (digest_id, story_id) DO UPDATE SET reason = excluded.reason, actor = excluded.actor,
    headline = excluded.headline;

-- name: clear_items
DELETE FROM digest_items WHERE digest_id = %(id)s;

-- name: clear_drops
DELETE FROM digest_drops WHERE digest_id = %(id)s;

-- name: rewrite
UPDATE digests SET articles = %(articles)s, outlets = %(outlets)s, markdown = %(markdown)s, html = %(html)s,
    as_of = %(as_of)s, revision = revision + 1, edited_by = %(editor)s, edited_at = %(now)s
WHERE id = %(id)s;

-- name: hold
UPDATE digests SET note = %(note)s WHERE id = %(id)s AND state = 'draft';

-- name: published_version
SELECT max(version) FROM digests WHERE topic = %(topic)s AND day = %(day)s AND published_at IS NOT NULL;

-- name: one
SELECT d.id, d.topic, t.name AS topic_name, d.day, d.version, d.state, d.title, d.markdown, d.html, d.articles, d.outlets,
       d.as_of, d.drafted_at, d.reviewed_by, d.reviewed_at, d.note, d.published_at, d.pending, d.pending_why,
       d.revision, d.corrects, d.edited_by, d.edited_at,
       (SELECT count(*) FROM digest_items i WHERE i.digest_id = d.id) AS stories
FROM digests d JOIN topics t ON t.slug = d.topic WHERE d.id = %(id)s;

-- name: items
SELECT story_id, rank, headline, summary, status, score, outlets, independent, articles
FROM digest_items WHERE digest_id = %(id)s ORDER BY rank;

-- name: drops
SELECT story_id, reason, actor, headline FROM digest_drops WHERE digest_id = %(id)s ORDER BY story_id;

-- name: all
SELECT d.id, d.topic, t.name AS topic_name, d.day, d.version, d.state, d.title, d.markdown, d.html, d.articles, d.outlets,
       d.as_of, d.drafted_at, d.reviewed_by, d.reviewed_at, d.note, d.published_at, d.pending, d.pending_why,
       d.revision, d.corrects, d.edited_by, d.edited_at,
       (SELECT count(*) FROM digest_items i WHERE i.digest_id = d.id) AS stories
FROM digests d JOIN topics t ON t.slug = d.topic
WHERE d.state <> 'superseded' ORDER BY d.day DESC, d.topic, d.version DESC;

-- name: lock
-- Two answers to one review: the second waits and then finds the digest decided.
SELECT state FROM digests WHERE id = %(id)s FOR UPDATE;

-- name: replace_published
UPDATE digests SET state = 'superseded'
WHERE topic = %(topic)s AND day = %(day)s AND state = 'published' AND id <> %(id)s;

-- name: decide
UPDATE digests SET state = %(state)s::text, reviewed_by = %(reviewer)s, reviewed_at = %(now)s::timestamptz, note = %(note)s,
    markdown = %(markdown)s, html = %(html)s, published_at = CASE WHEN %(state)s::text = 'published' THEN %(now)s::timestamptz END
WHERE id = %(id)s;

-- name: published
SELECT id, day::text AS day, title, html, published_at FROM digests
WHERE topic = %(topic)s AND state = 'published' ORDER BY day DESC LIMIT 60;
