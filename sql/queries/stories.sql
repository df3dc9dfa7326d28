-- name: open
INSERT INTO stories (opened_at, first_published, last_published) VALUES (%(now)s, %(published)s, %(published)s)
RETURNING id;

-- name: join
INSERT INTO memberships (article_id, story_id, since, score, threshold, method, model_id, features, actor)
VALUES (%(article_id)s, %(story_id)s, %(now)s, %(score)s, %(threshold)s, %(method)s, %(model_id)s, %(features)s,
        %(actor)s);

-- name: leave
-- An ended membership stays as history.
UPDATE memberships SET until = %(now)s WHERE article_id = %(article_id)s AND until IS NULL RETURNING story_id;

-- name: widen
UPDATE stories SET first_published = least(first_published, %(published)s),
    last_published = greatest(last_published, %(published)s)
WHERE id = %(story_id)s;

-- name: event
INSERT INTO story_events (at, kind, story_id, other_id, article_id, actor, reason)
VALUES (%(at)s, %(kind)s, %(story_id)s, %(other_id)s, %(article_id)s, %(actor)s, %(reason)s);

-- name: redirect
-- A merged story points at the one that took it in, and so does whatever pointed at it.
UPDATE stories SET merged_into = %(into)s WHERE id = %(story_id)s OR merged_into = %(story_id)s;

-- name: resolve
SELECT coalesce(merged_into, id) AS id FROM stories WHERE id = %(id)s;

-- name: current
SELECT story_id FROM memberships WHERE article_id = %(article_id)s AND until IS NULL;

-- name: members
SELECT article_id FROM memberships WHERE story_id = %(story_id)s AND until IS NULL ORDER BY article_id;

-- name: lock_clustering
-- One clustering at a time: which story an article joins depends on the one before it.
SELECT pg_advisory_xact_lock(%(lock)s);
