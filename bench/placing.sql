-- The stored articles of placing.py; `made` holds a vector per story, `a_day` articles per day go back from `end`.
CREATE TEMP TABLE pool ON COMMIT DROP AS
SELECT n, (SELECT array_agg('c' || (n * 37 + k * 31) %% 8000) FROM generate_series(1, 384) k) AS terms,
       (SELECT jsonb_object_agg('c' || (n * 37 + k * 31) %% 8000, 0.03) FROM generate_series(1, 234) k) AS weights,
       (SELECT string_agg('c' || (n * 37 + k * 31 + k * k) %% 8000, ' ') FROM generate_series(1, 450) k) AS text
FROM generate_series(0, 499) n;
INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('t', 't', '{}', 'UTC');
INSERT INTO stories (opened_at, first_published, last_published)
SELECT moment, moment, moment FROM (
    SELECT %(end)s::timestamptz - make_interval(secs => n * 86400.0 * %(per_story)s / %(a_day)s) AS moment
    FROM generate_series(1, %(stories)s) n) timed;
INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, published, language,
                      revision, copies_at, embedded_at, clustered_at, reassigned_at)
SELECT 'made' || timed.n, 'made' || timed.n, '', 'Outlet ' || timed.n %% 300, 'extracted', moment, 'A headline', pool.text,
       moment, 'en', 1, moment, moment, moment, moment
FROM (SELECT n, %(end)s::timestamptz - make_interval(secs => n * 86400.0 / %(a_day)s) AS moment
      FROM generate_series(1, %(articles)s) n) timed
JOIN pool ON pool.n = timed.n %% 500;
INSERT INTO vectors (article_id, model_id, embedding, revision)
SELECT a.id, %(model)s, made.v, 1
FROM articles a JOIN made ON made.id = least(%(stories)s, 1 + floor((a.id - 1) / %(per_story)s)::bigint);
INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
SELECT id, least(%(stories)s, 1 + floor((id - 1) / %(per_story)s)::bigint), published, 1, 0, 'mix' FROM articles;
CREATE TEMP TABLE telling ON COMMIT DROP AS
SELECT s.id, CASE WHEN k <= 6 THEN 'e' || s.id / 4 || 'x' || k
                  WHEN k <= 11 THEN 'm' || (s.id * 7919 + (k - 6) * 104729) %% 20000
                  ELSE 't' || s.id %% %(topics)s || 'x' || k - 11 END AS term
FROM stories s, generate_series(1, 16) k;
CREATE TEMP TABLE words ON COMMIT DROP AS
SELECT id, array_agg(term) AS terms, jsonb_object_agg(term, 0.24) AS weights FROM telling GROUP BY id;
INSERT INTO article_terms (article_id, weights, words)
SELECT m.article_id, pool.weights || words.weights, 300
FROM memberships m JOIN words ON words.id = m.story_id
JOIN pool ON pool.n = (m.story_id * 7 + m.story_id / %(topics)s) %% 500;
INSERT INTO story_profiles (story_id, model_id, size, dense, scaled, terms, weights, scaled_weights, lengths, dated,
                            times, first_day, last_day, languages, changed)
SELECT s.id, %(model)s, 2, made.v, made.v, words.terms || pool.terms,
       array_fill(0.4::real, ARRAY[16]) || array_fill(0.1::real, ARRAY[384]),
       array_fill(2.28::real, ARRAY[16]) || array_fill(0.57::real, ARRAY[384]), 11.4, 2,
       2 * extract(epoch FROM s.first_published) / 86400, extract(epoch FROM s.first_published) / 86400,
       extract(epoch FROM s.last_published) / 86400, '{"en": 2}', clock_timestamp() - (%(end)s - s.opened_at)
FROM stories s JOIN made ON made.id = s.id JOIN pool ON pool.n = (s.id * 7 + s.id / %(topics)s) %% 500
JOIN words ON words.id = s.id;
INSERT INTO story_terms (term, week, story_id, count)
SELECT DISTINCT t.term, floor(extract(epoch FROM s.last_published) / 604800)::integer, t.id, 2
FROM telling t JOIN stories s ON s.id = t.id ORDER BY 1, 2, 3;
INSERT INTO term_stats (language, term, count)
SELECT 'en', term, count(*) * %(per_story)s * %(unit)s FROM telling GROUP BY term
UNION ALL SELECT 'en', 'c' || n, %(articles)s * 0.03 * %(unit)s FROM generate_series(0, 7999) n
UNION ALL SELECT 'en', '', %(articles)s * %(unit)s;
