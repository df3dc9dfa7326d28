-- name: register
-- The row of a model, made at its first use.
INSERT INTO embedding_models (name, revision, dimension, languages)
VALUES (%(name)s, %(revision)s, %(dimension)s, %(languages)s)
ON CONFLICT (name, revision) DO UPDATE SET languages = excluded.languages, used_at = now()
RETURNING id, name, revision, dimension, languages, parameters;

-- name: current
-- The model that vectors are made with now: the revision of its name that was used last.
SELECT id, name, revision, dimension, languages, parameters
FROM embedding_models WHERE name = %(name)s ORDER BY used_at DESC, id DESC LIMIT 1;

-- name: calibrated
-- The numbers of the revision of a name that was used last of those that have any.
SELECT parameters FROM embedding_models WHERE name = %(name)s AND parameters <> '{}' ORDER BY used_at DESC, id DESC LIMIT 1;

-- name: set_parameters
UPDATE embedding_models SET parameters = %(parameters)s WHERE id = %(id)s;

-- name: is_complete
SELECT complete FROM embedding_models WHERE id = %(id)s;

-- name: hold_vectors
-- Nobody makes a vector until the transaction ends; whoever does so now is waited for.
LOCK TABLE vectors IN SHARE MODE;

-- name: complete
-- Kept once it is so: no article that was embedded, by whichever model, lacks its vector.
UPDATE embedding_models SET complete = true
WHERE id = %(id)s AND NOT EXISTS (
    SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.embedded_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.article_id = a.id AND v.model_id = %(id)s));
