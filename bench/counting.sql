-- What comes with 500 articles, three entries each, from the poll to a story: as `bench/counting.py` times it.

INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at, last_seen_at)
SELECT f.id, 'new' || i || '#' || n, 'https://new.example/' || i, 'https://new.example/' || i, 'New w' || i, '', now(), 'feed',
       now(), now()
FROM generate_series(1, 500) i CROSS JOIN generate_series(0, 2) n JOIN feeds f ON f.id = 1 + (i + n * 100) %% 300;
INSERT INTO fetches (at, kind, feed_id, url, status, outcome, bytes)
SELECT now(), 'feed', id, url, 200, 'ok', 9000 FROM feeds;
INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, first_seen_at)
SELECT 'new.example/' || i, 'https://new.example/' || i, 'https://new.example/' || i, 'Outlet ' || 1 + i %% 300, 'KR', 'state', now()
FROM generate_series(1, 500) i;
UPDATE entries e SET matched_at = now(), article_id = a.id FROM articles a
WHERE a.identity LIKE 'new.example/%%' AND e.canonical_url = a.canonical_url;
INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT e.id, 'topic-1', true, 'query', 1, 0, now() FROM articles a JOIN entries e ON e.article_id = a.id
WHERE a.identity LIKE 'new.example/%%';
UPDATE articles a SET state = 'extracted', title = told.title, text = told.text, language = told.language, published = now(),
    published_rule = 'feed', text_source = 'page', kind = 'article', words = 60, revision = 1, fetched_at = now(),
    extracted_at = now()
FROM articles told WHERE a.identity LIKE 'new.example/%%' AND told.id = 1 + a.id %% 10000;
INSERT INTO fetches (at, kind, article_id, url, status, outcome, bytes)
SELECT now(), 'page', id, url, 200, 'ok', 60000 FROM articles WHERE identity LIKE 'new.example/%%';
INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text)
SELECT id, 1, now(), 'first', title, text FROM articles WHERE identity LIKE 'new.example/%%';
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'topic-1', true, 'query', 1, 0, now() FROM articles WHERE identity LIKE 'new.example/%%';
INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)
SELECT id, 1, 0.9, 0.8, 'earliest', now() FROM articles WHERE identity LIKE 'new.example/%%' AND id %% 5 = 0;
UPDATE articles SET copies_at = now(), embedded_at = now() WHERE identity LIKE 'new.example/%%';
INSERT INTO memberships (article_id, story_id, since, score, threshold, method)
SELECT id, 1 + id %% 1000, now(), 0.9, 0.44, 'mix' FROM articles WHERE identity LIKE 'new.example/%%';
UPDATE articles SET clustered_at = now() WHERE identity LIKE 'new.example/%%';
