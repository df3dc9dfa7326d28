-- name: open
-- For articles that the caller moves there.
INSERT INTO stories (opened_at, first_published, last_published)
SELECT %(now)s, min(published), max(published) FROM articles WHERE id = ANY(%(ids)s) RETURNING id;

-- name: join
-- After `leave`. What the decision went by is kept with it: the text that it copies, and the story that it was in. It
-- begins no earlier than the place before it ended, also where a past is collected now: one place at a time.
INSERT INTO memberships (article_id, story_id, since, score, threshold, method, model_id, features, actor)
SELECT %(article_id)s, %(story_id)s,
       greatest(%(now)s, (SELECT max(until) FROM memberships WHERE article_id = %(article_id)s)),
       %(score)s, %(threshold)s, %(method)s, %(model_id)s,
       %(features)s::jsonb
       || coalesce((SELECT jsonb_build_object('copy_of', c.origin_id, 'containment', round(c.containment::numeric, 3),
                                              'resemblance', round(c.resemblance::numeric, 3), 'rule', c.rule)
                    FROM copies c WHERE c.article_id = %(article_id)s AND %(method)s = 'copy'), '{}')
       || coalesce((SELECT jsonb_build_object('from_story', f.story_id) FROM memberships f
                    WHERE f.article_id = %(article_id)s AND f.until >= %(now)s AND f.story_id <> %(story_id)s
                    ORDER BY f.id DESC LIMIT 1), '{}'),
       %(actor)s;

-- name: leave
-- An ended membership stays as history; it ends no earlier than it began, which was later where a past is collected now.
UPDATE memberships SET until = greatest(since, %(now)s) WHERE article_id = %(article_id)s AND until IS NULL RETURNING story_id;

-- name: widen
UPDATE stories s SET first_published = least(s.first_published, a.published),
    last_published = greatest(s.last_published, a.published)
FROM articles a WHERE s.id = %(story_id)s AND a.id = %(article_id)s;

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

-- name: claim
-- Articles without a story, in order of publication, each with its topic if it has one; the verdict of a person counts
-- like any other. Those on which placing failed lately wait.
SELECT a.id, a.title, a.text, a.published, a.language, a.kind, v.embedding, c.origin_id,
       (SELECT min(t.topic) FROM article_topics t WHERE t.article_id = a.id AND t.on_topic) AS topic
FROM articles a
JOIN vectors v ON v.article_id = a.id AND v.model_id = %(model_id)s
LEFT JOIN copies c ON c.article_id = a.id
WHERE a.embedded_at IS NOT NULL AND a.clustered_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'place' AND q.kind = 'article' AND q.item_id = a.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY a.published, c.origin_id IS NOT NULL, a.id LIMIT %(limit)s;

-- name: clustered
-- What is of no topic has no place to be looked at again.
UPDATE articles SET clustered_at = %(now)s, settled_at = NULL, reassigned_at = CASE WHEN NOT %(on_topic)s THEN %(now)s::timestamptz END
WHERE id = %(id)s;

-- name: observe
-- Count a document's terms and read back how common each is now, in one statement.
INSERT INTO term_stats AS s (language, term, count)
SELECT %(language)s, term, %(added)s FROM unnest(%(terms)s::text[]) AS term ORDER BY term
ON CONFLICT (language, term) DO UPDATE SET count = s.count + excluded.count
RETURNING term, count;

-- name: set_terms
INSERT INTO article_terms (article_id, weights, words) VALUES (%(article_id)s, %(weights)s, %(words)s)
ON CONFLICT (article_id) DO UPDATE SET weights = excluded.weights, words = excluded.words;

-- name: near
-- Stories of one period, within the window, nearest by vector first, by the period's own index. `changed` is the version
-- of a story's sums. A merged story has none.
SELECT story_id, changed, dense::vector({dimension}) <=> %(vector)s::vector({dimension}) AS distance
FROM story_profiles
WHERE model_id = {model_id} AND period = {period}
  AND last_day >= %(from_day)s AND first_day <= %(to_day)s
ORDER BY dense::vector({dimension}) <=> %(vector)s::vector({dimension}) LIMIT %(limit)s;

-- name: near_by_terms
-- Stories within the window that share telling terms; one that very many stories of these weeks share points to none.
WITH sharing AS (
    SELECT t.story_id, w.weight * t.count AS shared, count(*) OVER (PARTITION BY w.term) AS stories
    FROM unnest(%(terms)s::text[], %(weights)s::float8[]) AS w (term, weight)
    CROSS JOIN LATERAL (
        SELECT s.story_id, s.count FROM story_terms s
        WHERE s.term = w.term AND s.week BETWEEN %(from_week)s AND %(to_week)s LIMIT %(common)s + 1) t)
SELECT p.story_id, p.changed
FROM (SELECT story_id, sum(shared) AS shared FROM sharing WHERE stories <= %(common)s GROUP BY story_id) t
JOIN story_profiles p ON p.story_id = t.story_id AND p.model_id = %(model_id)s
WHERE p.last_day >= %(from_day)s AND p.first_day <= %(to_day)s
ORDER BY t.shared / p.size DESC, p.story_id LIMIT %(limit)s;

-- name: add_terms
INSERT INTO story_terms AS s (term, week, story_id, count)
SELECT term, %(week)s, %(story_id)s, %(count)s FROM unnest(%(terms)s::text[]) AS term ORDER BY term
ON CONFLICT (term, week, story_id) DO UPDATE SET count = s.count + excluded.count;

-- name: move_terms
INSERT INTO story_terms AS s (term, week, story_id, count)
SELECT term, week, %(into)s, count FROM story_terms WHERE story_id = %(story_id)s ORDER BY term, week
ON CONFLICT (term, week, story_id) DO UPDATE SET count = s.count + excluded.count;

-- name: drop_terms
DELETE FROM story_terms WHERE story_id = %(story_id)s;

-- name: versions
SELECT story_id, changed FROM story_profiles
WHERE model_id = %(model_id)s AND story_id = ANY(%(ids)s) ORDER BY story_id;

-- name: living
-- Stories that articles may still join, oldest first.
SELECT story_id FROM story_profiles WHERE model_id = %(model_id)s ORDER BY story_id;

-- name: profiles
SELECT story_id, changed, size, dense, scaled, terms, weights, scaled_weights, lengths, dated, times, first_day,
       last_day, languages
FROM story_profiles WHERE model_id = %(model_id)s AND story_id = ANY(%(ids)s);

-- name: save_profile
INSERT INTO story_profiles (story_id, model_id, size, dense, scaled, terms, weights, scaled_weights, lengths, dated,
                            times, first_day, last_day, languages)
VALUES (%(story_id)s, %(model_id)s, %(size)s, %(dense)s::vector, %(scaled)s::vector, %(terms)s, %(weights)s,
        %(scaled_weights)s, %(lengths)s, %(dated)s, %(times)s, %(first_day)s, %(last_day)s, %(languages)s)
ON CONFLICT (story_id, model_id) DO UPDATE SET
    size = excluded.size, dense = excluded.dense, scaled = excluded.scaled, changed = clock_timestamp(),
    terms = excluded.terms, weights = excluded.weights, scaled_weights = excluded.scaled_weights,
    lengths = excluded.lengths, dated = excluded.dated, times = excluded.times,
    first_day = excluded.first_day, last_day = excluded.last_day, languages = excluded.languages;

-- name: drop_profile
DELETE FROM story_profiles WHERE story_id = %(story_id)s;

-- name: drop_model_profile
DELETE FROM story_profiles WHERE story_id = %(story_id)s AND model_id = %(model_id)s;

-- name: any_of_other_model
-- By the index on (model_id, period), which a plain <> could not use.
SELECT EXISTS (SELECT 1 FROM story_profiles WHERE model_id < %(model_id)s)
    OR EXISTS (SELECT 1 FROM story_profiles WHERE model_id > %(model_id)s) AS any;

-- name: of_other_model
-- Living stories with another model's profile, whose members all have their vector of this one.
SELECT DISTINCT p.story_id FROM story_profiles p JOIN stories s ON s.id = p.story_id
WHERE p.model_id <> %(model_id)s AND s.merged_into IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM memberships m JOIN articles a ON a.id = m.article_id
      WHERE m.story_id = p.story_id AND m.until IS NULL AND a.state = 'extracted'
        AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.article_id = a.id AND v.model_id = %(model_id)s))
ORDER BY p.story_id LIMIT %(limit)s;

-- name: forget_other_profiles
-- Numbers of a model that is no longer used would age unseen, and mislead whoever goes back to it.
DELETE FROM story_profiles WHERE story_id = ANY(%(ids)s) AND model_id <> %(model_id)s;

-- name: features
-- What the story decisions need of the members of some stories.
SELECT m.story_id, a.id, a.published, a.language, v.embedding, t.weights, t.words
FROM memberships m JOIN articles a ON a.id = m.article_id
JOIN vectors v ON v.article_id = a.id AND v.model_id = %(model_id)s
JOIN article_terms t ON t.article_id = a.id
WHERE m.until IS NULL AND m.story_id = ANY(%(ids)s) ORDER BY a.published, a.id;

-- name: bound
-- A person's word about some articles: must-links and cannot-links that still hold, newest last.
SELECT o.kind, o.article_id, coalesce(s.merged_into, s.id) AS story_id
FROM overrides o JOIN stories s ON s.id = o.story_id
WHERE o.revoked_at IS NULL AND o.article_id = ANY(%(ids)s) ORDER BY o.at, o.id;

-- name: cannot_link
-- Stories that must not merge: a person said that an article of one, or one that must be in it, does not belong to the
-- other.
SELECT m.story_id AS left_id, coalesce(s.merged_into, s.id) AS right_id
FROM overrides o JOIN stories s ON s.id = o.story_id
JOIN memberships m ON m.article_id = o.article_id AND m.until IS NULL
WHERE o.kind = 'cannot-link' AND o.revoked_at IS NULL
UNION
SELECT coalesce(t.merged_into, t.id), coalesce(s.merged_into, s.id)
FROM overrides o JOIN stories s ON s.id = o.story_id
JOIN overrides p ON p.article_id = o.article_id AND p.kind = 'must-link' AND p.revoked_at IS NULL
JOIN stories t ON t.id = p.story_id
WHERE o.kind = 'cannot-link' AND o.revoked_at IS NULL;

-- name: override
INSERT INTO overrides (kind, article_id, story_id, actor, reason)
VALUES (%(kind)s, %(article_id)s, %(story_id)s, %(actor)s, %(reason)s);

-- name: overrule
-- A later word about the same article and story takes the place of the one before, whatever that said.
UPDATE overrides o SET revoked_at = greatest(o.at, now()) FROM stories s, stories given
WHERE o.article_id = %(article_id)s AND o.revoked_at IS NULL AND s.id = o.story_id AND given.id = %(story_id)s
  AND coalesce(s.merged_into, s.id) = coalesce(given.merged_into, given.id);

-- name: revoke
-- A word that was said by a transaction which began later, and was first, ends as it begins.
UPDATE overrides SET revoked_at = greatest(at, now())
WHERE article_id = %(article_id)s AND kind = %(kind)s AND revoked_at IS NULL;

-- name: judge
-- A person's verdict on an article's topic; the pipeline never overwrites it.
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, actor, decided_at)
VALUES (%(article_id)s, %(topic)s, %(on_topic)s, 'person', 1, 0, %(actor)s, %(now)s)
ON CONFLICT (article_id, topic) DO UPDATE SET on_topic = excluded.on_topic, rule = 'person', actor = excluded.actor,
    decided_at = excluded.decided_at;

-- name: forget_terms
-- Terms decayed to less than a hundredth of a document say nothing any more.
DELETE FROM term_stats WHERE count < %(floor)s;

-- name: widen_by
UPDATE stories s SET first_published = least(s.first_published, o.first_published),
    last_published = greatest(s.last_published, o.last_published)
FROM stories o WHERE s.id = %(story_id)s AND o.id = %(other_id)s;

-- name: refresh_span
UPDATE stories SET first_published = span.first, last_published = span.last
FROM (SELECT min(a.published) AS first, max(a.published) AS last
      FROM memberships m JOIN articles a ON a.id = m.article_id
      WHERE m.story_id = %(story_id)s AND m.until IS NULL) span
WHERE id = %(story_id)s AND span.first IS NOT NULL;

-- name: search_settings
-- The index goes on until enough neighbours lie within the window; 100 finds 99 of 100 stories by vector alone.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '100', true);

-- name: first_unreassigned
-- The article placed first since the last reassignment, one with a story if there is any, but for those that it failed on
-- and that wait.
SELECT a.id FROM articles a WHERE a.clustered_at IS NOT NULL AND a.reassigned_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'reassign' AND q.kind = 'article' AND q.item_id = a.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY NOT EXISTS (SELECT 1 FROM memberships m WHERE m.article_id = a.id AND m.until IS NULL), a.clustered_at, a.id
LIMIT 1;

-- name: reassigned
-- All that was placed so far, but for what failed.
UPDATE articles a SET reassigned_at = %(now)s WHERE a.clustered_at IS NOT NULL AND a.reassigned_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'reassign' AND q.kind = 'article' AND q.item_id = a.id);

-- name: young
-- Articles placed lately or not reassigned yet, whose place is provisional, the last placed first; each with the text it
-- is a copy of. What a person or a split put where it is stays; what reassigning failed on lately waits.
SELECT m.article_id, m.story_id, c.origin_id, o.story_id AS origin_story
FROM memberships m
JOIN articles a ON a.id = m.article_id
LEFT JOIN copies c ON c.article_id = m.article_id
LEFT JOIN memberships o ON o.article_id = c.origin_id AND o.until IS NULL
WHERE m.until IS NULL AND m.method NOT IN ('must-link', 'split')
  AND m.id IN (SELECT id FROM memberships WHERE until IS NULL AND since > %(since)s
               UNION SELECT w.id FROM articles n JOIN memberships w ON w.article_id = n.id AND w.until IS NULL
                     WHERE n.clustered_at IS NOT NULL AND n.reassigned_at IS NULL)
  AND (a.clustered_at > %(since)s OR a.reassigned_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'reassign' AND q.kind = 'article' AND q.item_id = a.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY a.clustered_at DESC, a.published DESC, a.id DESC LIMIT %(limit)s;

-- name: forget_profiles
-- Stories whose window has long passed and which nobody touched lately take no more articles; a date of the future makes
-- no story old.
DELETE FROM story_profiles p
WHERE changed < clock_timestamp() - interval '30 days'
  AND last_day < least((SELECT max(last_day) FROM story_profiles), extract(epoch FROM clock_timestamp()) / 86400)
                - 3 * %(window)s;

-- name: keep_period_indexes
SELECT keep_period_indexes();

-- name: keep_model_indexes
SELECT keep_model_indexes();

-- name: forget_story_terms
DELETE FROM story_terms t WHERE NOT EXISTS (SELECT 1 FROM story_profiles p WHERE p.story_id = t.story_id);

-- name: to_rebuild
-- Stories that lost an article which was the same page as another; each is told once.
WITH gone AS (DELETE FROM stories_to_rebuild RETURNING story_id)
SELECT DISTINCT coalesce(s.merged_into, s.id) AS story_id FROM gone JOIN stories s ON s.id = gone.story_id ORDER BY 1;

-- name: strayed
-- Articles that a person put into another story than they are in: what was said of one address of a page holds for it.
SELECT DISTINCT ON (o.article_id) o.article_id, coalesce(s.merged_into, s.id) AS story_id, m.story_id AS from_id
FROM overrides o JOIN stories s ON s.id = o.story_id
JOIN memberships m ON m.article_id = o.article_id AND m.until IS NULL
WHERE o.kind = 'must-link' AND o.revoked_at IS NULL AND m.story_id <> coalesce(s.merged_into, s.id)
ORDER BY o.article_id, o.at DESC, o.id DESC;
