-- name: known
-- The rows an incoming document is compared with: those it names by key or URL, and those present last time.
SELECT id, key, canonical_url, title, text, published, published_rule, absent_since FROM entries
WHERE feed_id = %(feed_id)s
  AND (key = ANY(%(keys)s) OR canonical_url = ANY(%(urls)s) OR absent_since IS NULL);

-- name: insert
INSERT INTO entries (feed_id, key, guid, url, canonical_url, title, text, summary_html, content_html, authors,
                     language, tags, image, source_name, source_url, published, published_rule, problems,
                     first_seen_at, last_seen_at)
VALUES (%(feed_id)s, %(key)s, %(guid)s, %(url)s, %(canonical_url)s, %(title)s, %(text)s, %(summary_html)s,
        %(content_html)s, %(authors)s, %(language)s, %(tags)s, %(image)s, %(source_name)s, %(source_url)s,
        %(published)s, %(published_rule)s, %(problems)s, %(now)s, %(now)s)
ON CONFLICT (feed_id, key) DO NOTHING;

-- name: keep_revision
-- What the entry said until now, before `edit` overwrites it.
INSERT INTO entry_revisions (entry_id, revision, seen_at, changed, title, text, published)
SELECT id, revision, %(now)s, %(changed)s, title, text, published FROM entries WHERE id = %(id)s;

-- name: edit
-- An edit is matched again: a new headline can bring an entry onto a topic. A date that creeps within its day cannot.
UPDATE entries SET
    key = %(key)s, title = %(title)s, text = %(text)s, summary_html = %(summary_html)s,
    content_html = %(content_html)s, published = coalesce(%(published)s, published),
    published_rule = CASE WHEN %(published)s::timestamptz IS NULL THEN published_rule ELSE %(published_rule)s END,
    revision = revision + 1,
    matched_at = CASE WHEN title IS DISTINCT FROM %(title)s OR text IS DISTINCT FROM %(text)s
                        OR published::date IS DISTINCT FROM coalesce(%(published)s, published)::date
                      THEN NULL ELSE matched_at END
WHERE id = %(id)s;

-- name: touch
UPDATE entries SET last_seen_at = %(now)s, absent_since = NULL,
    returned = returned + CASE WHEN absent_since IS NULL THEN 0 ELSE 1 END
WHERE id = ANY(%(ids)s);

-- name: leave
UPDATE entries SET absent_since = %(now)s WHERE id = ANY(%(ids)s);

-- name: claim_unmatched
SELECT e.id, e.title, e.text, e.published, e.canonical_url, e.url, e.first_seen_at, e.article_id,
       f.outlet, f.country, f.ownership, coalesce(e.language, f.language) AS language
FROM entries e JOIN feeds f ON f.id = e.feed_id
WHERE e.matched_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'match' AND q.kind = 'entry' AND q.item_id = e.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY e.id LIMIT %(limit)s FOR UPDATE OF e SKIP LOCKED;

-- name: matched
UPDATE entries SET matched_at = %(now)s, article_id = coalesce(%(article_id)s, article_id) WHERE id = %(id)s;
