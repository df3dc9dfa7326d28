-- name: article
SELECT a.id, a.title, a.text, a.url, a.outlet, a.country, a.ownership, a.language, a.language_rule, a.authors,
       a.author_rule, a.published, a.published_precision, a.published_rule, a.section, a.state, a.reason, a.detail, a.text_source,
       a.text_reason, a.kind, a.words, a.first_seen_at, a.extracted_at, a.next_refetch_at, c.origin_id, c.containment,
       c.rule AS copy_rule, m.story_id
FROM articles a
LEFT JOIN copies c ON c.article_id = a.id
LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
WHERE a.id = %(id)s;

-- name: wordings
SELECT revision, seen_at, kind, title, diff FROM article_revisions WHERE article_id = %(id)s ORDER BY revision DESC;

-- name: copies_of
SELECT a.id, a.title, a.outlet, a.language, a.published, a.published_precision, c.containment
FROM copies c JOIN articles a ON a.id = c.article_id WHERE c.origin_id = %(id)s ORDER BY a.published, a.id LIMIT 200;

-- name: ways
SELECT entry_id, outlet, feed_url, title, first_seen_at, last_seen_at, absent_since, entry_revisions, problems, topic,
       entry_on_topic, entry_rule, terms, last_status, outcome, article_on_topic, article_rule, story_id, digest_id,
       digest_day, stage, fault_step, fault_class
FROM ledger WHERE article_id = %(id)s ORDER BY first_seen_at, entry_id, topic LIMIT 50;
