-- name: known
-- The rows that documents of feeds are compared with: those each names by key or by an address, however spelt, and
-- those present last time. One look-up each, because a feed has rows of years.
WITH asked AS (SELECT * FROM json_to_recordset(%(asked)s) AS a (feed_id bigint, keys text[], addresses text[]))
SELECT e.feed_id, e.id, e.key, e.canonical_url, e.title, e.text, e.published, e.published_rule, e.absent_since
FROM asked a JOIN entries e ON e.feed_id = a.feed_id AND e.key = ANY(a.keys)
UNION
SELECT e.feed_id, e.id, e.key, e.canonical_url, e.title, e.text, e.published, e.published_rule, e.absent_since
FROM asked a JOIN entries e ON e.feed_id = a.feed_id AND address_identity(e.canonical_url) = ANY(a.addresses)
UNION
SELECT e.feed_id, e.id, e.key, e.canonical_url, e.title, e.text, e.published, e.published_rule, e.absent_since
FROM asked a JOIN entries e ON e.feed_id = a.feed_id AND e.absent_since IS NULL;

-- name: insert
-- In the order given: the numbers of rows grow as their documents tell them.
INSERT INTO entries (feed_id, key, guid, url, canonical_url, title, text, summary_html, content_html, authors,
                     language, tags, image, source_name, source_url, published, published_rule, published_precision,
                     problems, first_seen_at, last_seen_at)
SELECT feed_id, key, guid, url, canonical_url, title, text, summary_html, content_html, authors, language, tags, image,
       source_name, source_url, published, published_rule, published_precision, problems, now, now
FROM json_to_recordset(%(rows)s) AS given (
    place integer, feed_id bigint, key text, guid text, url text, canonical_url text, title text, text text,
    summary_html text, content_html text, authors text[], language text, tags text[], image text, source_name text,
    source_url text, published timestamptz, published_rule text, published_precision text, problems text[],
    now timestamptz)
ORDER BY place
ON CONFLICT (feed_id, key) DO UPDATE SET key = excluded.key
RETURNING id, feed_id, key;

-- name: keep_revisions
-- What entries said until now, before `edit` overwrites it.
INSERT INTO entry_revisions (entry_id, revision, seen_at, changed, title, text, published, published_rule,
                             published_precision)
SELECT e.id, e.revision, given.now, given.changed, e.title, e.text, e.published, e.published_rule, e.published_precision
FROM json_to_recordset(%(rows)s) AS given (id bigint, changed text[], now timestamptz) JOIN entries e ON e.id = given.id;

-- name: edit
-- An edit is matched again: a new headline can bring an entry onto a topic. A date that creeps within its day cannot.
UPDATE entries e SET
    key = given.key, title = given.title, text = given.text, summary_html = given.summary_html,
    content_html = given.content_html, published = coalesce(given.published, e.published),
    published_rule = CASE WHEN given.published IS NULL THEN e.published_rule ELSE given.published_rule END,
    published_precision = CASE WHEN given.published IS NULL THEN e.published_precision ELSE given.published_precision END,
    revision = e.revision + 1,
    matched_at = CASE WHEN e.title IS DISTINCT FROM given.title OR e.text IS DISTINCT FROM given.text
                        OR e.published::date IS DISTINCT FROM coalesce(given.published, e.published)::date
                      THEN NULL ELSE e.matched_at END
FROM json_to_recordset(%(rows)s) AS given (
    id bigint, key text, title text, text text, summary_html text, content_html text, published timestamptz,
    published_rule text, published_precision text)
WHERE e.id = given.id;

-- name: touch
UPDATE entries e SET last_seen_at = seen.at, absent_since = NULL,
    returned = e.returned + CASE WHEN e.absent_since IS NULL THEN 0 ELSE 1 END
FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS seen (id, at) WHERE e.id = seen.id;

-- name: leave
UPDATE entries e SET absent_since = missed.at
FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS missed (id, at) WHERE e.id = missed.id;

-- name: add_documents
INSERT INTO feed_documents (feed_id, seen_at, entry_ids)
SELECT feed_id, seen_at, entry_ids
FROM json_to_recordset(%(rows)s) AS given (feed_id bigint, seen_at timestamptz, entry_ids bigint[])
ON CONFLICT (feed_id, seen_at) DO UPDATE SET entry_ids = excluded.entry_ids;

-- name: same_document
-- The feed's latest document once more, at a later moment.
WITH latest AS (
    SELECT feed_id, entry_ids FROM feed_documents WHERE feed_id = %(feed_id)s AND seen_at < %(seen_at)s
    ORDER BY seen_at DESC LIMIT 1
), again AS (
    INSERT INTO feed_documents (feed_id, seen_at, entry_ids) SELECT feed_id, %(seen_at)s, entry_ids FROM latest
    ON CONFLICT (feed_id, seen_at) DO NOTHING
)
UPDATE entries SET last_seen_at = %(seen_at)s
WHERE id = ANY ((SELECT entry_ids FROM latest)::bigint[]) AND last_seen_at < %(seen_at)s;

-- name: histories
-- The rows that a document of the past bears on: those it holds, and those that were in the feed at its time.
SELECT id, title, text, published, published_rule, published_precision, first_seen_at, last_seen_at, absent_since,
       returned FROM entries
WHERE feed_id = %(feed_id)s
  AND (id = ANY(%(ids)s)
       OR (first_seen_at <= %(at)s AND (absent_since IS NULL OR absent_since > %(at)s)));

-- name: former
-- Revisions of before the rule was kept: a date that is the first sighting stands in for one.
SELECT r.entry_id, r.seen_at, r.changed, r.title, r.text, r.published,
       coalesce(r.published_rule, CASE WHEN r.published = e.first_seen_at THEN 'first-seen:' ELSE '' END) AS published_rule,
       r.published_precision
FROM entry_revisions r JOIN entries e ON e.id = r.entry_id WHERE r.entry_id = ANY(%(ids)s)
ORDER BY r.entry_id, r.revision;

-- name: documents
SELECT seen_at, entry_ids FROM feed_documents WHERE feed_id = %(feed_id)s AND seen_at >= %(since)s ORDER BY seen_at;

-- name: forget_revisions
DELETE FROM entry_revisions WHERE entry_id = %(id)s;

-- name: insert_revision
INSERT INTO entry_revisions (entry_id, revision, seen_at, changed, title, text, published, published_rule,
                             published_precision)
VALUES (%(id)s, %(revision)s, %(seen_at)s, %(changed)s, %(title)s, %(text)s, %(published)s, %(published_rule)s,
        %(published_precision)s);

-- name: retell
-- As `edit`: what is judged is the wording, and the day.
UPDATE entries SET
    first_seen_at = %(first_seen_at)s, last_seen_at = %(last_seen_at)s, absent_since = %(absent_since)s,
    returned = %(returned)s, revision = %(revision)s, title = %(title)s, text = %(text)s, published = %(published)s,
    published_rule = %(published_rule)s, published_precision = %(published_precision)s,
    matched_at = CASE WHEN title IS DISTINCT FROM %(title)s OR text IS DISTINCT FROM %(text)s
                        OR published::date IS DISTINCT FROM %(published)s::timestamptz::date
                      THEN NULL ELSE matched_at END
WHERE id = %(id)s;

-- name: found_earlier
UPDATE entries SET authors = %(authors)s, language = %(language)s, tags = %(tags)s, image = %(image)s,
    source_name = %(source_name)s, source_url = %(source_url)s, problems = %(problems)s
WHERE id = %(id)s;

-- name: article_found_earlier
-- The article of an entry that was seen earlier than was known; it is looked at as it was then.
UPDATE articles a SET first_seen_at = %(at)s,
    next_refetch_at = CASE WHEN a.state = 'extracted' THEN %(at)s ELSE a.next_refetch_at END
FROM entries e WHERE e.id = %(id)s AND a.id = e.article_id AND a.first_seen_at > %(at)s;

-- name: claim_unmatched
SELECT e.id, e.title, e.text, e.published, e.canonical_url, e.url, e.first_seen_at, e.article_id,
       f.outlet, f.country, f.ownership, coalesce(e.language, f.language) AS language
FROM entries e JOIN feeds f ON f.id = e.feed_id
WHERE e.matched_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'match' AND q.kind = 'entry' AND q.item_id = e.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY e.id LIMIT %(limit)s FOR NO KEY UPDATE OF e SKIP LOCKED;

-- name: matched
UPDATE entries SET matched_at = %(now)s, article_id = coalesce(given.article_id, entries.article_id)
FROM json_to_recordset(%(rows)s) AS given (id bigint, article_id bigint) WHERE entries.id = given.id;
