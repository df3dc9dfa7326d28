-- name: save
INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%(slug)s, %(name)s, %(definition)s, %(zone)s)
ON CONFLICT (slug) DO UPDATE SET name = excluded.name, definition = excluded.definition,
    digest_zone = excluded.digest_zone, updated_at = now()
WHERE (topics.definition, topics.name, topics.digest_zone)
    IS DISTINCT FROM (excluded.definition, excluded.name, excluded.digest_zone);

-- name: judge_entries
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, terms, similarity, score, threshold, model, decided_at)
SELECT entry_id, topic, on_topic, rule, terms, similarity, score, threshold, model, now
FROM json_to_recordset(%(rows)s) AS given (
    entry_id bigint, topic text, on_topic boolean, rule text, terms text[], similarity double precision,
    score double precision, threshold double precision, model text, now timestamptz)
ON CONFLICT (entry_id, topic) DO UPDATE SET
    on_topic = excluded.on_topic, rule = excluded.rule, terms = excluded.terms, similarity = excluded.similarity,
    score = excluded.score, threshold = excluded.threshold, model = excluded.model, decided_at = excluded.decided_at;

-- name: forget_former
DELETE FROM entry_topics
WHERE entry_id = ANY (%(entry_ids)s) AND topic = ANY (%(topics)s) AND decided_at IS DISTINCT FROM %(now)s;

-- name: judge_article
INSERT INTO article_topics (article_id, topic, on_topic, rule, terms, similarity, score, threshold, model, decided_at)
VALUES (%(article_id)s, %(topic)s, %(on_topic)s, %(rule)s, %(terms)s, %(similarity)s, %(score)s, %(threshold)s,
        %(model)s, %(now)s)
ON CONFLICT (article_id, topic) DO UPDATE SET
    on_topic = excluded.on_topic, rule = excluded.rule, terms = excluded.terms, similarity = excluded.similarity,
    score = excluded.score, threshold = excluded.threshold, model = excluded.model, decided_at = excluded.decided_at
WHERE article_topics.actor = 'pipeline';
