-- A database as 0.1.0 left it, a row or more in each of its tables: 300 articles of 60 stories in ten days, three feeds,
-- a digest that was published and one that waits. Run over migrations 0001 to 0003.
INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('putin-kim-summit', 'T', '{"terms": {"en": ["treaty"]}}', 'Europe/Berlin');
INSERT INTO feeds (url, title, outlet, country, language, ownership, tags, poll_state, last_polled_at, last_new_at)
SELECT 'https://outlet' || f || '.example/rss', 'Feed ' || f, 'Outlet ' || f, 'GB', 'en', 'public', '{a}', '{"interval": 900}',
       '2024-06-10 12:00Z', '2024-06-10 11:00Z' FROM generate_series(1, 3) f;
INSERT INTO hosts VALUES ('outlet1.example', '2024-06-10 12:00Z');
INSERT INTO robots VALUES ('https://outlet1.example', 200, 'User-agent: *', '2024-06-10 12:00Z', '2024-06-11 12:00Z');
INSERT INTO embedding_models (name, revision, dimension, languages) VALUES ('m', '1', 3, '{en}');
INSERT INTO stories (opened_at, first_published, last_published)
SELECT at, at, at + interval '1 day' FROM generate_series(1, 60) s, LATERAL (SELECT '2024-06-01Z'::timestamptz + s * interval '4 hours') m (at);
UPDATE stories SET merged_into = 1 WHERE id = 60;
INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, state, first_seen_at, title, text, authors,
                      published, published_rule, language, text_source, kind, words, revision, body_hash, fetched_at,
                      extracted_at, copies_at, embedded_at, clustered_at)
SELECT 'outlet' || f || '.example/' || i, 'https://outlet' || f || '.example/' || i, 'https://outlet' || f || '.example/' || i,
       'Outlet ' || f, 'GB', 'public', 'extracted', at, 'Treaties of day ' || i, 'The treaties were signed on day ' || i || '.', '{Ann Lee}',
       at, CASE WHEN i % 7 = 0 THEN 'url' ELSE 'meta' END, 'en', 'page', 'article', 9, 1, '\x00', at, at, at, at, at
FROM generate_series(1, 300) i, LATERAL (SELECT 1 + i % 3 AS f,
    CASE WHEN i % 7 = 0 THEN date_trunc('day', '2024-06-01Z'::timestamptz + i * interval '48 minutes')
         ELSE '2024-06-01Z'::timestamptz + i * interval '48 minutes' END AS at) m;
UPDATE articles SET state = 'failed', reason = 'http-404', text = NULL, text_source = NULL, clustered_at = NULL WHERE id = 300;
INSERT INTO article_revisions SELECT id, 1, extracted_at, 'first', title, coalesce(text, ''), NULL FROM articles;
INSERT INTO entries (feed_id, key, url, canonical_url, title, text, summary_html, published, published_rule, first_seen_at,
                     last_seen_at, article_id, matched_at)
SELECT 1 + id % 3, 'k' || id, url, canonical_url, title, 'treaty', '<p>treaty</p>', published, 'published', first_seen_at,
       first_seen_at + interval '1 hour', id, first_seen_at FROM articles;
INSERT INTO entry_revisions SELECT id, 0, first_seen_at, '{title}', 'Former', 'x', published FROM entries WHERE id % 50 = 0;
INSERT INTO entry_topics SELECT id, 'putin-kim-summit', true, 'query', '{treaty}', 0.7, 1, 0.5, 'm', first_seen_at FROM entries;
INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT id, 'putin-kim-summit', true, 'query', 1, 0.5, first_seen_at FROM articles;
INSERT INTO fetches (at, kind, feed_id, article_id, url, status, outcome, bytes)
SELECT first_seen_at, 'page', NULL, id, url, 200, 'ok', 1000 FROM articles
UNION ALL SELECT '2024-06-10Z'::timestamptz + n * interval '1 hour', 'feed', f, NULL, 'u', 200, 'ok', 500 FROM generate_series(1, 3) f, generate_series(1, 9) n;
INSERT INTO gaps (feed_id, seen_at, since, until) VALUES (1, '2024-06-10Z', '2024-06-09Z', '2024-06-09 04:00Z');
INSERT INTO vectors SELECT id, 1, ARRAY[sin(id), cos(id), 1]::vector, NULL, 1 FROM articles;
INSERT INTO copy_keys SELECT id * 31, id, published FROM articles;
INSERT INTO copies SELECT id, id - 1, 0.9, 0.8, 'earliest', published FROM articles WHERE id % 10 = 0;
INSERT INTO article_terms SELECT id, '{"treaty": 0.8, "sign": 0.6}', 2 FROM articles;
INSERT INTO term_stats VALUES ('en', 'treaty', 5), ('en', '', 300);
INSERT INTO story_profiles (story_id, model_id, size, dense, scaled, terms, lengths, dated, times, first_day, last_day, languages)
SELECT id, 1, 5, '[1,0,0]', '[1,0,0]', '{"treaty": [1, 2]}', 5, 5, 5 * 19900, extract(epoch FROM first_published) / 86400,
       extract(epoch FROM last_published) / 86400, '{"en": 5}' FROM stories WHERE merged_into IS NULL;
INSERT INTO story_terms SELECT 'treaty', id, 5 FROM stories WHERE merged_into IS NULL;
INSERT INTO memberships (article_id, story_id, since, score, threshold, method, model_id, features)
SELECT id, 1 + (id - 1) % 59, published + interval '1 hour', 0.8, 0.44, 'mix', 1, '{"text": 0.8}' FROM articles WHERE id < 300;
INSERT INTO memberships (article_id, story_id, since, until, score, threshold, method)
VALUES (1, 60, '2024-05-31 22:00Z', '2024-06-01Z', 1, 0.4, 'first');
INSERT INTO story_events (at, kind, story_id, other_id, actor, reason) VALUES ('2024-06-02Z', 'merge', 1, 60, 'pipeline', 'near');
INSERT INTO overrides (kind, article_id, story_id, actor, reason) VALUES ('pin', 2, 2, 'ana', 'the same'), ('apart', 3, 2, 'ana', 'no');
INSERT INTO digests (topic, day, version, state, title, markdown, html, articles, outlets, as_of, drafted_at, reviewed_by, reviewed_at, published_at)
VALUES ('putin-kim-summit', '2024-06-02', 1, 'published', 'T', 'm', 'h', 30, 3, '2024-06-03Z', '2024-06-03Z', 'ana', '2024-06-03Z', '2024-06-03Z'),
       ('putin-kim-summit', '2024-06-03', 1, 'draft', 'T', 'm', 'h', 30, 3, '2024-06-04Z', '2024-06-04Z', NULL, NULL, NULL);
INSERT INTO digest_items SELECT d, s, s, 'H', 'S', 'new', 1, 3, 2, '[]' FROM generate_series(1, 2) d, generate_series(1, 5) s;
INSERT INTO digest_drops (digest_id, story_id, reason) VALUES (1, 9, 'small');
INSERT INTO deliveries VALUES (1, 'files', '2024-06-03Z', 'ok', NULL), (1, 'mail', '2024-06-03Z', 'timeout', 'slow');
