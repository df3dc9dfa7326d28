-- name: day
-- The stories of a day as known at a moment: every on-topic article published in it, with the story it was in then.
-- An article's words are those that stood at that moment.
SELECT m.story_id, a.id AS article_id, coalesce(r.title, a.title) AS title, a.url, a.outlet, a.country, a.ownership,
       a.language, CASE WHEN stated.day_only THEN a.published ELSE told.at END AS published, c.origin_id AS copy_of,
       CASE WHEN stated.day_only THEN 'day' ELSE 'instant' END AS stated_precision,
       left(coalesce(r.text, a.text), 1500) AS lead, coalesce(t.similarity, t.score) AS similarity
FROM memberships m
JOIN articles a ON a.id = m.article_id
JOIN article_topics t ON t.article_id = a.id AND t.topic = %(topic)s AND t.on_topic
JOIN topics z ON z.slug = t.topic
CROSS JOIN LATERAL (
    SELECT told_at(a.published, a.published_precision, a.first_seen_at, z.digest_zone) AS at) told
-- A day without an hour stays the midnight UTC that it is stored as, unless the article was seen before that day.
CROSS JOIN LATERAL (SELECT a.published_precision = 'day' AND told.at < a.first_seen_at AS day_only) stated
LEFT JOIN copies c ON c.article_id = a.id
LEFT JOIN LATERAL (
    SELECT title, text FROM article_revisions r WHERE r.article_id = a.id AND r.seen_at <= %(as_of)s
    ORDER BY r.seen_at DESC, r.revision DESC LIMIT 1) r ON true
WHERE m.since <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
  AND told.at >= %(start)s AND told.at < %(end)s
  -- The same for the index, which knows no zone.
  AND least(a.published, a.first_seen_at) >= (%(start)s)::timestamptz - interval '12 hours'
  AND least(a.published, a.first_seen_at) < (%(end)s)::timestamptz + interval '14 hours'
ORDER BY m.story_id, least(publication_order(a.published, a.published_precision), a.first_seen_at), a.id;

-- name: has_anything
-- Whether a day can be told: a feed answered before it was over, or what feeds still held of it later is on topic.
SELECT (SELECT at FROM fetches WHERE at < %(end)s AND kind = 'feed' AND outcome = 'ok' ORDER BY at LIMIT 1) IS NOT NULL
    OR EXISTS (SELECT 1 FROM entry_topics t JOIN entries e ON e.id = t.entry_id
               WHERE t.topic = %(topic)s AND t.on_topic AND e.published >= %(start)s AND e.published < %(end)s) AS it;

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
    JOIN topics zone ON zone.slug = t.topic
    WHERE coalesce(whole.on_topic, true)
      AND (a.state = 'pending' OR (a.state = 'extracted' AND a.clustered_at IS NULL))
      AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.article_id = a.id AND m.until IS NULL)
    GROUP BY a.id, zone.digest_zone
    HAVING least(a.first_seen_at, CASE WHEN a.published IS NULL THEN min(told_at(e.published, e.published_precision, 'infinity', zone.digest_zone))
                                      ELSE told_at(a.published, a.published_precision, 'infinity', zone.digest_zone) END) >= %(start)s
       AND least(a.first_seen_at, CASE WHEN a.published IS NULL THEN min(told_at(e.published, e.published_precision, 'infinity', zone.digest_zone))
                                      ELSE told_at(a.published, a.published_precision, 'infinity', zone.digest_zone) END) < %(end)s
)
SELECT count(*) FILTER (WHERE held AND NOT set_aside)::int AS held,
       count(*) FILTER (WHERE NOT held AND NOT set_aside AND state = 'pending' AND next_try_at <= %(now)s)::int AS to_fetch,
       count(*) FILTER (WHERE NOT held AND NOT set_aside AND state = 'pending' AND next_try_at > %(now)s)::int AS to_retry,
       count(*) FILTER (WHERE NOT held AND NOT set_aside AND state = 'extracted')::int AS to_place,
       count(*) FILTER (WHERE set_aside)::int AS set_aside,
       (SELECT count(*)::int FROM entries e WHERE e.matched_at IS NULL
          AND told_at(e.published, e.published_precision, e.first_seen_at,
                      (SELECT digest_zone FROM topics WHERE slug = %(topic)s)) >= %(start)s
          AND told_at(e.published, e.published_precision, e.first_seen_at,
                      (SELECT digest_zone FROM topics WHERE slug = %(topic)s)) < %(end)s) AS unjudged
FROM of_the_day;

-- name: since
-- The digest of an earlier day that readers have had last.
SELECT id AS digest_id, day::text AS day, as_of FROM digests
WHERE topic = %(topic)s AND state = 'published' AND day < %(day)s ORDER BY day DESC LIMIT 1;

-- name: shown
-- The stories of a digest, followed through merges.
SELECT coalesce(s.merged_into, s.id) AS story_id, i.headline,
       ARRAY(SELECT (x ->> 'article_id')::bigint FROM jsonb_array_elements(i.articles) x) AS article_ids
FROM digest_items i JOIN stories s ON s.id = i.story_id WHERE i.digest_id = %(digest_id)s ORDER BY i.rank;

-- name: earlier
-- What the stories of a day told on the days before it, and whether the digest of `since` could know it. The text is
-- that which stood when that digest was drafted.
WITH bounds AS (
    SELECT digest_zone, %(day)s::date::timestamp AT TIME ZONE digest_zone AS start_at,
           (%(day)s::date + 1)::timestamp AT TIME ZONE digest_zone AS end_at,
           (%(since_day)s::date + 1)::timestamp AT TIME ZONE digest_zone AS since_end
    FROM topics WHERE slug = %(topic)s
), told AS MATERIALIZED (
    SELECT DISTINCT m.story_id
    FROM bounds b JOIN articles a
      ON least(a.published, a.first_seen_at) >= b.start_at - interval '12 hours'
     AND least(a.published, a.first_seen_at) < b.end_at + interval '14 hours'
     AND told_at(a.published, a.published_precision, a.first_seen_at, b.digest_zone) >= b.start_at
     AND told_at(a.published, a.published_precision, a.first_seen_at, b.digest_zone) < b.end_at
    JOIN article_topics t ON t.article_id = a.id AND t.topic = %(topic)s AND t.on_topic
    -- OFFSET 0 holds a day's articles, and their stories, to the index, however many days there are.
    CROSS JOIN LATERAL (SELECT story_id, since, until FROM memberships WHERE article_id = a.id OFFSET 0) m
    WHERE m.since <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
), placed AS (
    SELECT told.story_id, a.id, a.outlet, a.url, a.language, a.text, at.told_at,
           CASE WHEN stated.day_only THEN a.published ELSE at.told_at END AS published,
           CASE WHEN stated.day_only THEN 'day' ELSE 'instant' END AS stated_precision
    FROM bounds b CROSS JOIN told CROSS JOIN LATERAL (
        SELECT article_id, since, until FROM memberships WHERE story_id = told.story_id OFFSET 0) m
    JOIN articles a ON a.id = m.article_id
    JOIN article_topics t ON t.article_id = a.id AND t.topic = %(topic)s AND t.on_topic
    CROSS JOIN LATERAL (
        SELECT told_at(a.published, a.published_precision, a.first_seen_at, b.digest_zone) AS told_at) at
    CROSS JOIN LATERAL (SELECT a.published_precision = 'day' AND at.told_at < a.first_seen_at AS day_only) stated
    WHERE m.since <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
)
SELECT p.story_id, p.id AS article_id, p.outlet, p.url, p.language, p.published, p.stated_precision,
       left(coalesce(r.text, p.text), 20000) AS text,
       coalesce(p.told_at < b.since_end AND EXISTS (
           SELECT 1 FROM memberships k WHERE k.article_id = p.id AND k.since <= %(since_as_of)s), false) AS seen
FROM bounds b CROSS JOIN placed p
LEFT JOIN LATERAL (
    SELECT text FROM article_revisions r
    WHERE r.article_id = p.id AND r.seen_at <= coalesce(%(since_as_of)s, %(as_of)s)
    ORDER BY r.seen_at DESC, r.revision DESC LIMIT 1) r ON true
WHERE p.told_at < b.start_at
ORDER BY p.story_id, p.told_at, p.id;

-- name: revised
-- Articles of published digests that their outlets corrected after the last of these: the wording before the first
-- correction, and that correction.
WITH shown AS (
    SELECT DISTINCT (x ->> 'article_id')::bigint AS id
    FROM digests d JOIN digest_items i ON i.digest_id = d.id, jsonb_array_elements(i.articles) x
    WHERE d.topic = %(topic)s AND d.state = 'published' AND d.day < %(day)s AND d.day >= %(day)s::date - 30
)
SELECT a.id AS article_id, m.story_id, a.outlet, a.url, new.title, new.seen_at AS at, old.text AS was, new.text AS now
FROM shown JOIN articles a ON a.id = shown.id
JOIN LATERAL (
    SELECT r.revision, r.seen_at, r.title, r.text FROM article_revisions r
    WHERE r.article_id = a.id AND r.kind = 'correction' AND r.seen_at > %(since_as_of)s AND r.seen_at <= %(as_of)s
    ORDER BY r.seen_at, r.revision LIMIT 1) new ON true
JOIN article_revisions old ON old.article_id = a.id AND old.revision = new.revision - 1
LEFT JOIN memberships m ON m.article_id = a.id AND m.since <= %(as_of)s AND (m.until IS NULL OR m.until > %(as_of)s)
ORDER BY new.seen_at, a.id;

-- name: prints
-- The copies of articles, and the other prints of what they are copies of, with the texts of a moment.
SELECT x.id AS of_id, a.outlet, a.url, coalesce(r.title, a.title) AS title, left(coalesce(r.text, a.text), 50000) AS text
FROM unnest(%(ids)s::bigint[]) AS x (id)
LEFT JOIN copies own ON own.article_id = x.id
JOIN LATERAL (
    SELECT c.article_id AS id FROM copies c WHERE c.origin_id = coalesce(own.origin_id, x.id)
    UNION SELECT own.origin_id) p ON p.id <> x.id
JOIN articles a ON a.id = p.id
LEFT JOIN LATERAL (
    SELECT title, text FROM article_revisions r WHERE r.article_id = a.id AND r.seen_at <= %(as_of)s
    ORDER BY r.seen_at DESC, r.revision DESC LIMIT 1) r ON true
ORDER BY x.id, a.outlet, a.id;

-- name: supersede
-- A new draft of a day replaces one that nobody has decided on.
UPDATE digests SET state = 'superseded' WHERE topic = %(topic)s AND day = %(day)s AND state = 'draft';

-- name: insert
INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at, pending,
                     pending_why, changes, corrects)
VALUES (%(topic)s, %(day)s,
        (SELECT coalesce(max(version), 0) + 1 FROM digests WHERE topic = %(topic)s AND day = %(day)s),
        %(title)s, %(markdown)s, %(html)s, %(articles)s, %(outlets)s, %(as_of)s, %(now)s, %(pending)s,
        %(pending_why)s, %(changes)s, %(corrects)s)
RETURNING id, version;

-- name: insert_item
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles,
                          details)
VALUES (%(digest_id)s, %(story_id)s, %(rank)s, %(headline)s, %(summary)s, %(status)s, %(score)s, %(outlets)s,
        %(independent)s, %(articles)s, %(details)s);


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
    as_of = %(as_of)s, changes = %(changes)s, revision = revision + 1, edited_by = %(editor)s, edited_at = %(now)s
WHERE id = %(id)s;

-- name: hold
UPDATE digests SET note = %(note)s WHERE id = %(id)s AND state = 'draft';

-- name: published_version
SELECT max(version) FROM digests WHERE topic = %(topic)s AND day = %(day)s AND published_at IS NOT NULL;

-- name: one
SELECT d.id, d.topic, t.name AS topic_name, d.day, d.version, d.state, d.title, d.markdown, d.html, d.articles, d.outlets,
       d.as_of, d.drafted_at, d.reviewed_by, d.reviewed_at, d.note, d.published_at, d.pending, d.pending_why, d.changes,
       d.revision, d.corrects, d.edited_by, d.edited_at,
       (SELECT count(*) FROM digest_items i WHERE i.digest_id = d.id) AS stories
FROM digests d JOIN topics t ON t.slug = d.topic WHERE d.id = %(id)s;

-- name: items
SELECT story_id, rank, headline, summary, status, score, outlets, independent, articles, details
FROM digest_items WHERE digest_id = %(id)s ORDER BY rank;

-- name: drops
SELECT story_id, reason, actor, headline FROM digest_drops WHERE digest_id = %(id)s ORDER BY story_id;

-- name: all
SELECT d.id, d.topic, t.name AS topic_name, d.day, d.version, d.state, d.title, d.markdown, d.html, d.articles, d.outlets,
       d.as_of, d.drafted_at, d.reviewed_by, d.reviewed_at, d.note, d.published_at, d.pending, d.pending_why, d.changes,
       d.revision, d.corrects, d.edited_by, d.edited_at,
       (SELECT count(*) FROM digest_items i WHERE i.digest_id = d.id) AS stories
FROM digests d JOIN topics t ON t.slug = d.topic
WHERE d.state <> 'superseded' ORDER BY d.day DESC, d.topic, d.version DESC;

-- name: page
-- As `all`, of the newest days before one, or of all days; at most so many days.
SELECT d.id, d.topic, t.name AS topic_name, d.day, d.version, d.state, d.title, d.markdown, d.html, d.articles, d.outlets,
       d.as_of, d.drafted_at, d.reviewed_by, d.reviewed_at, d.note, d.published_at, d.pending, d.pending_why, d.changes,
       d.revision, d.corrects, d.edited_by, d.edited_at,
       (SELECT count(*) FROM digest_items i WHERE i.digest_id = d.id) AS stories
FROM digests d JOIN topics t ON t.slug = d.topic
WHERE d.state <> 'superseded' AND d.day < coalesce(%(before)s::date, 'infinity')
  AND d.day >= coalesce((
      SELECT min(day) FROM (SELECT DISTINCT day FROM digests
                            WHERE state <> 'superseded' AND day < coalesce(%(before)s::date, 'infinity')
                            ORDER BY day DESC LIMIT %(days)s) newest), '-infinity')
ORDER BY d.day DESC, d.topic, d.version DESC;

-- name: versions
-- Superseded ones too: a link to one may be in somebody's mail.
SELECT v.id, v.version, v.state FROM digests d JOIN digests v ON (v.topic, v.day) = (d.topic, d.day)
WHERE d.id = %(id)s ORDER BY v.version;

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

-- name: published_days
-- All of them, without their text.
SELECT id, day::text AS day, title, '' AS html, published_at FROM digests
WHERE topic = %(topic)s AND state = 'published' ORDER BY day DESC;

-- name: published_topics
SELECT t.slug, t.name, max(d.day)::text AS newest FROM digests d JOIN topics t ON t.slug = d.topic
WHERE d.state = 'published' GROUP BY t.slug, t.name ORDER BY t.name, t.slug;

-- name: drafts_after
-- What they say of the digest published before them is told anew.
SELECT id FROM digests WHERE topic = %(topic)s AND state = 'draft' AND day > %(day)s ORDER BY day, id FOR UPDATE;

