-- What may happen to the rows that are counted, {a} and {b} being numbers from 0 to 7 drawn anew each time; read by
-- tests/db/test_counts.py. The INSERTs stand in the order in which one needs the other.

INSERT INTO feeds (url, outlet) VALUES ('f{a}', 'Outlet {a}') ON CONFLICT DO NOTHING;

INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,
    last_seen_at) SELECT id, 'k{a}', 'u{b}', nullif('u{b}', 'u0'), 't', '', now(), 'published', now(), now() FROM feeds
    WHERE id % 4 = {b} % 4 ON CONFLICT DO NOTHING;

UPDATE entries SET canonical_url = 'u{b}' WHERE id % 7 = {a};

DELETE FROM entries WHERE id % 17 = {a};

DELETE FROM feeds WHERE id % 19 = {a};

INSERT INTO fetches (at, kind, feed_id, url, outcome, bytes) SELECT now(), 'feed', id, url, (ARRAY['ok',
    'not-modified', 'http-500'])[1 + {b} % 3], {a} FROM feeds;

DELETE FROM fetches WHERE id % 5 = {a};

INSERT INTO articles (identity, canonical_url, url, outlet, country, first_seen_at) VALUES ('{a}', 'u{a}', 'u{a}',
    'O' || {b} % 2, nullif('c{b}', 'c0'), now()) ON CONFLICT DO NOTHING;

UPDATE entries SET article_id = a.id, matched_at = now() FROM articles a WHERE a.canonical_url =
    entries.canonical_url AND entries.id % 3 = {b} % 3;

UPDATE articles SET state = (ARRAY['pending', 'failed', 'extracted', 'extracted'])[1 + {b} % 4], reason = 'http-40{b}',
    title = 'Title', text = 'Text.', published = now() WHERE id % 5 = {a} % 5;

UPDATE articles SET embedded_at = now(), kind = CASE WHEN {b} = 1 THEN 'roundup' ELSE 'article' END WHERE id % 4 =
    {a} % 4;

DELETE FROM articles WHERE id % 13 = {a} AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.article_id =
    articles.id);

UPDATE articles SET kind = 'teaser', revision = {b}, text_source = 'feed' WHERE id % 4 = {a} % 4;

INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at) SELECT DISTINCT ON (a.id)
    a.id, o.id, 1, 1, 'earliest', now() FROM articles a, articles o WHERE a.id <> o.id AND a.id % 4 = {a} % 4 AND o.id % 5 =
    {b} % 5 ON CONFLICT (article_id) DO UPDATE SET origin_id = excluded.origin_id;

DELETE FROM copies WHERE article_id % 5 = {a};

INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at) SELECT id, 'one', {b} % 3 >
    0, 'query', 1, 0, now() FROM entries WHERE id % 3 = {a} % 3 ON CONFLICT (entry_id, topic) DO UPDATE SET on_topic
    = excluded.on_topic;

INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at) SELECT id, 'one', {b} %
    4 > 0, 'query', 1, 0, now() FROM articles WHERE id % 3 = {a} % 3 ON CONFLICT (article_id, topic) DO UPDATE SET
    on_topic = excluded.on_topic;

INSERT INTO stories (opened_at, first_published, last_published) VALUES (now(), now(), now());

INSERT INTO memberships (article_id, story_id, since, score, threshold, method) SELECT a.id, (SELECT max(id) FROM
    stories), now(), 1, 0, 'mix' FROM articles a WHERE a.id % 3 = {a} % 3 AND EXISTS (SELECT 1 FROM stories) ON
    CONFLICT DO NOTHING;

UPDATE memberships SET until = now() WHERE until IS NULL AND id % 5 = {a} % 5;

INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at) VALUES
    ('one', '2026-01-01', {a}, '', '', '', 0, 0, now(), now()) ON CONFLICT DO NOTHING;

INSERT INTO digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent,
    articles) SELECT d.id, m.story_id, 1, '', '', 'new', 1, 1, 1, jsonb_agg(jsonb_build_object('article_id',
    m.article_id)) FROM digests d, memberships m WHERE d.id % 3 = {b} % 3 AND m.until IS NULL GROUP BY 1, 2 ON
    CONFLICT DO NOTHING;

INSERT INTO digest_drops (digest_id, story_id, reason) SELECT d.id, s.id, 'no room' FROM digests d, stories s WHERE
    s.id % 5 = {a} % 5 ON CONFLICT DO NOTHING;

DELETE FROM digest_items WHERE story_id % 7 = {a};

UPDATE digests SET state = (ARRAY['draft', 'rejected', 'superseded'])[1 + {b} % 3] WHERE id % 2 = {a} % 2;

INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place) VALUES
    ('match', (ARRAY['entry', 'article'])[1 + {b} % 2], {a}, 1, now(), now(), now(), 'E', '', '') ON CONFLICT DO
    NOTHING;

DELETE FROM item_faults WHERE item_id % 3 = {a} % 3;
