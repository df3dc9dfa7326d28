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
SELECT e.id, e.title, e.text, e.published, e.language, e.canonical_url, e.url, e.first_seen_at, e.article_id,
       f.outlet, f.country, f.ownership, coalesce(e.language, f.language) AS spoken
FROM entries e JOIN feeds f ON f.id = e.feed_id
WHERE e.matched_at IS NULL ORDER BY e.id LIMIT %(limit)s FOR UPDATE OF e SKIP LOCKED;

-- name: set_topic
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, terms, similarity, score, threshold, model, decided_at)
VALUES (%(entry_id)s, %(topic)s, %(on_topic)s, %(rule)s, %(terms)s, %(similarity)s, %(score)s, %(threshold)s,
        %(model)s, %(now)s)
ON CONFLICT (entry_id, topic) DO UPDATE SET
    on_topic = excluded.on_topic, rule = excluded.rule, terms = excluded.terms, similarity = excluded.similarity,
    score = excluded.score, threshold = excluded.threshold, model = excluded.model, decided_at = excluded.decided_at;

-- name: matched
UPDATE entries SET matched_at = %(now)s, article_id = coalesce(%(article_id)s, article_id) WHERE id = %(id)s;

-- name: save_topic
INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%(slug)s, %(name)s, %(definition)s, %(zone)s)
ON CONFLICT (slug) DO UPDATE SET name = excluded.name, definition = excluded.definition,
    digest_zone = excluded.digest_zone, updated_at = now()
WHERE topics.definition IS DISTINCT FROM excluded.definition OR topics.name IS DISTINCT FROM excluded.name;
