-- A round-up (a morning's briefing, a newsletter) belongs to no story, and the ledger says so.

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
       fault.message AS fault_message, fault.place AS fault_place, fault.set_aside_at
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

CREATE OR REPLACE VIEW topic_recall AS
SELECT t.topic, count(*) AS on_topic_entries, count(m.story_id) AS reached_a_story,
       round(count(m.story_id)::numeric / nullif(count(*), 0), 4) AS share
FROM entry_topics t JOIN entries e ON e.id = t.entry_id
LEFT JOIN articles a ON a.id = e.article_id
LEFT JOIN article_topics full_text ON full_text.article_id = e.article_id AND full_text.topic = t.topic
LEFT JOIN memberships m ON m.article_id = e.article_id AND m.until IS NULL
WHERE coalesce(full_text.on_topic, t.on_topic) AND a.kind IS DISTINCT FROM 'roundup' GROUP BY t.topic;
COMMENT ON VIEW topic_recall IS
    'Of the entries on topic, by their full text or, where there is none, their summary, the share that reached a story; round-ups belong to none.';
COMMENT ON COLUMN articles.kind IS
    'article, teaser (only the beginning is free to read), liveblog, or roundup (several subjects; in no story).';
