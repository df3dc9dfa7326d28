-- Articles as `bench/million.py` loads them: 700 a day, three entries each, 300 feeds, three topics, stories of about 12,
-- a fifth copies, a digest a day. Words follow Zipf's law over 20,000 made words; vectors lie around one for each story.
-- Triggers are off while it loads, and what they keep is filled in at the end.

SET session_replication_role = replica;
SELECT setseed(0.11);

INSERT INTO topics (slug, name, definition, digest_zone)
SELECT 'topic-' || t, 'Topic ' || t, '{}', 'Europe/Berlin' FROM generate_series(1, 3) t;
INSERT INTO feeds (url, outlet, country, language, ownership, last_polled_at, next_poll_at)
SELECT 'https://outlet' || f || '.example/rss', 'Outlet ' || f, (ARRAY['GB','RU','KR','DE','US'])[1 + f %% 5],
       (ARRAY['en','ru','ko','de'])[1 + f %% 4], (ARRAY['state','private','public','agency'])[1 + f %% 4], now(), now()
FROM generate_series(1, 300) f;
INSERT INTO embedding_models (name, revision, dimension, languages) VALUES (%(model)s, 'bench', %(dimension)s, '{en}');

INSERT INTO stories (opened_at, first_published, last_published)
SELECT at, at, at + interval '1 day' FROM generate_series(1, %(articles)s / 12) s
CROSS JOIN LATERAL (SELECT now() - (%(articles)s - s * 12) * interval '1 day' / 700 AS at) made;

INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, language, state, first_seen_at, title,
                      text, published, published_rule, text_source, kind, words, revision, extracted_at, embedded_at,
                      clustered_at, copies_at, fetched_at, first_fetched_at, published_precision)
SELECT 'outlet' || f || '.example/' || i, 'https://outlet' || f || '.example/' || i,
       'https://outlet' || f || '.example/' || i, 'Outlet ' || f, (ARRAY['GB','RU','KR','DE','US'])[1 + f %% 5],
       (ARRAY['state','private','public','agency'])[1 + f %% 4], (ARRAY['en','ru','ko','de'])[1 + f %% 4], 'extracted', at,
       told.title, told.body, at, 'feed', 'page', 'article', 60, 1, at, at, at, at, at, at, 'instant'
FROM generate_series(1, %(articles)s) i
CROSS JOIN LATERAL (SELECT 1 + (i * 7919) %% 300 AS f, now() - (%(articles)s - i) * interval '1 day' / 700 AS at) made
CROSS JOIN LATERAL (
    SELECT string_agg(word, ' ') FILTER (WHERE n <= 9) AS title, string_agg(word, ' ') AS body
    FROM (SELECT n, 'w' || (exp(random() * ln(20000)))::integer + i * 0 AS word FROM generate_series(1, 60) n) said) told;

INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,
                     last_seen_at, article_id, matched_at, published_precision)
SELECT 1 + (f.id - 1 + 100 * n) %% 300, a.identity || '#' || n, a.url, a.canonical_url, a.title, '', a.published,
       'published', a.published, a.published, a.id, a.published, 'instant'
FROM articles a JOIN feeds f ON f.outlet = a.outlet CROSS JOIN generate_series(0, 2) n;
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-' || 1 + article_id %% 3, true, 'query', 1, 0, published FROM entries;
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-' || 1 + id %% 3, true, 'query', 1, 0, published FROM articles;
INSERT INTO fetches (at, kind, article_id, url, status, outcome, bytes)
SELECT published, 'page', id, url, 200, 'ok', 60000 FROM articles;
INSERT INTO fetches (at, kind, feed_id, url, status, outcome, bytes)
SELECT now() - n * interval '1 hour', 'feed', f.id, f.url, CASE WHEN n %% 50 = 0 THEN 500 ELSE 200 END,
       CASE WHEN n %% 50 = 0 THEN 'http-500' WHEN n %% 3 = 0 THEN 'ok' ELSE 'not-modified' END, 9000
FROM feeds f, generate_series(1, least(2160, %(articles)s / 100)) n;
INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
SELECT id, 1 + (id - 1) / 12 %% (%(articles)s / 12), published, 0.9, 0.44, 'mix' FROM articles;
INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)
SELECT id, id - 1, 0.9, 0.8, 'earliest', published FROM articles WHERE id %% 5 = 0;
INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text, diff)
SELECT id, 1, published, CASE WHEN id %% 50 = 0 THEN 'correction' ELSE 'first' END, title, text, NULL FROM articles;
INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at)
SELECT 'topic-' || t, current_date - d, 1, 'T', '', '', 500, 100, now(), now()
FROM generate_series(1, 3) t, generate_series(0, %(articles)s / 700) d;
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)
SELECT d.id, 1 + (d.id * 20 + r) %% (%(articles)s / 12), r, 'Headline', 'Summary.', 'new', 1, 10, 8,
       (SELECT jsonb_agg(jsonb_build_object('article_id', m.article_id)) FROM memberships m
        WHERE m.story_id = 1 + (d.id * 20 + r) %% (%(articles)s / 12))
FROM digests d, generate_series(1, 12) r;

INSERT INTO vectors (article_id, model_id, embedding, revision)
SELECT a.id, 1, (SELECT array_agg(sin(n * (1 + (a.id - 1) / 12)) + 0.3 * random() + a.id * 0)
                 FROM generate_series(1, %(dimension)s) n)::vector, 1 FROM articles a;
SELECT index_vectors(1);
INSERT INTO article_words (article_id, words) SELECT id, search_vector(title, text, language) FROM articles;

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
