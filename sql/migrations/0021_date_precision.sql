-- A date of publication says whether a day or an instant is known. A day stands at midnight UTC, and an instant there is
-- one in a system that writes days so: which of both a row has follows from it, for rows of before too.
-- The tables are rewritten once: about a second for 10,000 rows with their texts.

ALTER TABLE entries ADD COLUMN published_precision text GENERATED ALWAYS AS (
    CASE WHEN published IS NULL THEN NULL
         WHEN published_rule NOT LIKE 'first-seen%'
              AND date_trunc('day', published AT TIME ZONE 'UTC') = published AT TIME ZONE 'UTC' THEN 'day'
         ELSE 'instant' END) STORED;
ALTER TABLE entry_revisions ADD COLUMN published_precision text GENERATED ALWAYS AS (
    CASE WHEN published IS NULL THEN NULL
         WHEN coalesce(published_rule, '') NOT LIKE 'first-seen%'
              AND date_trunc('day', published AT TIME ZONE 'UTC') = published AT TIME ZONE 'UTC' THEN 'day'
         ELSE 'instant' END) STORED;
ALTER TABLE articles ADD COLUMN published_precision text GENERATED ALWAYS AS (
    CASE WHEN published IS NULL THEN NULL
         WHEN coalesce(published_rule, '') NOT LIKE 'first-seen%'
              AND date_trunc('day', published AT TIME ZONE 'UTC') = published AT TIME ZONE 'UTC' THEN 'day'
         ELSE 'instant' END) STORED;

COMMENT ON COLUMN entries.published_precision IS
    'day: only the day is known, and published is its midnight UTC; instant: the time is known, or it is the first sighting''s.';
COMMENT ON COLUMN entry_revisions.published_precision IS 'As in entries.';
COMMENT ON COLUMN articles.published_precision IS
    'day: only the day is known, and published is its midnight UTC; instant: the time is known, or it is the first sighting''s.';
COMMENT ON COLUMN articles.published_rule IS
    'Where the time of publication was found: json-ld, meta, url, feed, headline, script, text; first-seen where nowhere.';

CREATE OR REPLACE VIEW ledger AS
SELECT e.id AS entry_id, f.outlet, f.url AS feed_url, e.title, e.url, e.published, e.published_rule, e.first_seen_at,
       e.last_seen_at, e.absent_since, e.returned, e.revision AS entry_revisions, e.problems,
       t.topic, t.on_topic AS entry_on_topic, t.rule AS entry_rule, t.terms, t.similarity AS entry_similarity,
       e.article_id, a.state AS article_state, a.reason AS article_reason, a.text_source, a.text_reason, a.kind,
       a.words, a.language, a.revision AS article_revisions, last_fetch.status AS last_status, last_fetch.outcome,
       at.on_topic AS article_on_topic, at.rule AS article_rule, at.similarity AS article_similarity,
       c.origin_id AS copy_of, c.containment AS copy_containment, c.rule AS copy_rule,
       m.story_id, m.method, m.score, m.threshold, digest.digest_id, digest.day AS digest_day,
       CASE
           WHEN m.story_id IS NULL AND fault.set_aside_at IS NOT NULL THEN 'stopped: set aside (' || fault.step || ', ' || fault.class || ')'
           WHEN m.story_id IS NULL AND fault.step IS NOT NULL THEN 'waiting: internal (' || fault.step || ', ' || fault.class || ')'
           WHEN e.matched_at IS NULL THEN 'waiting: topic'
           WHEN t.topic IS NULL THEN 'stopped: no topic was defined'
           WHEN NOT t.on_topic THEN 'stopped: off topic (' || t.rule || ')'
           WHEN a.state = 'pending' THEN 'waiting: page' || coalesce(' (' || a.reason || ')', '')
           WHEN a.state = 'failed' THEN 'stopped: no article (' || a.reason || ')'
           WHEN a.embedded_at IS NULL THEN 'waiting: embedding'
           WHEN at.on_topic IS FALSE THEN 'stopped: off topic in full text (' || at.rule || ')'
           WHEN m.story_id IS NULL AND a.kind = 'roundup' THEN 'stopped: round-up of several subjects'
           WHEN m.story_id IS NULL THEN 'waiting: story'
           WHEN digest.digest_id IS NOT NULL THEN 'in digest'
           WHEN dropped.reason IS NOT NULL THEN 'stopped: left out (' || dropped.reason || ')'
           ELSE 'in story'
       END AS stage,
       fault.step AS fault_step, fault.tries AS fault_tries, fault.class AS fault_class,
       fault.message AS fault_message, fault.place AS fault_place, fault.set_aside_at,
       e.published_precision, a.published AS article_published, a.published_rule AS article_published_rule,
       a.published_precision AS article_published_precision
FROM entries e
JOIN feeds f ON f.id = e.feed_id
LEFT JOIN entry_topics t ON t.entry_id = e.id
LEFT JOIN articles a ON a.id = e.article_id
LEFT JOIN article_topics at ON at.article_id = a.id AND at.topic = t.topic
LEFT JOIN copies c ON c.article_id = a.id
LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
LEFT JOIN LATERAL (
    SELECT status, outcome FROM fetches WHERE article_id = a.id AND kind = 'page' ORDER BY at DESC LIMIT 1) last_fetch
    ON true
LEFT JOIN LATERAL (
    SELECT i.digest_id, d.day FROM digest_items i JOIN digests d ON d.id = i.digest_id
    WHERE i.story_id = m.story_id AND d.topic = t.topic AND d.state IN ('draft', 'published')
      AND i.articles @> jsonb_build_array(jsonb_build_object('article_id', a.id))
    ORDER BY d.day LIMIT 1) digest ON true
LEFT JOIN LATERAL (
    SELECT x.reason FROM digest_drops x JOIN digests d ON d.id = x.digest_id
    WHERE x.story_id = m.story_id AND d.topic = t.topic AND d.state IN ('draft', 'published')
    ORDER BY d.day LIMIT 1) dropped ON true
LEFT JOIN LATERAL (
    SELECT step, tries, class, message, place, set_aside_at FROM item_faults
    WHERE (kind = 'entry' AND item_id = e.id) OR (kind = 'article' AND item_id = a.id)
    ORDER BY last_at DESC LIMIT 1) fault ON true;

CREATE OR REPLACE VIEW story_overview AS
SELECT s.id AS story_id, s.first_published, s.last_published, count(*) AS articles,
       count(DISTINCT a.outlet) AS outlets,
       count(DISTINCT a.outlet) FILTER (WHERE c.article_id IS NULL) AS independent_outlets,
       count(c.article_id) AS copies,
       array_agg(DISTINCT a.language) AS languages, array_agg(DISTINCT a.country) AS countries,
       (array_agg(a.title ORDER BY c.article_id IS NOT NULL, a.language <> 'en', a.published))[1] AS headline,
       (array_agg(a.published_precision ORDER BY a.published, a.id))[1] AS first_precision,
       min(a.published) FILTER (WHERE a.published_precision = 'instant') AS first_instant
FROM stories s
JOIN memberships m ON m.story_id = s.id AND m.until IS NULL
JOIN articles a ON a.id = m.article_id
LEFT JOIN copies c ON c.article_id = a.id
GROUP BY s.id;
COMMENT ON COLUMN story_overview.first_precision IS
    'day where first_published is the midnight of a day whose hour is not known: it may be later than first_instant.';
COMMENT ON COLUMN story_overview.first_instant IS 'The earliest publication whose time is known.';
