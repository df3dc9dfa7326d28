-- name: words_of_day
-- What reviewers said of the stories in the digest of a day, followed through merges; the later word where two were merged.
SELECT DISTINCT ON (coalesce(s.merged_into, s.id)) coalesce(s.merged_into, s.id) AS story_id, w.day, w.actor, w.at,
       w.dropped, w.pulled_in, w.pinned, w.place, w.headline, w.summary, w.reason
FROM review_words w JOIN stories s ON s.id = w.story_id
WHERE w.topic = %(topic)s AND w.day = %(day)s AND w.at <= %(as_of)s
ORDER BY coalesce(s.merged_into, s.id), w.at DESC, w.story_id;

-- name: words_before
-- The latest word on each story in the digests of earlier days. OFFSET 0 looks up each story, of which few have a word.
SELECT DISTINCT ON (s.living) s.living AS story_id, w.day, w.actor, w.at,
       w.dropped, w.pulled_in, w.pinned, w.place, w.headline, w.summary, w.reason
FROM review_words w
CROSS JOIN LATERAL (SELECT coalesce(merged_into, id) AS living FROM stories WHERE id = w.story_id OFFSET 0) s
WHERE w.topic = %(topic)s AND w.day < %(day)s AND w.at <= %(as_of)s AND (w.dropped OR w.pulled_in)
ORDER BY s.living, w.day DESC, w.at DESC, w.story_id;

-- name: say
INSERT INTO review_words (topic, day, story_id, actor, at, dropped, pulled_in, pinned, place, headline, summary, reason)
VALUES (%(topic)s, %(day)s, %(story_id)s, %(actor)s, %(at)s, %(dropped)s, %(pulled_in)s, %(pinned)s, %(place)s,
        %(headline)s, %(summary)s, %(reason)s)
ON CONFLICT (topic, day, story_id) DO UPDATE SET actor = excluded.actor, at = excluded.at, dropped = excluded.dropped,
    pulled_in = excluded.pulled_in, pinned = excluded.pinned, place = excluded.place, headline = excluded.headline,
    summary = excluded.summary, reason = excluded.reason;

-- name: ask
-- An action that is asked again by the same run is the same one.
INSERT INTO review_asks (digest_id, dag_id, run_id, revision, asked_at)
VALUES (%(digest_id)s, %(dag_id)s, %(run_id)s, %(revision)s, %(now)s)
ON CONFLICT (digest_id, dag_id, run_id) DO UPDATE SET revision = excluded.revision, asked_at = excluded.asked_at,
    ended_at = NULL, ended_as = NULL;

-- name: end_asks
UPDATE review_asks SET ended_at = %(now)s, ended_as = %(ended_as)s
WHERE dag_id = %(dag_id)s AND run_id = %(run_id)s AND ended_at IS NULL;

-- name: asks
SELECT digest_id, dag_id, run_id, revision, asked_at, ended_at, ended_as FROM review_asks
WHERE digest_id = %(digest_id)s ORDER BY asked_at DESC;

-- name: asked
-- What a run asks for now.
SELECT digest_id, dag_id, run_id, revision, asked_at, ended_at, ended_as FROM review_asks
WHERE dag_id = %(dag_id)s AND run_id = %(run_id)s ORDER BY asked_at DESC LIMIT 1;

-- name: note_answer
INSERT INTO review_answers (digest_id, at, actor, via, wanted, outcome, reason)
VALUES (%(digest_id)s, %(at)s, %(actor)s, %(via)s, %(wanted)s, %(outcome)s, %(reason)s);

-- name: answers
SELECT at, actor, via, wanted, outcome, reason FROM review_answers WHERE digest_id = %(digest_id)s ORDER BY at, id;

-- name: standing
-- How a digest stands and which version of its day is the newest, for whoever is about to answer.
SELECT d.id, d.topic, d.day, d.version, d.state, d.revision, d.edited_by, d.edited_at, d.reviewed_by, d.reviewed_at,
       newest.id AS newest_id, newest.version AS newest_version, newest.state AS newest_state
FROM digests d
JOIN LATERAL (SELECT n.id, n.version, n.state FROM digests n WHERE n.topic = d.topic AND n.day = d.day
              ORDER BY n.version DESC LIMIT 1) newest ON true
WHERE d.id = %(id)s;

-- name: in_digests
-- The days and digests of a topic that a story stands in.
SELECT d.id, d.day, d.version FROM digest_items i JOIN digests d ON d.id = i.digest_id
WHERE i.story_id = %(story_id)s ORDER BY d.day DESC, d.version DESC LIMIT 1;

-- name: next_waiting
-- The oldest draft that waits beside this one.
SELECT id, day, topic FROM digests WHERE state = 'draft' AND id <> %(id)s ORDER BY day, id LIMIT 1;

-- name: waiting_drafts
-- Every draft that waits, oldest day first, with its headlines and whether a pending action still asks for it.
SELECT d.id, d.topic, t.name AS topic_name, d.day, d.version, d.revision, d.edited_by,
       coalesce((SELECT array_agg(i.headline ORDER BY i.rank) FROM digest_items i WHERE i.digest_id = d.id), '{}') AS headlines,
       EXISTS (SELECT 1 FROM review_asks a WHERE a.digest_id = d.id AND a.ended_at IS NULL) AS asked
FROM digests d JOIN topics t ON t.slug = d.topic
WHERE d.state = 'draft' AND (%(topic)s = '' OR d.topic = %(topic)s)
ORDER BY d.day, d.topic, d.id;
