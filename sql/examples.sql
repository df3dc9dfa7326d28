-- Thirty-six questions an analyst would ask. Open them with
--     wirewatch db shell -f sql/examples.sql
-- tests/db/test_examples.py holds each answer against the labels of the recorded web. Names in :quotes are psql variables:
-- set your own, as in  wirewatch db shell -v day=2024-06-20 -f sql/examples.sql
\if :{?topic} \else \set topic putin-kim-summit \endif
\if :{?day} \else \set day 2024-06-19 \endif
\if :{?first_day} \else \set first_day 2024-06-18 \endif
\if :{?last_day} \else \set last_day 2024-06-20 \endif
\if :{?moment} \else \set moment '2024-06-19 12:00+00' \endif
\if :{?words} \else \set words 'treaty sign*' \endif
\if :{?author} \else \set author 'Halcyon Wire' \endif
-- The widest story of the day, its first article and that one's address.
\if :{?story} \else
SELECT coalesce(min(story_id), 0) AS story FROM (SELECT story_id FROM wirewatch.stories_of_day(:'topic', :'day') LIMIT 1) widest \gset
\endif
\if :{?article} \else
SELECT coalesce(min(article_id), 0) AS article, coalesce(min(url), '') AS address FROM (SELECT article_id, url FROM wirewatch.articles_of_story(:story) LIMIT 1) opening \gset
\endif

-- name: stories_of_a_day
-- Which stories were told on a day, in the topic's own zone, and by how many independent outlets?
SELECT story_id, headline, independent_outlets, outlets, articles, copies, is_new
FROM wirewatch.stories_of_day(:'topic', :'day');

-- name: widest_stories
-- Which stories of some days were told by the most independent outlets? A copy of a wire text confirms nothing.
SELECT story_id, headline, independent_outlets, outlets, articles, countries
FROM wirewatch.stories_of_days(:'topic', :'first_day', :'last_day') LIMIT 10;

-- name: new_stories_per_day
-- How many stories were new on each day?
SELECT day, new_stories, stories, articles, copies FROM wirewatch.new_stories_per_day(:'topic', :'first_day', :'last_day');

-- name: new_stories
-- Which ones, and who opened them?
SELECT day, story_id, headline, first_outlet, first_at FROM wirewatch.new_stories(:'topic', :'day') ORDER BY first_at, story_id;

-- name: story_with_its_copies
-- What does a story consist of, and which of it is the same text once more?
SELECT told_at, outlet, title, copied_from, share_copied FROM wirewatch.articles_of_story(:story);

-- name: first_with_the_news
-- Who was first with each story, and how long did the second outlet take?
SELECT story_id, headline, first_outlet, first_at, second_outlet, lead, certain
FROM wirewatch.who_was_first(:'topic', :'first_day', :'last_day');

-- name: who_tells_first
-- Which outlets are first most often?
SELECT outlet, stories_first, certainly_first, stories_told, median_lead
FROM wirewatch.who_tells_first(:'topic', :'first_day', :'last_day') LIMIT 10;

-- name: story_by_country
-- From which countries do the independent outlets of a story come?
SELECT country, independent_outlets, outlets, articles, names FROM wirewatch.outlets_by_country(:story, :'topic');

-- name: story_by_ownership
-- Who owns the outlets that tell a story?
SELECT ownership, independent_outlets, outlets, articles, names FROM wirewatch.outlets_by_ownership(:story, :'topic');

-- name: state_only
-- Which stories do only state media tell?
SELECT story_id, headline, articles, names FROM wirewatch.state_only_stories(:'topic', :'first_day', :'last_day');

-- name: timeline_by_hour
-- How did a day go, hour by hour?
SELECT day, hour, articles, copies, outlets, new_stories FROM wirewatch.timeline(:'topic', :'day') WHERE articles > 0;

-- name: how_a_story_spread
-- How did a story spread?
SELECT starts_at, articles, copies, outlets_so_far FROM wirewatch.timeline_of_story(:story);

-- name: changes_between_days
-- What changed from one day to the next?
SELECT change, story_id, headline, articles_earlier, articles_later, new_outlets
FROM wirewatch.changes_between_days(:'topic', date :'day' - 1, :'day');

-- name: changes_between_digests
-- What came into the digest, and what went out of it?
SELECT change, story_id, headline, place_earlier, place_later
FROM wirewatch.changes_between_digests(:'topic', date :'day' - 1, :'day');

-- name: known_at
-- Which stories were known at a moment, under the headlines of then, and what became of them?
SELECT story_id, headline_then, independent_outlets, articles, copies, first_at, story_now
FROM wirewatch.stories_as_of(:'topic', :'moment');

-- name: articles_known_at
-- Which articles were known at a moment, under the titles of then, and in which story?
SELECT story_id, told_at, outlet, title_then, title_now FROM wirewatch.articles_as_of(:'topic', :'moment');

-- name: why_in_story
-- Why is an article in its story?
SELECT story_id, says, score, threshold, nearest_title, nearest_distance, shared_words, copied_from
FROM wirewatch.why_in_story(:article);

-- name: left_out
-- Which stories did the digest of a day leave out, and why?
SELECT story_id, headline, reason, by, articles, independent_outlets, shown_at_place FROM wirewatch.left_out(:'topic', :'day');

-- name: where_entries_stopped
-- Nothing silent: how many entries got how far, and why did the rest stop?
SELECT stage, entries, share FROM wirewatch.where_entries_stopped(:'topic', :'first_day', :'last_day');

-- name: way_of_an_address
-- What became of an address, in any spelling of it?
SELECT stage, outlet, title, seen_at, rule, story_id, digest_day
FROM wirewatch.way_of(replace(:'address', 'https://www.', 'http://m.') || '?utm_source=rss#top');

-- name: corrections
-- Which texts were corrected after publication, and what changed?
SELECT corrected_at, outlet, title, diff, copies_that_stand FROM wirewatch.corrections(:'topic', :'first_day', :'last_day');

-- name: corrections_after_digest
-- Of what was corrected after a digest went out?
SELECT digest_day, corrected_at, outlet, headline, diff, told_in_digest_of
FROM wirewatch.corrections_after_digest(:'topic', :'first_day', :'last_day');

-- name: wire_share
-- How much of what an outlet prints is somebody else's text?
SELECT outlet, articles, copies, wire_share, copies_mostly FROM wirewatch.wire_share(:'topic', :'first_day', :'last_day');

-- name: who_copied_whom
-- Whose texts do others reprint?
SELECT origin, copied_by, copies, share_copied FROM wirewatch.who_copies_whom(:'topic', :'first_day', :'last_day');

-- name: search
-- What was said of a treaty that was signed? Words in any form, best first.
SELECT place, outlet, published, title, snippet
FROM wirewatch.search(:'words', of_topic => :'topic', since => wirewatch.day_start(:'topic', :'first_day'));

-- name: ailing_feeds
-- Which feeds are late or dead now?
SELECT outlet, trouble, since, reason, last_answer_at FROM wirewatch.ailing_feeds();

-- name: coverage_by_language
-- In which languages is the topic told, and what does only one of them tell?
SELECT language, articles, share, outlets, stories, only_in_it
FROM wirewatch.coverage_by_language(:'topic', :'first_day', :'last_day');

-- name: delays
-- How long does it take from publication to our row?
SELECT outlet, articles, median_delay, longest FROM wirewatch.delays(:'topic', :'first_day', :'last_day');

-- name: articles_of_author
-- What did somebody write?
SELECT published, outlet, title, copy_of FROM wirewatch.articles_of_author(:'author');

-- name: merges_and_splits
-- Which stories became one, and which fell apart?
SELECT at, what, from_story, to_story, headline, by, reason
FROM wirewatch.merges_and_splits(:'topic', :'first_day', :'last_day');

-- name: personal_decisions
-- What did a person decide otherwise than the pipeline, and does it still hold?
SELECT at, by, what, article_id, story_id, title, reason, holds FROM wirewatch.personal_decisions ORDER BY at;

-- name: recall
-- How much of what a person calls on topic is found? Labels come from `wirewatch labels`.
SELECT measure, of_labels, reached, share, low, high FROM wirewatch.recall(:'topic');

-- name: missed
-- And what was missed, where?
SELECT url, stopped, outlet FROM wirewatch.missed(:'topic');

-- name: places_mentioned
-- Which countries do the articles name?
SELECT country, articles, share, stories FROM wirewatch.places_mentioned(:'topic', :'first_day', :'last_day') LIMIT 10;

-- name: people_mentioned
-- And which persons?
SELECT called, office, articles, share, outlets FROM wirewatch.people_mentioned(:'topic', :'first_day', :'last_day') LIMIT 10;

-- name: nearest_articles
-- What else reads like an article? By the index of vectors; prints of one text count once.
SELECT title, outlet, round(distance::numeric, 3) AS distance, prints FROM wirewatch.similar_articles(:article);
