-- name: latest
-- The articles placed last, copies left out, with what the stream is measured by.
SELECT a.id, a.published, a.language, v.embedding, t.weights, t.words,
       (SELECT min(at.topic) FROM article_topics at WHERE at.article_id = a.id AND at.on_topic) AS topic
FROM articles a
JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
JOIN vectors v ON v.article_id = a.id AND v.model_id = %(model_id)s
JOIN article_terms t ON t.article_id = a.id
WHERE NOT EXISTS (SELECT 1 FROM copies c WHERE c.article_id = a.id)
ORDER BY a.id DESC LIMIT %(limit)s;

-- name: set_language
-- A language that was not known, or that the script of the text rules out.
UPDATE articles SET language = %(language)s WHERE id = %(article_id)s AND language IS DISTINCT FROM %(language)s;
