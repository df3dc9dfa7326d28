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
