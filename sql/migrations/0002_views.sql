-- What people ask: is a feed well, is an outlet well, where did an entry go, what is a story, what was known then.

CREATE VIEW feed_health AS
SELECT f.id AS feed_id, f.outlet, f.url, f.state, f.state_reason, f.last_polled_at, f.last_new_at, f.next_poll_at,
       (f.poll_state ->> 'interval')::real AS interval_seconds,
       coalesce(e.entries, 0) AS entries,
       e.newest_published,
       round(coalesce(e.shared, 0)::numeric / nullif(e.entries, 0), 3) AS duplicate_share,
       coalesce(p.polls, 0) AS polls,
       round(coalesce(p.unmodified, 0)::numeric / nullif(p.polls, 0), 3) AS unmodified_share,
       coalesce(p.failed, 0) AS failed_polls,
       coalesce(p.bytes, 0) AS bytes,
       last_error.outcome AS last_error, last_error.detail AS last_error_detail, last_error.at AS last_error_at,
       coalesce(g.gaps, 0) AS gaps, g.missed
FROM feeds f
LEFT JOIN LATERAL (
    SELECT count(*) AS entries, max(published) AS newest_published,
           count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM entries other WHERE other.canonical_url = e.canonical_url AND other.id <> e.id)) AS shared
    FROM entries e WHERE e.feed_id = f.id) e ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS polls, sum(bytes) AS bytes,
           count(*) FILTER (WHERE outcome IN ('not-modified', 'unchanged')) AS unmodified,
           count(*) FILTER (WHERE outcome NOT IN ('ok', 'not-modified', 'unchanged')) AS failed
    FROM fetches WHERE feed_id = f.id AND kind = 'feed') p ON true
LEFT JOIN LATERAL (
    SELECT outcome, detail, at FROM fetches
    WHERE feed_id = f.id AND kind = 'feed' AND outcome NOT IN ('ok', 'not-modified', 'unchanged')
    ORDER BY at DESC LIMIT 1) last_error ON true
LEFT JOIN LATERAL (SELECT count(*) AS gaps, sum(until - since) AS missed FROM gaps WHERE feed_id = f.id) g ON true;
COMMENT ON VIEW feed_health IS 'One row a feed: state, pace, share of repeats, failures, gaps, next try.';

CREATE VIEW source_health AS
SELECT a.outlet, min(a.country) AS country, min(a.ownership) AS ownership, count(*) AS articles,
       count(*) FILTER (WHERE a.state = 'extracted') AS extracted,
       count(*) FILTER (WHERE a.text_source = 'feed') AS from_feed,
       count(*) FILTER (WHERE a.kind = 'teaser') AS teasers,
       count(*) FILTER (WHERE a.state = 'failed') AS failed,
       count(c.article_id) AS copies,
       round(count(c.article_id)::numeric / nullif(count(*) FILTER (WHERE a.state = 'extracted'), 0), 3) AS copy_share,
       count(*) FILTER (WHERE a.revision > 1) AS revised,
       max(a.published) AS newest,
       mode() WITHIN GROUP (ORDER BY a.reason) FILTER (WHERE a.reason IS NOT NULL) AS commonest_reason
FROM articles a LEFT JOIN copies c ON c.article_id = a.id
GROUP BY a.outlet;
COMMENT ON VIEW source_health IS 'One row an outlet: what its pages gave, how much of it was copied, what went wrong most.';

CREATE VIEW ledger AS
SELECT e.id AS entry_id, f.outlet, f.url AS feed_url, e.title, e.url, e.published, e.published_rule, e.first_seen_at,
       e.last_seen_at, e.absent_since, e.returned, e.revision AS entry_revisions, e.problems,
       t.topic, t.on_topic AS entry_on_topic, t.rule AS entry_rule, t.terms, t.similarity AS entry_similarity,
       e.article_id, a.state AS article_state, a.reason AS article_reason, a.text_source, a.text_reason, a.kind,
       a.words, a.language, a.revision AS article_revisions, last_fetch.status AS last_status, last_fetch.outcome,
       at.on_topic AS article_on_topic, at.rule AS article_rule, at.similarity AS article_similarity,
       c.origin_id AS copy_of, c.containment AS copy_containment, c.rule AS copy_rule,
       m.story_id, m.method, m.score, m.threshold, digest.digest_id, digest.day AS digest_day,
       CASE
           WHEN e.matched_at IS NULL THEN 'waiting: topic'
           WHEN t.topic IS NULL THEN 'stopped: no topic was defined'
           WHEN NOT t.on_topic THEN 'stopped: off topic (' || t.rule || ')'
           WHEN a.state = 'pending' THEN 'waiting: page' || coalesce(' (' || a.reason || ')', '')
           WHEN a.state = 'failed' THEN 'stopped: no article (' || a.reason || ')'
           WHEN a.embedded_at IS NULL THEN 'waiting: embedding'
           WHEN at.on_topic IS FALSE THEN 'stopped: off topic in full text (' || at.rule || ')'
           WHEN m.story_id IS NULL THEN 'waiting: story'
           WHEN digest.digest_id IS NOT NULL THEN 'in digest'
           WHEN dropped.reason IS NOT NULL THEN 'stopped: left out (' || dropped.reason || ')'
           ELSE 'in story'
       END AS stage
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
    ORDER BY d.day LIMIT 1) dropped ON true;
COMMENT ON VIEW ledger IS 'The whole way of every entry: seen, judged, fetched, extracted, in which story and digest, or where it stopped.';

CREATE VIEW story_overview AS
SELECT s.id AS story_id, s.first_published, s.last_published, count(*) AS articles,
       count(DISTINCT a.outlet) AS outlets,
       count(DISTINCT a.outlet) FILTER (WHERE c.article_id IS NULL) AS independent_outlets,
       count(c.article_id) AS copies,
       array_agg(DISTINCT a.language) AS languages, array_agg(DISTINCT a.country) AS countries,
       (array_agg(a.title ORDER BY c.article_id IS NOT NULL, a.language <> 'en', a.published))[1] AS headline
FROM stories s
JOIN memberships m ON m.story_id = s.id AND m.until IS NULL
JOIN articles a ON a.id = m.article_id
LEFT JOIN copies c ON c.article_id = a.id
GROUP BY s.id;
COMMENT ON VIEW story_overview IS 'One row a living story: size, outlets, independent outlets (copies are none), headline.';

CREATE VIEW topic_recall AS
SELECT t.topic, count(*) AS on_topic_entries, count(m.story_id) AS reached_a_story,
       round(count(m.story_id)::numeric / nullif(count(*), 0), 4) AS share
FROM entry_topics t JOIN entries e ON e.id = t.entry_id
LEFT JOIN article_topics full_text ON full_text.article_id = e.article_id AND full_text.topic = t.topic
LEFT JOIN memberships m ON m.article_id = e.article_id AND m.until IS NULL
WHERE coalesce(full_text.on_topic, t.on_topic) GROUP BY t.topic;
COMMENT ON VIEW topic_recall IS
    'Of the entries on topic, by their full text or, where there is none, their summary, the share that reached a story.';

CREATE FUNCTION stories_as_of(moment timestamptz)
RETURNS TABLE (story_id bigint, article_id bigint, title text, outlet text, published timestamptz, method text,
               score real, threshold real)
LANGUAGE sql STABLE AS $$
    SELECT m.story_id, a.id, a.title, a.outlet, a.published, m.method, m.score, m.threshold
    FROM memberships m JOIN articles a ON a.id = m.article_id
    WHERE m.since <= moment AND (m.until IS NULL OR m.until > moment)
    ORDER BY m.story_id, a.published
$$;
COMMENT ON FUNCTION stories_as_of IS 'The stories and their articles as they were known at a moment.';
