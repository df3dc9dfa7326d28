-- Articles as `bench/million.py` loads them: so many a day, three entries each, 300 feeds, three topics, stories of so many,
-- a fifth copies, a correction of every seventieth, a digest a day, and what hangs on them. Words follow Zipf's law over
-- 20,000 made words; vectors lie around one for each story. What is forgotten with time is there for its time alone.
-- Triggers are off while it loads, and what they keep is filled in at the end; the caller makes the indexes afterwards.

SET session_replication_role = replica;
SELECT setseed(0.11);

INSERT INTO topics (slug, name, definition, digest_zone)
SELECT 'topic-' || t, 'Topic ' || t, '{}', 'Europe/Berlin' FROM generate_series(1, 4) t;
INSERT INTO feeds (url, outlet, country, language, ownership, last_polled_at, last_new_at, next_poll_at, poll_state)
SELECT 'https://outlet' || f || '.example/rss', 'Outlet ' || f, (ARRAY['GB','RU','KR','DE','US'])[1 + f %% 5],
       (ARRAY['en','ru','ko','de'])[1 + f %% 4], (ARRAY['state','private','public','agency'])[1 + f %% 4], now(), now(),
       now(), CASE WHEN f %% 50 = 0 THEN jsonb_build_object('failing_since', now() - interval '1 day') ELSE '{}' END
FROM generate_series(1, 300) f;
INSERT INTO embedding_models (name, revision, dimension, languages, complete)
VALUES (%(model)s, 'bench', %(dimension)s, '{en}', true);

INSERT INTO stories (opened_at, first_published, last_published)
SELECT at, at, at + interval '1 day' FROM generate_series(1, %(articles)s / %(a_story)s) s
CROSS JOIN LATERAL (SELECT now() - (%(articles)s - s * %(a_story)s) * interval '1 day' / %(a_day)s::float8 AS at) made;

INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, language, state, first_seen_at, title,
                      text, published, published_rule, text_source, kind, words, revision, authors, extracted_at,
                      embedded_at, clustered_at, copies_at, fetched_at, first_fetched_at, reassigned_at, settled_at, arrived_at,
                      published_precision)
SELECT 'outlet' || f || '.example/' || i, 'https://outlet' || f || '.example/' || i,
       'https://outlet' || f || '.example/' || i, 'Outlet ' || f, (ARRAY['GB','RU','KR','DE','US'])[1 + f %% 5],
       (ARRAY['state','private','public','agency'])[1 + f %% 4], (ARRAY['en','ru','ko','de'])[1 + f %% 4], 'extracted', at,
       told.title, told.body, at, 'feed', 'page', 'article', 60, 1, ARRAY['Author ' || 1 + i %% 3000],
       at, at, at, at, at, at, at, at, at, 'instant'
FROM generate_series(1, %(articles)s) i
CROSS JOIN LATERAL (SELECT 1 + (i::bigint * 7919) %% 300 AS f, now() - (%(articles)s - i) * interval '1 day' / %(a_day)s::float8 AS at) made
CROSS JOIN LATERAL (
    SELECT string_agg(word, ' ') FILTER (WHERE n <= 9) AS title, string_agg(word, ' ') AS body
    FROM (SELECT n, 'w' || (exp(random() * ln(20000)))::integer + i * 0 AS word FROM generate_series(1, 60) n) said) told;

INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,
                     last_seen_at, absent_since, article_id, matched_at, arrived_at, published_precision)
SELECT 1 + (f.id - 1 + 100 * n) %% 300, a.identity || '#' || n, a.url, a.canonical_url, a.title, '', a.published, 'published',
       a.published, a.published + interval '1 day',
       CASE WHEN a.published < now() - interval '2 days' THEN a.published + interval '1 day' END, a.id, a.published, a.published, 'instant'
FROM articles a JOIN feeds f ON f.outlet = a.outlet CROSS JOIN generate_series(0, 2) n;
INSERT INTO entry_revisions (entry_id, revision, seen_at, changed, title, text, published, published_precision)
SELECT id, 1, published, '{title}', title, '', published, 'instant' FROM entries WHERE id %% 50 = 0;
INSERT INTO feed_documents (feed_id, seen_at, entry_ids, arrived_at)
SELECT f, now() - n * interval '30 minutes', '{1}', now() FROM generate_series(1, 300) f, generate_series(1, 48) n;
INSERT INTO subscriptions (feed_id, hub_url, topic_url, token, secret, state, next_at)
SELECT f, 'https://hub.example/', 'https://outlet' || f || '.example/rss', f::text, 's', 'active', now() + interval '1 day'
FROM generate_series(1, 100) f;
INSERT INTO gaps (feed_id, seen_at, since, until)
SELECT 1 + n %% 300, now() - n * interval '2 hours', now() - n * interval '2 hours' - interval '1 hour', now() - n * interval '2 hours'
FROM generate_series(1, 5000) n;
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-' || 1 + article_id %% 3, true, 'query', 1, 0, published FROM entries;
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-' || 1 + id %% 3, true, 'query', 1, 0, published FROM articles;
UPDATE article_topics SET actor = 'desk', rule = 'person' WHERE article_id %% 1000 = 0;
INSERT INTO fetches (at, kind, article_id, url, status, outcome, bytes, arrived_at)
SELECT published, 'page', id, url, 200, 'ok', 60000, published FROM articles;
INSERT INTO fetches (at, kind, feed_id, url, status, outcome, bytes, arrived_at)
SELECT now() - n * interval '1 hour', 'feed', f.id, f.url, CASE WHEN n %% 50 = 0 THEN 500 ELSE 200 END,
       CASE WHEN n %% 50 = 0 THEN 'http-500' WHEN n %% 3 = 0 THEN 'ok' ELSE 'not-modified' END, 9000,
       now() - n * interval '1 hour'
FROM feeds f, generate_series(1, least(2160, %(articles)s / 100)) n;
INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, set_aside_at, class, message, place)
SELECT 'extract', 'article', n * 100, 5, now(), now(), now(), now(), 'E', '', '' FROM generate_series(1, 50) n;

INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
SELECT id, 1 + (id - 1) / %(a_story)s %% (%(articles)s / %(a_story)s), published, 0.9, 0.44, 'mix' FROM articles;
INSERT INTO memberships (article_id, story_id, since, until, score, threshold, method)
SELECT id, 2 + (id - 1) / %(a_story)s %% (%(articles)s / %(a_story)s - 1), published - interval '1 hour', published, 0.9, 0.44, 'mix'
FROM articles WHERE id %% 40 = 0;
INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)
SELECT id, id - 1, 0.9, 0.8, 'earliest', published FROM articles WHERE id %% 5 = 0;
INSERT INTO copy_keys (key, article_id, published)
SELECT hashint8(id * 7 + k), id, published FROM articles, generate_series(1, 5) k WHERE id > %(articles)s - 14700;
INSERT INTO told_apart (article_id, other_id) SELECT id, id + 1 FROM articles WHERE id %% 100 = 7;
INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text, diff)
SELECT id, 1, published, 'first', title, text, NULL FROM articles
UNION ALL
SELECT id, 2, published + interval '5 hours', 'correction', title, text, '-a +b' FROM articles WHERE id %% 70 = 0;
INSERT INTO article_terms (article_id, weights, words)
SELECT id, jsonb_build_object('s' || (id - 1) / %(a_story)s, 2.0, 's' || (id - 1) / 48, 1.5, 'w' || id %% 900, 0.4), 60 FROM articles;
INSERT INTO story_events (at, kind, story_id, actor, reason)
SELECT opened_at, 'open', id, 'pipeline', 'nothing like it' FROM stories;
INSERT INTO story_events (at, kind, story_id, other_id, actor, reason)
SELECT opened_at + interval '2 hours', CASE WHEN id %% 200 = 0 THEN 'merge' ELSE 'split' END, id, id - 1, 'desk', 'one event'
FROM stories WHERE id %% 100 = 0;
INSERT INTO overrides (kind, article_id, story_id, actor, reason, at)
SELECT 'must-link', id, 1 + (id - 1) / %(a_story)s, 'desk', 'one event', published FROM articles WHERE id %% 200 = 0;

-- A digest a day.
INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at, state, reviewed_by,
                     reviewed_at, published_at)
SELECT 'topic-' || t, current_date - d, 1, 'T', '', '', 500, 100, (current_date - d + 1)::timestamptz, now(),
       CASE WHEN d < 2 THEN 'draft' ELSE 'published' END, CASE WHEN d > 1 THEN 'desk' END,
       CASE WHEN d > 1 THEN current_date - d + 1 END, CASE WHEN d > 1 THEN current_date - d + 1 END
FROM generate_series(1, 3) t, generate_series(0, (%(articles)s / %(a_day)s)::integer) d;
CREATE INDEX memberships_story ON memberships (story_id) WHERE until IS NULL;
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)
SELECT d.id, s.id, row_number() OVER (PARTITION BY d.id ORDER BY s.id), 'Headline', 'Summary.', 'new', 1, 10, 8,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('article_id', a.id, 'title', a.title, 'url', a.url, 'outlet', a.outlet,
            'country', a.country, 'ownership', a.ownership, 'language', a.language, 'published', a.published,
            'copy_of', NULL, 'lead', '')), '[]') FROM memberships m JOIN articles a ON a.id = m.article_id
        WHERE m.story_id = s.id AND m.until IS NULL)
FROM digests d CROSS JOIN LATERAL (
    SELECT DISTINCT greatest(1, %(articles)s / %(a_story)s - (current_date - d.day) * %(a_day)s::integer / %(a_story)s - r) AS id FROM generate_series(1, 6) r) s;
INSERT INTO digest_drops (digest_id, story_id, reason)
SELECT d.id, greatest(1, %(articles)s / %(a_story)s - (current_date - d.day) * %(a_day)s::integer / %(a_story)s - 20), 'no room' FROM digests d;
INSERT INTO review_words (topic, day, story_id, actor, at, dropped, reason)
SELECT topic, day, 1 + id, 'desk', drafted_at, true, 'old' FROM digests WHERE id %% 5 = 0;
INSERT INTO alerts (kind, subject, title, text, raised_at, told_at, cleared_at)
SELECT 'feed-died', n::text, 'Dead', '', at, at, CASE WHEN n > 5 THEN at + interval '1 day' END
FROM generate_series(1, 3000) n, LATERAL (SELECT now() - n * interval '8 hours' AS at) made;
INSERT INTO deliveries (digest_id, channel, at, outcome, tries)
SELECT id, 'mail', drafted_at, 'ok', 1 FROM digests WHERE state = 'published';
INSERT INTO deliveries (alert_id, channel, at, outcome, tries) SELECT id, 'raised-mail', raised_at, 'ok', 1 FROM alerts;
INSERT INTO alert_messages (delivery_id, alert_id)
SELECT d.id, a.id FROM deliveries d JOIN alerts a ON a.id = d.alert_id + 1;
INSERT INTO labels (topic, address_key, url, on_topic, labelled_by, labelled_at)
SELECT 'topic-' || 1 + id %% 3, address_key(canonical_url), canonical_url, true, 'desk', now()
FROM articles WHERE id %% (%(articles)s / 400) = 0;

INSERT INTO vectors (article_id, model_id, embedding, revision)
SELECT a.id, 1, (SELECT array_agg(sin(n * (1 + (a.id - 1) / %(a_story)s)) + 0.6 * (random() - 0.5) + a.id * 0)
                 FROM generate_series(1, %(dimension)s) n)::vector, 1 FROM articles a;
INSERT INTO story_profiles (story_id, model_id, size, dense, scaled, terms, weights, scaled_weights, lengths, dated, times,
                            first_day, last_day, languages)
SELECT s.id, 1, 12, v.embedding, v.embedding, ARRAY['s' || s.id - 1], '{2}', '{2}', 720, 12,
       12 * extract(epoch FROM s.first_published) / 86400, extract(epoch FROM s.first_published) / 86400,
       extract(epoch FROM s.last_published) / 86400, '{"en": 12}'
FROM stories s JOIN vectors v ON v.article_id = s.id * %(a_story)s WHERE s.id > %(articles)s / %(a_story)s - 2600;
INSERT INTO story_terms (term, week, story_id, count)
SELECT DISTINCT term, floor(extract(epoch FROM s.first_published) / 604800)::integer, s.id, 12
FROM stories s CROSS JOIN LATERAL unnest(ARRAY['s' || s.id - 1, 's' || (s.id - 1) / 4, 'w' || s.id %% 900]) AS t (term)
WHERE s.id > %(articles)s / %(a_story)s - 2600;
-- As search_vector makes them, which has nothing to fold or to stem in made words, and takes five times as long.
INSERT INTO article_words (article_id, words)
SELECT a.id, setweight(to_tsvector('pg_catalog.simple', a.title), 'A') || setweight(said.body, 'D')
             || array_to_tsvector(CASE WHEN a.language = 'ko' THEN '{}' ELSE ARRAY(
                    SELECT word || '/' || a.language FROM unnest(tsvector_to_array(said.body)) word) END)
FROM articles a CROSS JOIN LATERAL (SELECT to_tsvector('pg_catalog.simple', a.text) AS body) said;

INSERT INTO feed_tallies (feed_id, entries, shared, polls, unmodified, failed, bytes)
SELECT f.id, e.entries, e.entries, p.polls, p.unmodified, p.failed, p.bytes FROM feeds f
JOIN (SELECT feed_id, count(*) AS entries FROM entries GROUP BY 1) e ON e.feed_id = f.id
JOIN (SELECT feed_id, count(*) AS polls, count(*) FILTER (WHERE outcome = 'not-modified') AS unmodified,
             count(*) FILTER (WHERE outcome = 'http-500') AS failed, sum(bytes) AS bytes
      FROM fetches WHERE kind = 'feed' GROUP BY 1) p ON p.feed_id = f.id;
INSERT INTO source_tallies
SELECT outlet, country, ownership, state, text_source, false, false, NULL, count(*), 0 FROM articles GROUP BY 1, 2, 3, 4, 5;
INSERT INTO source_tallies
SELECT a.outlet, NULL, NULL, 'copy', NULL, false, false, NULL, 0, count(*)
FROM copies c JOIN articles a ON a.id = c.article_id GROUP BY 1;
-- All are in a story; those of the newest 3,000 are noted, as on a day before maintenance, and so told by their rows.
INSERT INTO entry_stages (entry_id, topic, stage, expected, reached)
SELECT entry_id, topic, 'in story', true, true FROM entry_topics;
INSERT INTO stage_tallies (topic, stage, expected, reached, entries)
SELECT topic, 'in story', true, true, count(*) FROM entry_topics GROUP BY topic;
INSERT INTO stage_news (entry_id) SELECT id FROM entries ORDER BY id DESC LIMIT 3000;
SET session_replication_role = origin;
