-- 100,000 articles as `bench/portal.py` loads them: 300 feeds, 60 days, three topics, stories of about 12, a fifth copies.
-- The words of a text follow Zipf's law over 20,000 made words; the vectors lie around one centre for each story.

SELECT setseed(0.11);

INSERT INTO topics (slug, name, definition, digest_zone)
SELECT 'topic-' || t, 'Topic ' || t, '{}', 'Europe/Berlin' FROM generate_series(1, 3) t;
INSERT INTO feeds (url, outlet, country, language, ownership, last_polled_at, next_poll_at)
SELECT 'https://outlet' || f || '.example/rss', 'Outlet ' || f, (ARRAY['GB','RU','KR','DE','US'])[1 + f %% 5],
       (ARRAY['en','ru','ko','de'])[1 + f %% 4], (ARRAY['state','private','public','agency'])[1 + f %% 4], now(), now()
FROM generate_series(1, 300) f;
INSERT INTO embedding_models (name, revision, dimension, languages) VALUES (%(model)s, 'bench', 384, '{en}');

INSERT INTO stories (opened_at, first_published, last_published)
SELECT '2026-01-01'::timestamptz + s * interval '10 minutes', '2026-01-01'::timestamptz + s * interval '10 minutes',
       '2026-01-02'::timestamptz + s * interval '10 minutes' FROM generate_series(1, %(articles)s / 12) s;

INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, language, state, first_seen_at, title,
                      text, published, published_rule, text_source, kind, words, revision, extracted_at, embedded_at,
                      clustered_at, copies_at)
SELECT 'outlet' || f || '.example/' || i, 'https://outlet' || f || '.example/' || i,
       'https://outlet' || f || '.example/' || i, 'Outlet ' || f, (ARRAY['GB','RU','KR','DE','US'])[1 + f %% 5],
       (ARRAY['state','private','public','agency'])[1 + f %% 4], (ARRAY['en','ru','ko','de'])[1 + f %% 4], 'extracted', at,
       told.title, told.body, at, 'feed', 'page', 'article', 300, 1, at, at, at, at
FROM generate_series(1, %(articles)s) i
CROSS JOIN LATERAL (SELECT 1 + (i * 7919) %% 300 AS f,
                           '2026-01-01'::timestamptz + i * interval '60 days' / %(articles)s AS at) made
CROSS JOIN LATERAL (
    SELECT string_agg(word, ' ') FILTER (WHERE n <= 9) AS title, string_agg(word, ' ') AS body
    FROM (SELECT n, 'w' || (exp(random() * ln(20000)))::integer + i * 0 AS word FROM generate_series(1, 300) n) said) told;

INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,
                     last_seen_at, article_id, matched_at)
SELECT f.id, a.identity, a.url, a.canonical_url, a.title, '', a.published, 'published', a.published, a.published,
       a.id, a.published
FROM articles a JOIN feeds f ON f.outlet = a.outlet;
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-' || 1 + article_id %% 3, true, 'query', 1, 0, published FROM entries;
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-' || 1 + id %% 3, true, 'query', 1, 0, published FROM articles;
INSERT INTO fetches (at, kind, article_id, url, status, outcome, bytes)
SELECT published, 'page', id, url, 200, 'ok', 60000 FROM articles;
INSERT INTO fetches (at, kind, feed_id, url, status, outcome, bytes)
SELECT '2026-01-01'::timestamptz + n * interval '2 hours', 'feed', f.id, f.url, CASE WHEN n %% 50 = 0 THEN 500 ELSE 200 END,
       CASE WHEN n %% 50 = 0 THEN 'http-500' WHEN n %% 3 = 0 THEN 'ok' ELSE 'not-modified' END, 9000
FROM feeds f, generate_series(1, 700) n;
INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
SELECT id, 1 + (id - 1) / 12 %% (%(articles)s / 12), published, 0.9, 0.44, 'mix' FROM articles;
INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)
SELECT id, id - 1, 0.9, 0.8, 'earliest', published FROM articles WHERE id %% 5 = 0;
INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text, diff)
SELECT id, 1, published, 'first', title, text, NULL FROM articles;

INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at)
SELECT 'topic-' || t, '2026-01-01'::date + d, 1, 'T', '', '', 500, 100, now(), now()
FROM generate_series(1, 3) t, generate_series(0, 59) d;
INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles)
SELECT d.id, d.id * 20 + r, r, 'Headline', 'Summary.', 'new', 1, 10, 8,
       (SELECT jsonb_agg(jsonb_build_object('article_id', a.id, 'title', a.title, 'url', a.url, 'outlet', a.outlet,
            'country', a.country, 'ownership', a.ownership, 'language', a.language, 'published', a.published,
            'copy_of', NULL, 'lead', '')) FROM memberships m JOIN articles a ON a.id = m.article_id
        WHERE m.story_id = d.id * 20 + r)
FROM digests d, generate_series(1, 12) r;
