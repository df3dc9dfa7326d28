-- name: forget_fetches
-- Logs past their retention go; the entries, articles and stories they led to stay.
DELETE FROM fetches WHERE arrived_at < %(oldest)s;

-- name: forget_documents
-- Which entries a feed held; beyond, a document that is read late is put between what the entries themselves say.
DELETE FROM feed_documents WHERE arrived_at < %(oldest)s;

-- name: forget_raw
-- The feeds' raw HTML past its retention; the cleaned text stays.
UPDATE entries SET summary_html = '', content_html = ''
WHERE last_seen_at < %(oldest)s AND arrived_at < %(oldest)s
  AND (summary_html <> '' OR content_html <> '');

-- name: forget_keys
-- Fingerprints older than any copy would be looked for, but for those of a past that is collected only now.
DELETE FROM copy_keys k USING articles a
WHERE a.id = k.article_id AND k.published < %(oldest)s AND a.arrived_at < %(oldest)s;

-- name: forget_alerts
-- What was over before; their deliveries go with them. A story that nobody told since spreads no more.
DELETE FROM alerts WHERE cleared_at < %(oldest)s;

-- name: forget_deliveries
-- What arrived, is not needed or was given up before; the digest itself and its files stay. What is still due stays.
DELETE FROM deliveries WHERE digest_id IS NOT NULL AND next_try_at IS NULL AND at < %(oldest)s;

-- name: disagreements
-- What may not be: each count is 0 in a sound database.
SELECT
    (SELECT count(*) FROM memberships m JOIN stories s ON s.id = m.story_id
     WHERE m.until IS NULL AND s.merged_into IS NOT NULL) AS members_of_merged_stories,
    (SELECT count(*) FROM story_profiles p
     WHERE p.size <> (SELECT count(*) FROM memberships m WHERE m.story_id = p.story_id AND m.until IS NULL))
        AS profiles_of_wrong_size,
    (SELECT count(*) FROM copies c JOIN copies o ON o.article_id = c.origin_id
     WHERE c.origin_id = o.article_id AND o.origin_id = c.article_id) AS circular_copies,
    (SELECT count(*) FROM entries e JOIN entry_topics t ON t.entry_id = e.id AND t.on_topic
     WHERE e.article_id IS NULL AND e.matched_at IS NOT NULL) AS on_topic_entries_without_article;

-- name: fold_feed_news
SELECT fold_feed_news(), fold_source_news();

-- name: fold_stage_news
SELECT fold_stage_news(%(at_most)s) AS kept;
