-- Questions an analyst would ask, each run by tests/db/test_examples.py. Open them with
--     wirewatch db shell -f sql/examples.sql
-- Names in :quotes are psql variables; set your own with \set, or take the defaults here.
\if :{?topic} \else \set topic putin-kim-summit \endif
\if :{?moment} \else \set moment '2024-06-19 12:00+00' \endif
\if :{?since} \else \set since '2024-06-12 12:00+00' \endif
-- What is listed over all stories is asked of those that began since then: of years of them it would take a minute.

-- name: widest_stories
-- Which stories were told by the most independent outlets? A copy of a wire text confirms nothing.
SELECT story_id, headline, independent_outlets, outlets, articles, copies, first_published
FROM story_overview WHERE first_published >= :'since'
ORDER BY independent_outlets DESC, outlets DESC, story_id
LIMIT 20;

-- name: who_copied_whom
-- Whose texts do others reprint, and how much of them?
SELECT origin.outlet AS origin, copied.outlet AS copied_by, count(*) AS copies,
       round(avg(c.containment)::numeric, 2) AS mean_share
FROM copies c
JOIN articles origin ON origin.id = c.origin_id
JOIN articles copied ON copied.id = c.article_id
WHERE copied.published >= :'since'
GROUP BY 1, 2 ORDER BY copies DESC, 1, 2;

-- name: first_with_the_news
-- Who was first with each story, and how long did the second outlet take? An article of which only the day is known
-- stands at that day's midnight and would be first of all: it is counted apart.
SELECT story_id, (array_agg(outlet ORDER BY published))[1] AS first_outlet, min(published) AS first_at,
       (array_agg(published ORDER BY published))[2] - min(published) AS until_second,
       max(day_only) AS articles_of_unknown_hour
FROM (SELECT m.story_id, a.outlet, min(a.published) FILTER (WHERE a.published_precision = 'instant') AS published,
             sum(count(*) FILTER (WHERE a.published_precision = 'day')) OVER (PARTITION BY m.story_id) AS day_only
      FROM stories s JOIN memberships m ON m.story_id = s.id AND m.until IS NULL JOIN articles a ON a.id = m.article_id
      WHERE s.first_published >= :'since' GROUP BY 1, 2) told
WHERE published IS NOT NULL
GROUP BY story_id HAVING count(*) > 1
ORDER BY first_at;

-- name: state_against_free
-- Which stories do only state media tell, and which do they leave out?
SELECT o.story_id, o.headline, count(*) FILTER (WHERE a.ownership = 'state') AS state_articles,
       count(*) FILTER (WHERE a.ownership <> 'state') AS other_articles
FROM story_overview o
JOIN memberships m ON m.story_id = o.story_id AND m.until IS NULL
JOIN articles a ON a.id = m.article_id
WHERE o.first_published >= :'since'
GROUP BY o.story_id, o.headline
ORDER BY abs(count(*) FILTER (WHERE a.ownership = 'state') - count(*) FILTER (WHERE a.ownership <> 'state')) DESC
LIMIT 20;

-- name: known_at
-- What was known at a moment: the stories as they stood then, whatever merged since, of what was published since a day.
SELECT story_id, count(*) AS articles, min(title) AS one_title
FROM wirewatch.known_stories(:'moment', :'since')
GROUP BY story_id ORDER BY articles DESC, story_id;

-- name: where_entries_stopped
-- Nothing silent: how many entries got how far, and why the rest stopped.
SELECT stage, entries FROM wirewatch.stage_counts WHERE topic = :'topic' ORDER BY entries DESC;

-- name: corrections
-- Which texts were corrected after publication, and what changed?
SELECT a.outlet, r.seen_at, r.title, r.diff
FROM article_revisions r JOIN articles a ON a.id = r.article_id
WHERE r.kind = 'correction' AND r.seen_at >= :'since' ORDER BY r.seen_at;

-- name: nearest_articles
-- What else reads like this article? By the index of vectors; prints of one text count once.
SELECT title, outlet, round(distance::numeric, 3) AS distance, prints
FROM wirewatch.similar_articles((SELECT min(article_id) FROM memberships WHERE until IS NULL));

-- name: search
-- What was said of a treaty that was signed? Words in any form, best first.
SELECT place, outlet, published, title, snippet FROM wirewatch.search('treaty sign*', since => :'since');

-- name: ailing_feeds
-- Which feeds need a person?
SELECT outlet, state, state_reason, last_error, last_error_at, next_poll_at, gaps, missed
FROM feed_health WHERE state <> 'active' OR failed_polls > 0 OR gaps > 0
ORDER BY state DESC, last_error_at DESC NULLS LAST;

-- name: topic_recall
-- Of the entries found on topic, the share that reached a story.
SELECT * FROM topic_recall;
