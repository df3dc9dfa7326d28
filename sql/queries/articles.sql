-- name: upsert
-- One article per page, however many feeds show it; in the order given, with each identity once.
INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, first_seen_at)
SELECT identity, canonical_url, url, outlet, country, ownership, now
FROM json_to_recordset(%(rows)s) AS given (
    place integer, identity text, canonical_url text, url text, outlet text, country text, ownership text,
    now timestamptz)
ORDER BY place
-- One that turns out to have been seen earlier is looked at as it was then.
ON CONFLICT (identity) DO UPDATE SET first_seen_at = least(articles.first_seen_at, excluded.first_seen_at),
    next_refetch_at = CASE WHEN excluded.first_seen_at < articles.first_seen_at AND articles.state = 'extracted'
                           THEN excluded.first_seen_at ELSE articles.next_refetch_at END
RETURNING id, identity;

-- name: claim
-- Pages never fetched, pages whose retry is due, and young articles to look at again for corrections.
-- Every outlet's first page comes before any outlet's second: a hundred pages of one do not stand before the others.
-- What was claimed by an owner that is gone was not asked for, or has not been heard of: it counts for no attempt.
-- Where several tasks claim, each takes a half of its share of what is left, which lets all end at about the same time.
WITH due AS MATERIALIZED (
    SELECT a.id, a.state, a.first_seen_at,
           row_number() OVER (PARTITION BY a.outlet, a.state = 'pending' ORDER BY a.first_seen_at, a.id) AS turn
    FROM articles a
    WHERE (a.leased_until <= clock_timestamp() OR a.leased_by <> ALL ((SELECT living_owners())::bigint[]))
      AND ((a.state = 'pending' AND a.next_try_at <= %(now)s) OR a.next_refetch_at <= %(now)s)
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'extract' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
), taken AS (
    SELECT a.id FROM articles a JOIN due d ON d.id = a.id
    WHERE (a.leased_until <= clock_timestamp() OR a.leased_by <> ALL ((SELECT living_owners())::bigint[]))
      AND ((a.state = 'pending' AND a.next_try_at <= %(now)s) OR a.next_refetch_at <= %(now)s)
    ORDER BY d.state = 'pending' DESC, d.turn, d.first_seen_at, d.id
    LIMIT CASE WHEN %(tasks)s = 1 THEN %(limit)s
               ELSE least(%(limit)s, greatest(2, (SELECT count(*) FROM due) / (2 * %(tasks)s))) END
    FOR NO KEY UPDATE OF a SKIP LOCKED)
UPDATE articles SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s), leased_by = %(owner)s,
    attempts = attempts + CASE WHEN leased_until > clock_timestamp() THEN 0 ELSE 1 END
WHERE id IN (SELECT id FROM taken)
RETURNING id, identity, url, outlet, attempts, first_seen_at, published, title, text, text_source, revision, body_hash,
          etag, last_modified, fetched_at, leased_by;

-- name: held_elsewhere
-- Pages that are due and that somebody else has claimed, who lives or whose time has not run out.
SELECT count(*) FROM articles a
WHERE a.leased_until > clock_timestamp() AND a.leased_by = ANY ((SELECT living_owners())::bigint[])
  AND a.leased_by <> %(owner)s
  AND ((a.state = 'pending' AND a.next_try_at <= %(now)s) OR a.next_refetch_at <= %(now)s);

-- name: hold
-- Whether the row is still the claimer's; if so, nobody else can have it until the transaction ends.
SELECT id FROM articles WHERE id = %(id)s AND leased_by = %(owner)s FOR UPDATE;

-- name: give_back
-- What our own code failed on counts for no attempt of the page.
UPDATE articles SET leased_until = 'epoch', leased_by = NULL, attempts = greatest(attempts - 1, 0)
WHERE id = %(id)s AND leased_by = %(owner)s;

-- name: postpone
-- A text that is there keeps its state, and has nothing to explain.
UPDATE articles SET next_try_at = %(until)s,
    next_refetch_at = CASE WHEN next_refetch_at < %(until)s THEN %(until)s ELSE next_refetch_at END,
    reason = CASE WHEN state = 'pending' THEN %(reason)s ELSE reason END,
    detail = CASE WHEN state = 'pending' THEN %(detail)s ELSE detail END
WHERE id = %(id)s;

-- name: fallback
-- The feed's own words for an article: the longest of its sightings.
SELECT e.key, e.guid, e.url, e.canonical_url, e.title, e.text, e.summary_html, e.content_html, e.authors, e.published,
       e.published_rule, e.published_precision, coalesce(nullif(e.language, ''), f.language) AS language, e.tags, e.image, e.source_name,
       e.source_url
FROM entries e JOIN feeds f ON f.id = e.feed_id
WHERE e.article_id = %(article_id)s ORDER BY length(e.text) DESC, e.id LIMIT 1;

-- name: namesake
-- Another article that stands under an identity.
SELECT a.id, a.url, a.title, a.text,
       ARRAY(SELECT e.title FROM entries e WHERE e.article_id = a.id ORDER BY e.id) AS entry_titles
FROM articles a WHERE a.identity = %(identity)s AND a.id <> %(id)s;

-- name: is_shared
SELECT EXISTS (SELECT 1 FROM shared_addresses WHERE identity = %(identity)s) AS shared;

-- name: share
INSERT INTO shared_addresses (identity) VALUES (%(identity)s) ON CONFLICT DO NOTHING;

-- name: part
UPDATE articles SET identity = %(identity)s, canonical_url = %(canonical_url)s
WHERE id = %(id)s AND NOT EXISTS (SELECT 1 FROM articles WHERE identity = %(identity)s);

-- name: sightings
SELECT id, title, canonical_url FROM entries WHERE article_id = %(id)s ORDER BY id;

-- name: release
UPDATE entries SET article_id = NULL, matched_at = NULL WHERE id = ANY(%(ids)s);

-- name: move_entries
UPDATE entries SET article_id = %(to)s WHERE article_id = %(id)s;

-- name: move_fetches
UPDATE fetches SET article_id = %(to)s WHERE article_id = %(id)s;

-- name: leave_story
-- The story of an article that is about to go; noted, not changed, as that takes the clustering lock.
INSERT INTO stories_to_rebuild
SELECT story_id FROM memberships WHERE article_id = %(id)s AND until IS NULL ON CONFLICT DO NOTHING;

-- name: move_copies
-- What was a copy of the one is a copy of the other, or of what that is a copy of.
UPDATE copies SET origin_id = coalesce((SELECT origin_id FROM copies WHERE article_id = %(to)s AND origin_id <> %(id)s), %(to)s)
WHERE origin_id = %(id)s AND article_id <> %(to)s
  AND article_id <> coalesce((SELECT origin_id FROM copies WHERE article_id = %(to)s AND origin_id <> %(id)s), %(to)s);

-- name: settle_overrides
-- Two addresses of one page have one word of a person: the later one, where two cannot both hold.
UPDATE overrides o SET revoked_at = greatest(o.at, now()) FROM stories s
WHERE o.article_id IN (%(id)s, %(to)s) AND o.revoked_at IS NULL AND s.id = o.story_id
  AND EXISTS (SELECT 1 FROM overrides n JOIN stories t ON t.id = n.story_id
              WHERE n.article_id IN (%(id)s, %(to)s) AND n.revoked_at IS NULL AND (n.at, n.id) > (o.at, o.id)
                AND (coalesce(t.merged_into, t.id) = coalesce(s.merged_into, s.id)
                     OR (n.kind = 'must-link' AND o.kind = 'must-link')));

-- name: move_overrides
-- What a person said of the page holds whatever its address.
UPDATE overrides SET article_id = %(to)s WHERE article_id = %(id)s;

-- name: unsettle
UPDATE articles SET settled_at = NULL WHERE id = %(id)s;

-- name: drop
DELETE FROM articles WHERE id = %(id)s;

-- name: save
-- A text that changed is embedded and judged again; its place in a story stays until that says otherwise.
UPDATE articles SET
    identity = %(identity)s, canonical_url = %(canonical_url)s, state = 'extracted', reason = NULL,
    detail = NULL, leased_until = 'epoch', leased_by = NULL,
    title = %(title)s, text = %(text)s, authors = %(authors)s, published = %(published)s,
    published_rule = %(published_rule)s, published_precision = %(published_precision)s, language = %(language)s, language_rule = %(language_rule)s,
    author_rule = %(author_rule)s, section = %(section)s, image = %(image)s, site_name = %(site_name)s,
    text_source = %(text_source)s, text_reason = %(text_reason)s, text_detail = %(text_detail)s,
    agreement = %(agreement)s, page_text = %(page_text)s, kind = %(kind)s, words = %(words)s,
    revision = %(revision)s, body_hash = %(body_hash)s, etag = %(etag)s, last_modified = %(last_modified)s,
    fetched_at = %(now)s, extracted_at = %(now)s, next_refetch_at = %(next_refetch_at)s,
    copies_at = NULL, embedded_at = NULL
WHERE id = %(id)s;

-- name: same_text
-- Other articles of an outlet whose pages gave the same text, word for word, with the feed's headline for each.
SELECT a.id, (SELECT e.title FROM entries e WHERE e.article_id = a.id ORDER BY length(e.text) DESC, e.id LIMIT 1) AS feed_title
FROM articles a
WHERE a.outlet = %(outlet)s AND a.page_text = %(page_text)s AND a.id <> %(id)s ORDER BY a.id;

-- name: read_again
-- Those of them that took that text without speaking of what their feeds said are read once more, whatever the server
-- says about a change. One that somebody holds is left to the next article with that text.
UPDATE articles SET next_refetch_at = %(now)s, body_hash = NULL, etag = NULL, last_modified = NULL
WHERE id IN (SELECT id FROM articles WHERE id = ANY (%(ids)s) AND text_source = 'page'
             AND coalesce(agreement, 0) < %(agreed)s FOR NO KEY UPDATE SKIP LOCKED);

-- name: unchanged
UPDATE articles SET leased_until = 'epoch', leased_by = NULL, fetched_at = greatest(fetched_at, %(now)s), next_refetch_at = %(next_refetch_at)s
WHERE id = %(id)s;

-- name: fail
-- `state` stays pending while another try makes sense.
UPDATE articles SET state = %(state)s, reason = %(reason)s, detail = %(detail)s, next_try_at = %(next_try_at)s,
    leased_until = 'epoch', leased_by = NULL, next_refetch_at = NULL
WHERE id = %(id)s;

-- name: add_revision
INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text, diff)
VALUES (%(article_id)s, %(revision)s, %(now)s, %(kind)s, %(title)s, %(text)s, %(diff)s)
ON CONFLICT DO NOTHING;

-- name: versions
SELECT seen_at, kind, title, text, diff FROM article_revisions WHERE article_id = %(id)s ORDER BY seen_at, revision;

-- name: looks
SELECT at FROM fetches
WHERE kind = 'page' AND article_id = %(id)s AND at > %(after)s AND outcome IN ('ok', 'not-modified')
UNION SELECT fetched_at FROM articles WHERE id = %(id)s AND fetched_at > %(after)s;

-- name: forget_revisions
DELETE FROM article_revisions WHERE article_id = %(id)s;

-- name: retold
-- The newest wording is what it was, and so is its vector; only its number may be another.
WITH renumbered AS (
    UPDATE vectors v SET revision = %(revision)s FROM articles a
    WHERE v.article_id = %(id)s AND a.id = v.article_id AND v.revision = a.revision
)
UPDATE articles SET revision = %(revision)s, leased_until = 'epoch', leased_by = NULL,
    next_refetch_at = %(next_refetch_at)s
WHERE id = %(id)s;

-- name: claim_unembedded
-- Those that have their place in a story, or those that wait for one. All articles are looked through only while the
-- model is not known to have a vector of each. A copy waits for its origin, also where another worker has that under
-- way: it borrows the vector.
WITH lacking AS (
    SELECT id FROM articles WHERE state = 'extracted' AND embedded_at IS NULL
    UNION ALL
    SELECT a.id FROM articles a
    WHERE NOT (SELECT complete FROM embedding_models WHERE id = %(model_id)s) AND a.state = 'extracted'
      AND a.embedded_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.article_id = a.id AND v.model_id = %(model_id)s))
SELECT a.id, a.title, a.text, a.language, a.published, a.outlet, a.url, a.revision, c.origin_id,
       o.revision AS origin_revision
FROM lacking JOIN articles a ON a.id = lacking.id LEFT JOIN copies c ON c.article_id = a.id
LEFT JOIN vectors o ON o.article_id = c.origin_id AND o.model_id = %(model_id)s
WHERE a.state = 'extracted' AND a.copies_at IS NOT NULL AND (a.clustered_at IS NOT NULL) = %(placed)s
  -- Once more, for a row that somebody else embedded meanwhile.
  AND (a.embedded_at IS NULL
       OR (SELECT v.revision FROM vectors v WHERE v.article_id = a.id AND v.model_id = %(model_id)s) IS NULL)
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'embed' AND q.kind = 'article' AND q.item_id = a.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
  AND NOT EXISTS (SELECT 1 FROM articles w
                  WHERE w.id = c.origin_id AND (w.embedded_at IS NULL OR o.article_id IS NULL)
                    AND w.state = 'extracted' AND w.copies_at IS NOT NULL AND (w.clustered_at IS NOT NULL) = %(placed)s
                    AND NOT EXISTS (SELECT 1 FROM copies x WHERE x.article_id = w.id)
                    AND NOT EXISTS (SELECT 1 FROM item_faults q
                                    WHERE q.step = 'embed' AND q.kind = 'article' AND q.item_id = w.id
                                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s)))
ORDER BY c.origin_id IS NOT NULL, a.id LIMIT %(limit)s FOR NO KEY UPDATE OF a SKIP LOCKED;

-- name: set_vector
INSERT INTO vectors (article_id, model_id, embedding, borrowed_from, revision)
VALUES (%(article_id)s, %(model_id)s, %(embedding)s::vector, %(borrowed_from)s, %(revision)s)
ON CONFLICT (article_id, model_id) DO UPDATE SET
    embedding = excluded.embedding, borrowed_from = excluded.borrowed_from, revision = excluded.revision;

-- name: borrow_vector
-- A wire text's hundred copies cost one embedding.
INSERT INTO vectors (article_id, model_id, embedding, borrowed_from, revision)
SELECT %(article_id)s, model_id, embedding, article_id, %(revision)s FROM vectors
WHERE article_id = %(origin_id)s AND model_id = %(model_id)s
ON CONFLICT (article_id, model_id) DO UPDATE SET
    embedding = excluded.embedding, borrowed_from = excluded.borrowed_from, revision = excluded.revision
RETURNING embedding;

-- name: embedded
-- An article without a story is looked at again: with its new text or vector it may be on topic.
UPDATE articles a SET embedded_at = %(now)s, settled_at = NULL,
    clustered_at = CASE WHEN EXISTS (SELECT 1 FROM memberships m WHERE m.article_id = a.id AND m.until IS NULL)
                        THEN clustered_at END
WHERE id = %(id)s;

-- name: any_unembedded
-- Whether there is work for the model at all, so that it is not loaded for nothing. The third question is asked only where
-- the first two say no.
SELECT EXISTS (
    SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.copies_at IS NOT NULL AND a.embedded_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'embed' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s)))
    OR (NOT EXISTS (SELECT 1 FROM embedding_models WHERE name = %(name)s AND complete)
        AND EXISTS (
            SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.copies_at IS NOT NULL AND a.embedded_at IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM vectors v JOIN embedding_models m ON m.id = v.model_id
                              WHERE v.article_id = a.id AND m.name = %(name)s)
              AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'embed' AND q.kind = 'article' AND q.item_id = a.id
                              AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s)))) AS any;
