-- Rows that are odd and may stand there: two topics at the two edges of the day that share articles, a date without an
-- hour at a day's border, an outlet of no known country, owner and language, an outlet that copies itself, stories merged
-- twice and split, one emptied, a digest in three versions with what it dropped, corrections before and after it.
INSERT INTO public.topics (slug, name, definition, digest_zone) VALUES
    ('east', 'East', '{}', 'Pacific/Kiritimati'), ('west', 'West', '{}', 'America/New_York'), ('bare', 'Nothing', '{}', 'UTC');

-- Article 1 says the 19th and no hour; 5 as well, and was seen when it was still the 18th in the west. 2 is of the last
-- minute of the west's 18th, 3 of the first moment of the east's 20th. Of 4 nothing is known but its text.
INSERT INTO public.articles (id, identity, canonical_url, url, outlet, country, ownership, state, first_seen_at, title, text,
                             published, published_rule, language, authors, kind, revision, extracted_at, embedded_at)
OVERRIDING SYSTEM VALUE
SELECT id, 'https://' || lower(outlet) || '.example/' || id, 'https://' || lower(outlet) || '.example/' || id,
       'https://' || lower(outlet) || '.example/' || id, outlet, country, ownership, 'extracted', seen::timestamptz, title,
       title || ' and more words of it', published::timestamptz, rule, language, authors::text[], 'article', 1, seen::timestamptz, seen::timestamptz
FROM (VALUES
    (1, 'Alpha', 'US', 'private', '2024-06-19 15:00Z', 'Alpha one', '2024-06-19 00:00Z', 'meta', 'en', '{}'),
    (2, 'Beta', 'KR', 'state', '2024-06-19 05:00Z', 'Beta two', '2024-06-19 03:59Z', 'meta', 'ko', '{"Kim Ha-na"}'),
    (3, 'Beta', 'KR', 'state', '2024-06-19 10:30Z', 'Beta three', '2024-06-19 10:00Z', 'meta', 'ko', '{"Kim Ha-na",""}'),
    (4, 'Gamma', NULL, NULL, '2024-06-19 12:00Z', 'Gamma four', '2024-06-19 12:00Z', 'first-seen', NULL, '{}'),
    (5, 'Gamma', NULL, NULL, '2024-06-19 01:00Z', 'Gamma five', '2024-06-19 00:00Z', 'url', NULL, '{}'),
    (6, 'Alpha', 'US', 'private', '2024-06-19 18:00Z', 'Alpha six', '2024-06-19 17:00Z', 'meta', 'en', '{"O''Neil, \"Bo\""}'),
    (7, 'Beta', 'KR', 'state', '2024-06-19 19:00Z', 'Beta seven', '2024-06-19 18:00Z', 'meta', 'en', '{}'),
    (8, 'Delta', 'GB', 'public', '2024-06-19 13:00Z', 'Delta corrected', '2024-06-19 12:30Z', 'meta', 'en', '{}'),
    (9, 'Delta', 'GB', 'public', '2024-06-21 13:00Z', 'Delta nine', '2024-06-21 12:30Z', 'meta', 'en', '{}')
) AS a (id, outlet, country, ownership, seen, title, published, rule, language, authors);
-- 8 is of the west alone, 9 was found off topic by a person.
INSERT INTO public.article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at, actor)
SELECT a.id, t.slug, a.id <> 9, 'query', 1, 0, a.first_seen_at, CASE WHEN a.id = 9 THEN 'Vera' ELSE 'pipeline' END
FROM public.articles a, public.topics t WHERE t.slug <> 'bare' AND NOT (a.id = 8 AND t.slug = 'east');
INSERT INTO public.article_revisions (article_id, revision, seen_at, kind, title, text, diff) VALUES
    (1, 1, '2024-06-19 15:00Z', 'first', 'Alpha one', 'Alpha one and more words of it', NULL),
    (8, 1, '2024-06-19 13:00Z', 'first', 'Delta wrong', 'Delta wrong', NULL),
    (8, 2, '2024-06-20 12:00Z', 'correction', 'Delta corrected', 'Delta corrected', E'-wrong\n+corrected');

-- 6 is Alpha's own text once more, 7 somebody else's print of it.
INSERT INTO public.copies VALUES (6, 1, 0.9, 0.8, 'earliest', '2024-06-19 18:00Z'), (7, 1, 1, 1, 'earliest', '2024-06-19 19:00Z');

-- Story 2 went into 3, and 3 into 1; 4 was split off 1, and so was 5, whose article was moved back: 5 is empty.
INSERT INTO public.stories (id, opened_at, merged_into, first_published, last_published) OVERRIDING SYSTEM VALUE VALUES
    (1, '2024-06-19 05:00Z', NULL, '2024-06-19 00:00Z', '2024-06-19 18:00Z'), (2, '2024-06-19 10:30Z', 1, '2024-06-19 10:00Z', '2024-06-19 10:00Z'),
    (3, '2024-06-19 12:00Z', 1, '2024-06-19 12:00Z', '2024-06-19 12:00Z'), (4, '2024-06-19 21:00Z', NULL, '2024-06-19 12:30Z', '2024-06-19 12:30Z'),
    (5, '2024-06-19 22:00Z', NULL, '2024-06-19 00:00Z', '2024-06-19 00:00Z'), (6, '2024-06-19 01:30Z', NULL, '2024-06-19 00:00Z', '2024-06-19 00:00Z');
INSERT INTO public.memberships (article_id, story_id, since, until, score, threshold, method, features, actor) VALUES
    (1, 1, '2024-06-19 15:10Z', '2024-06-19 22:00Z', 0.8, 0.5, 'mix', '{}', 'pipeline'),
    (1, 5, '2024-06-19 22:00Z', '2024-06-19 23:00Z', 0.3, 0.5, 'split', '{"from_story": 1}', 'pipeline'),
    (1, 1, '2024-06-19 23:00Z', NULL, 0, 0, 'reassign', '{"from_story": 5}', 'pipeline'),
    (2, 1, '2024-06-19 05:10Z', NULL, 0, 0, 'first', '{}', 'pipeline'),
    (3, 2, '2024-06-19 10:40Z', '2024-06-19 20:00Z', 0, 0, 'first', '{}', 'pipeline'),
    (3, 3, '2024-06-19 20:00Z', '2024-06-19 20:30Z', 0.7, 0.5, 'merge', '{"from_story": 2}', 'pipeline'),
    (3, 1, '2024-06-19 20:30Z', NULL, 0.7, 0.5, 'merge', '{"from_story": 3}', 'pipeline'),
    (4, 3, '2024-06-19 12:10Z', '2024-06-19 20:30Z', 0, 0, 'first', '{}', 'pipeline'),
    (4, 1, '2024-06-19 20:30Z', NULL, 0.7, 0.5, 'merge', '{"from_story": 3}', 'pipeline'),
    (5, 6, '2024-06-19 01:30Z', NULL, 0, 0, 'first', '{}', 'pipeline'),
    (6, 1, '2024-06-19 18:10Z', NULL, 1, 0, 'copy', '{"copy_of": 1}', 'pipeline'),
    (7, 1, '2024-06-19 19:10Z', NULL, 1, 0, 'copy', '{"copy_of": 1}', 'pipeline'),
    (8, 1, '2024-06-19 13:10Z', '2024-06-19 21:00Z', 0.6, 0.5, 'mix', '{}', 'pipeline'),
    (8, 4, '2024-06-19 21:00Z', NULL, 0.3, 0.5, 'split', '{"from_story": 1}', 'pipeline');
INSERT INTO public.story_events (at, kind, story_id, other_id, article_id, actor, reason) VALUES
    ('2024-06-19 20:00Z', 'merge', 3, 2, NULL, 'pipeline', ''), ('2024-06-19 20:30Z', 'merge', 1, 3, NULL, 'Vera', 'one event'),
    ('2024-06-19 21:00Z', 'split', 1, 4, NULL, 'pipeline', ''), ('2024-06-19 22:00Z', 'split', 1, 5, NULL, 'pipeline', ''),
    ('2024-06-19 23:00Z', 'move', 1, 5, 1, 'pipeline', '');

-- The west's digest of the 19th: rejected, then published with story 2 shown and 3 left out, which are both 1 now, and a
-- correction of it that waits. Drafted before 8 was corrected.
INSERT INTO public.digests (id, topic, day, version, state, title, markdown, html, articles, outlets, as_of, drafted_at,
                            reviewed_by, reviewed_at, published_at) OVERRIDING SYSTEM VALUE
SELECT id, 'west', '2024-06-19', version, state, 'West', '', '', 1, 1, as_of::timestamptz, as_of::timestamptz,
       CASE WHEN state <> 'draft' THEN 'Vera' END, CASE WHEN state <> 'draft' THEN as_of::timestamptz END,
       CASE WHEN state = 'published' THEN as_of::timestamptz END
FROM (VALUES (1, 1, 'rejected', '2024-06-19 19:30Z'), (2, 2, 'published', '2024-06-19 19:40Z'), (3, 3, 'draft', '2024-06-20 15:00Z'))
     AS d (id, version, state, as_of);
INSERT INTO public.digest_items (digest_id, story_id, rank, headline, summary, status, score, outlets, independent, articles) VALUES
    (2, 2, 1, 'Beta three', '', 'new', 1, 1, 1, '[{"article_id": 3}]'),
    (2, 1, 2, 'Alpha one', '', 'new', 1, 2, 2, '[{"article_id": 1}, {"article_id": 8}]'),
    (3, 1, 1, 'Alpha one', '', 'new', 1, 3, 3, '[{"article_id": 1}]');
INSERT INTO public.digest_drops (digest_id, story_id, reason, actor) VALUES
    (2, 3, 'few outlets', 'pipeline'), (2, 6, 'few outlets', 'Vera');

INSERT INTO public.feeds (id, url, outlet, ownership) OVERRIDING SYSTEM VALUE VALUES (1, 'https://gamma.example/feed', 'Gamma', 'private');
-- One entry of an odd address, one that was judged by nobody yet, one whose address is none.
INSERT INTO public.entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at, last_seen_at,
                            article_id, matched_at)
SELECT 1, key, url, url, key, '', '2024-06-19 12:00Z', 'published', '2024-06-19 12:00Z', '2024-06-19 12:00Z', article, matched::timestamptz
FROM (VALUES
    ('odd', 'https://gamma.example/a%27b?x=%7B1%7D&y=ü#/part', 4, '2024-06-19 12:01Z'),
    ('unjudged', 'https://gamma.example/later', NULL, NULL), ('nowhere', NULL, NULL, '2024-06-19 12:01Z'),
    ('merged', 'https://beta.example/3', 3, '2024-06-19 12:01Z')
) AS e (key, url, article, matched);
INSERT INTO public.entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)
SELECT e.id, t, e.key IN ('odd', 'merged'), 'query', 1, 0, '2024-06-19 12:01Z' FROM public.entries e, unnest('{east,west}'::text[]) t WHERE e.key <> 'unjudged';
