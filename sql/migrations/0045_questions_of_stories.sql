-- What analysts ask of days and stories, as functions in the schema wirewatch. One rule of days for all of them, the
-- digest's: an article belongs to the day, in the topic's own zone, on which it was published, or seen where that was
-- earlier. None of them reads a growing table to its end: days go by an index on that moment, stories by their members.
CREATE SCHEMA IF NOT EXISTS wirewatch;
COMMENT ON SCHEMA wirewatch IS 'What analysts ask: views and functions. \df+ wirewatch.* lists the functions, \dv+ wirewatch.* the views.';

CREATE INDEX articles_told ON public.articles (least(published, first_seen_at));
CREATE INDEX story_events_at ON public.story_events (at) WHERE kind <> 'open';

CREATE FUNCTION wirewatch.day_start(topic text, day date) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE zone text := (SELECT t.digest_zone FROM public.topics t WHERE t.slug = $1);
BEGIN
    IF zone IS NULL THEN
        RAISE EXCEPTION 'there is no topic %', coalesce(quote_literal($1), 'NULL')
            USING HINT = 'The topics are: ' || coalesce((SELECT string_agg(t.slug, ', ' ORDER BY t.slug) FROM public.topics t), 'none');
    END IF;
    RETURN $2::timestamp AT TIME ZONE zone;
END $$;
COMMENT ON FUNCTION wirewatch.day_start IS
    'The moment at which a day begins in the zone of a topic; an error that names the topics where there is no such topic.';

CREATE FUNCTION wirewatch.living_story(story_id bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce(s.merged_into, s.id) FROM public.stories s WHERE s.id = $1 $$;
COMMENT ON FUNCTION wirewatch.living_story IS
    'The story that a story is part of now: itself, or the one that it was merged into. Null where there is no such story.';

CREATE FUNCTION wirewatch.headline(story_id bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.title FROM public.memberships m JOIN public.articles a ON a.id = m.article_id
    LEFT JOIN public.copies c ON c.article_id = a.id
    WHERE m.story_id = $1 AND m.until IS NULL
    ORDER BY c.article_id IS NOT NULL, a.language IS DISTINCT FROM 'en',
             public.publication_order(a.published, a.published_precision), a.id LIMIT 1
$$;
COMMENT ON FUNCTION wirewatch.headline IS
    'What a story is called, as in story_overview: the title of its earliest article that is no copy, in English where there is one. Null where it has no article.';

CREATE FUNCTION wirewatch.articles_of_days(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (day date, told_at timestamptz, hour_known boolean, story_id bigint, article_id bigint, outlet text,
               country text, ownership text, language text, title text, url text, copy_of bigint, kind text)
LANGUAGE sql STABLE AS $$
    SELECT (least(a.published, a.first_seen_at) AT TIME ZONE (SELECT z.digest_zone FROM public.topics z WHERE z.slug = $1))::date,
           least(a.published, a.first_seen_at), coalesce(a.published_precision = 'instant' OR a.first_seen_at < a.published, false),
           m.story_id, a.id, a.outlet, a.country, a.ownership, a.language, a.title, a.url, c.origin_id, a.kind
    FROM public.articles a
    JOIN public.article_topics t ON t.article_id = a.id AND t.topic = $1 AND t.on_topic
    LEFT JOIN public.memberships m ON m.article_id = a.id AND m.until IS NULL
    LEFT JOIN public.copies c ON c.article_id = a.id
    WHERE least(a.published, a.first_seen_at) >= wirewatch.day_start($1, $2)
      AND least(a.published, a.first_seen_at) < wirewatch.day_start($1, coalesce($3, $2) + 1)
$$;
COMMENT ON FUNCTION wirewatch.articles_of_days IS
    'The articles on topic of some days, both included; of one day where last_day is left out. day: in the topic''s zone. told_at: when it was published, or seen where that was earlier. hour_known: false where only the day is known, told_at is its midnight UTC then. story_id: null where it is in no story. copy_of: the article that it reprints; null where it is no copy.';

CREATE FUNCTION wirewatch.articles_of_story(story_id bigint, topic text DEFAULT NULL)
RETURNS TABLE (told_at timestamptz, hour_known boolean, article_id bigint, outlet text, country text, ownership text,
               language text, title text, url text, copy_of bigint, copied_from text, share_copied numeric, method text)
LANGUAGE sql STABLE AS $$
    SELECT least(a.published, a.first_seen_at), coalesce(a.published_precision = 'instant' OR a.first_seen_at < a.published, false),
           a.id, a.outlet, a.country, a.ownership, a.language, a.title, a.url, c.origin_id, o.outlet,
           round(c.containment::numeric, 2), m.method
    FROM public.memberships m JOIN public.articles a ON a.id = m.article_id
    LEFT JOIN public.copies c ON c.article_id = a.id
    LEFT JOIN public.articles o ON o.id = c.origin_id
    WHERE m.story_id = wirewatch.living_story($1) AND m.until IS NULL
      AND ($2 IS NULL OR EXISTS (SELECT 1 FROM public.article_topics t
                                 WHERE t.article_id = a.id AND t.topic = $2 AND t.on_topic))
    ORDER BY public.publication_order(coalesce(o.published, a.published), coalesce(o.published_precision, a.published_precision)),
             coalesce(o.id, a.id), c.article_id IS NOT NULL,
             public.publication_order(a.published, a.published_precision), a.id
$$;
COMMENT ON FUNCTION wirewatch.articles_of_story IS
    'A story with its articles in the order of publication, each followed by its copies. A merged story gives the one that took it in. topic: only the articles on that topic. copied_from: the outlet of the origin, null where it is no copy. share_copied: share of its text that stands in the origin, 0 to 1.';

CREATE FUNCTION wirewatch.first_told(story_id bigint, topic text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT min(least(a.published, a.first_seen_at)) FROM public.memberships m JOIN public.articles a ON a.id = m.article_id
    JOIN public.article_topics t ON t.article_id = a.id AND t.topic = $2 AND t.on_topic
    WHERE m.story_id = $1 AND m.until IS NULL
$$;
COMMENT ON FUNCTION wirewatch.first_told IS
    'The moment of the earliest article on topic of a story: of its publication, or of the first sighting where that was earlier. Null where it has none.';

CREATE FUNCTION wirewatch.stories_of_days(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (story_id bigint, headline text, independent_outlets bigint, outlets bigint, articles bigint, copies bigint,
               countries text[], languages text[], first_at timestamptz, is_new boolean)
LANGUAGE sql STABLE AS $$
    SELECT d.story_id, wirewatch.headline(d.story_id), count(DISTINCT d.outlet) FILTER (WHERE d.copy_of IS NULL),
           count(DISTINCT d.outlet), count(*), count(d.copy_of),
           coalesce(array_agg(DISTINCT d.country) FILTER (WHERE d.country IS NOT NULL), '{}'),
           coalesce(array_agg(DISTINCT d.language) FILTER (WHERE d.language IS NOT NULL), '{}'),
           min(d.told_at) FILTER (WHERE d.hour_known),
           wirewatch.first_told(d.story_id, $1) >= wirewatch.day_start($1, $2)
    FROM wirewatch.articles_of_days($1, $2, $3) d WHERE d.story_id IS NOT NULL
    GROUP BY d.story_id ORDER BY 3 DESC, 4 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.stories_of_days IS
    'The stories told from one day to another, both included, in the zone of the topic, those of most independent outlets first. All counts are of these days'' articles on topic. independent_outlets: outlets with a text that is no copy. first_at: their earliest article of known hour, null where none is known. is_new: no article of the story is of an earlier day.';

CREATE FUNCTION wirewatch.stories_of_day(topic text, day date)
RETURNS TABLE (story_id bigint, headline text, independent_outlets bigint, outlets bigint, articles bigint, copies bigint,
               countries text[], languages text[], first_at timestamptz, is_new boolean)
LANGUAGE sql STABLE AS $$ SELECT * FROM wirewatch.stories_of_days($1, $2, $2) $$;
COMMENT ON FUNCTION wirewatch.stories_of_day IS 'stories_of_days for one day: the stories that a draft of its digest chooses from.';

CREATE FUNCTION wirewatch.new_stories(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (day date, story_id bigint, headline text, first_outlet text, first_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT o.day, o.story_id, wirewatch.headline(o.story_id), CASE WHEN o.hour_known THEN o.outlet END,
           CASE WHEN o.hour_known THEN o.told_at END
    FROM (SELECT DISTINCT ON (d.story_id) d.day, d.story_id, d.outlet, d.told_at, d.hour_known
          FROM wirewatch.articles_of_days($1, $2, $3) d WHERE d.story_id IS NOT NULL
          ORDER BY d.story_id, d.day, d.hour_known DESC, d.told_at, d.article_id) o
    WHERE wirewatch.first_told(o.story_id, $1) >= wirewatch.day_start($1, $2)
    ORDER BY o.day, o.hour_known DESC, o.told_at, o.story_id
$$;
COMMENT ON FUNCTION wirewatch.new_stories IS
    'The stories that were new on some days. A story is new on one day only: that of its earliest article on topic, in the topic''s zone, as the stories stand now. first_outlet and first_at: null where no hour of that day is known.';

CREATE FUNCTION wirewatch.new_stories_per_day(topic text, first_day date, last_day date)
RETURNS TABLE (day date, new_stories bigint, stories bigint, articles bigint, copies bigint)
LANGUAGE sql STABLE AS $$
    WITH told AS (SELECT d.day, d.story_id, d.copy_of FROM wirewatch.articles_of_days($1, $2, $3) d),
    counted AS (SELECT t.day, count(DISTINCT t.story_id) AS stories, count(*) AS articles, count(t.copy_of) AS copies
                FROM told t GROUP BY t.day),
    fresh AS (SELECT n.day, count(*) AS new_stories FROM wirewatch.new_stories($1, $2, $3) n GROUP BY n.day)
    SELECT g.day::date, coalesce(f.new_stories, 0), coalesce(c.stories, 0), coalesce(c.articles, 0), coalesce(c.copies, 0)
    FROM generate_series($2::timestamp, $3::timestamp, '1 day') g (day)
    LEFT JOIN counted c ON c.day = g.day::date LEFT JOIN fresh f ON f.day = g.day::date ORDER BY 1
$$;
COMMENT ON FUNCTION wirewatch.new_stories_per_day IS
    'For each day, those without news too: stories that were new (see new_stories), stories that were told, articles on topic and how many of them are copies.';

CREATE FUNCTION wirewatch.who_was_first(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (story_id bigint, headline text, first_outlet text, first_at timestamptz, second_outlet text,
               lead interval, articles_of_unknown_hour bigint, certain boolean)
LANGUAGE sql STABLE AS $$
    WITH fresh AS (SELECT n.story_id, n.headline, n.day FROM wirewatch.new_stories($1, $2, $3) n),
    own AS (
        SELECT f.story_id, a.outlet, a.told_at, a.hour_known,
               (a.told_at AT TIME ZONE 'UTC')::date AS stated_day
        FROM fresh f CROSS JOIN LATERAL wirewatch.articles_of_story(f.story_id, $1) a WHERE a.copy_of IS NULL),
    outlets AS (SELECT o.story_id, o.outlet, min(o.told_at) AS at FROM own o WHERE o.hour_known GROUP BY 1, 2),
    ranked AS (SELECT o.*, row_number() OVER (PARTITION BY o.story_id ORDER BY o.at, o.outlet) AS place FROM outlets o),
    unknown AS (SELECT o.story_id, count(*) AS articles, min(o.stated_day) AS earliest FROM own o
                WHERE NOT o.hour_known GROUP BY 1)
    SELECT f.story_id, f.headline, one.outlet, one.at, two.outlet, two.at - one.at, coalesce(u.articles, 0),
           one.at IS NOT NULL AND (u.earliest IS NULL OR u.earliest > (one.at AT TIME ZONE 'UTC')::date)
               AND two.at IS DISTINCT FROM one.at
    FROM fresh f LEFT JOIN ranked one ON one.story_id = f.story_id AND one.place = 1
    LEFT JOIN ranked two ON two.story_id = f.story_id AND two.place = 2
    LEFT JOIN unknown u ON u.story_id = f.story_id
    ORDER BY one.at, f.story_id
$$;
COMMENT ON FUNCTION wirewatch.who_was_first IS
    'Who was first with each story that was new on these days, and how long the second outlet took. Only texts that are no copies, and only instants: an article of which just the day is known is counted in articles_of_unknown_hour. certain: false where such an article may have been earlier, or two outlets came at the same moment. second_outlet and lead: null where nobody else told it in a text of its own.';

CREATE FUNCTION wirewatch.who_tells_first(topic text, first_day date, last_day date)
RETURNS TABLE (outlet text, stories_first bigint, certainly_first bigint, stories_told bigint, median_lead interval)
LANGUAGE sql STABLE AS $$
    WITH firsts AS (SELECT * FROM wirewatch.who_was_first($1, $2, $3)),
    told AS (SELECT d.outlet, count(DISTINCT d.story_id) AS stories FROM wirewatch.articles_of_days($1, $2, $3) d
             WHERE d.story_id IN (SELECT f.story_id FROM firsts f) GROUP BY d.outlet)
    SELECT t.outlet, count(f.story_id), count(f.story_id) FILTER (WHERE f.certain), t.stories,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY f.lead)
    FROM told t LEFT JOIN firsts f ON f.first_outlet = t.outlet GROUP BY t.outlet, t.stories ORDER BY 2 DESC, 4 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.who_tells_first IS
    'For each outlet: with how many of the new stories of these days it was first, of how many that it told; the rest as in who_was_first.';

CREATE FUNCTION wirewatch.outlets_by_country(story_id bigint, topic text DEFAULT NULL)
RETURNS TABLE (country text, independent_outlets bigint, outlets bigint, articles bigint, names text[])
LANGUAGE sql STABLE AS $$
    SELECT a.country, count(DISTINCT a.outlet) FILTER (WHERE a.copy_of IS NULL), count(DISTINCT a.outlet), count(*),
           array_agg(DISTINCT a.outlet) FROM wirewatch.articles_of_story($1, $2) a
    GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.outlets_by_country IS
    'The outlets that told a story, by their country (ISO 3166-1, null where it is not known). independent_outlets: those with a text that is no copy.';

CREATE FUNCTION wirewatch.outlets_by_ownership(story_id bigint, topic text DEFAULT NULL)
RETURNS TABLE (ownership text, independent_outlets bigint, outlets bigint, articles bigint, names text[])
LANGUAGE sql STABLE AS $$
    SELECT a.ownership, count(DISTINCT a.outlet) FILTER (WHERE a.copy_of IS NULL), count(DISTINCT a.outlet), count(*),
           array_agg(DISTINCT a.outlet) FROM wirewatch.articles_of_story($1, $2) a
    GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.outlets_by_ownership IS
    'The outlets that told a story, by who owns them: state, public, private or agency; null where it is not known.';

CREATE FUNCTION wirewatch.state_only_stories(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (story_id bigint, headline text, outlets bigint, articles bigint, countries text[], names text[])
LANGUAGE sql STABLE AS $$
    WITH told AS (SELECT DISTINCT d.story_id FROM wirewatch.articles_of_days($1, $2, $3) d
                  WHERE d.story_id IS NOT NULL AND d.ownership = 'state')
    SELECT t.story_id, wirewatch.headline(t.story_id), count(DISTINCT a.outlet), count(*),
           array_agg(DISTINCT a.country), array_agg(DISTINCT a.outlet)
    FROM told t CROSS JOIN LATERAL wirewatch.articles_of_story(t.story_id, $1) a
    GROUP BY t.story_id HAVING bool_and(a.ownership IS NOT DISTINCT FROM 'state') ORDER BY 3 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.state_only_stories IS
    'Stories of these days that only state media told, on these days or any other. An outlet whose owner is not known is none of the state''s.';

CREATE FUNCTION wirewatch.timeline(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (day date, hour integer, starts_at timestamptz, articles bigint, copies bigint, outlets bigint, new_stories bigint)
LANGUAGE sql STABLE AS $$
    WITH zone AS (SELECT z.digest_zone FROM public.topics z WHERE z.slug = $1),
    told AS (SELECT d.day, d.outlet, d.copy_of, CASE WHEN d.hour_known THEN date_trunc('hour', d.told_at, zone.digest_zone) END AS starts
             FROM wirewatch.articles_of_days($1, $2, $3) d, zone),
    fresh AS (SELECT n.day, date_trunc('hour', n.first_at, zone.digest_zone) AS starts, count(*) AS stories
              FROM wirewatch.new_stories($1, $2, $3) n, zone GROUP BY 1, 2),
    hours AS (SELECT (s AT TIME ZONE zone.digest_zone)::date AS day, s AS starts FROM zone,
                     generate_series(wirewatch.day_start($1, $2), wirewatch.day_start($1, coalesce($3, $2) + 1) - interval '1 second', '1 hour') s
              UNION ALL SELECT DISTINCT t.day, NULL::timestamptz FROM told t WHERE t.starts IS NULL)
    SELECT h.day, extract(hour FROM h.starts AT TIME ZONE zone.digest_zone)::integer, h.starts, count(t.day), count(t.copy_of),
           count(DISTINCT t.outlet), coalesce(f.stories, 0)
    FROM hours h CROSS JOIN zone LEFT JOIN told t ON t.day = h.day AND t.starts IS NOT DISTINCT FROM h.starts
    LEFT JOIN fresh f ON f.day = h.day AND f.starts IS NOT DISTINCT FROM h.starts
    GROUP BY h.day, h.starts, zone.digest_zone, f.stories ORDER BY h.day, h.starts NULLS LAST
$$;
COMMENT ON FUNCTION wirewatch.timeline IS
    'Articles, outlets and new stories of each hour of some days in the topic''s zone, hours without any too. Articles of which only the day is known stand in a row of their own at the end of their day, with hour and starts_at null.';

CREATE FUNCTION wirewatch.timeline_of_story(story_id bigint, topic text DEFAULT NULL)
RETURNS TABLE (starts_at timestamptz, articles bigint, copies bigint, outlets bigint, outlets_so_far bigint)
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT CASE WHEN a.hour_known THEN date_trunc('hour', a.told_at, 'UTC') END AS starts, a.outlet, a.copy_of,
               row_number() OVER (PARTITION BY a.outlet ORDER BY a.hour_known DESC, a.told_at, a.article_id) = 1 AS first_of_outlet
        FROM wirewatch.articles_of_story($1, $2) a)
    SELECT t.starts, count(*), count(t.copy_of), count(DISTINCT t.outlet),
           sum(count(*) FILTER (WHERE t.first_of_outlet)) OVER (ORDER BY t.starts NULLS LAST)::bigint
    FROM told t GROUP BY t.starts ORDER BY t.starts NULLS LAST
$$;
COMMENT ON FUNCTION wirewatch.timeline_of_story IS
    'How a story spread, by the hour (UTC), hours without an article left out. outlets_so_far counts each outlet once. Articles of which only the day is known stand last, with starts_at null.';

CREATE FUNCTION wirewatch.changes_between_days(topic text, earlier date, later date)
RETURNS TABLE (change text, story_id bigint, headline text, articles_earlier bigint, articles_later bigint,
               independent_earlier bigint, independent_later bigint, new_outlets text[])
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT 'earlier' AS part, d.* FROM wirewatch.articles_of_days($1, $2) d
        UNION ALL SELECT 'later', d.* FROM wirewatch.articles_of_days($1, $3) d),
    counted AS (
        SELECT t.story_id, count(*) FILTER (WHERE t.part = 'earlier') AS before, count(*) FILTER (WHERE t.part = 'later') AS after,
               count(DISTINCT t.outlet) FILTER (WHERE t.part = 'earlier' AND t.copy_of IS NULL) AS own_before,
               count(DISTINCT t.outlet) FILTER (WHERE t.part = 'later' AND t.copy_of IS NULL) AS own_after,
               array_agg(DISTINCT t.outlet) FILTER (WHERE t.part = 'later') AS tellers
        FROM told t WHERE t.story_id IS NOT NULL GROUP BY t.story_id),
    known AS (
        SELECT c.*, coalesce(k.outlets, '{}') AS outlets FROM counted c LEFT JOIN LATERAL (
            SELECT array_agg(DISTINCT a.outlet) AS outlets FROM wirewatch.articles_of_story(c.story_id, $1) a
            WHERE a.told_at < wirewatch.day_start($1, $3)) k ON true)
    SELECT CASE WHEN k.after = 0 THEN 'not told on' WHEN k.before > 0 THEN 'told on'
                WHEN cardinality(k.outlets) > 0 THEN 'taken up again' ELSE 'new' END,
           k.story_id, wirewatch.headline(k.story_id), k.before, k.after, k.own_before, k.own_after,
           ARRAY(SELECT unnest(k.tellers) EXCEPT SELECT unnest(k.outlets) ORDER BY 1)
    FROM known k ORDER BY k.after = 0, k.before > 0, k.own_after DESC, k.own_before DESC, k.story_id
$$;
COMMENT ON FUNCTION wirewatch.changes_between_days IS
    'What changed from one day to a later one. change: new (never told before the later day), taken up again (told before it, not on the earlier day), told on (on both), not told on (on the earlier alone). new_outlets: those that told it on the later day and never before.';

CREATE FUNCTION wirewatch.digest_of_day(topic text, day date) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.id FROM public.digests d WHERE d.topic = $1 AND d.day = $2
    ORDER BY d.state = 'published' DESC, d.version DESC LIMIT 1
$$;
COMMENT ON FUNCTION wirewatch.digest_of_day IS 'The digest of a day: the published one, else its newest version; null where there is none.';

CREATE FUNCTION wirewatch.changes_between_digests(topic text, earlier date, later date)
RETURNS TABLE (change text, story_id bigint, headline text, place_earlier integer, place_later integer,
               articles_earlier integer, articles_later integer, independent_earlier integer, independent_later integer)
LANGUAGE sql STABLE AS $$
    WITH items AS (
        SELECT i.digest_id, wirewatch.living_story(i.story_id) AS story, (array_agg(i.headline ORDER BY i.rank))[1] AS headline,
               min(i.rank) AS place, sum(jsonb_array_length(i.articles))::integer AS articles, max(i.independent) AS own
        FROM public.digest_items i
        WHERE i.digest_id IN (wirewatch.digest_of_day($1, $2), wirewatch.digest_of_day($1, $3)) GROUP BY 1, 2),
    a AS (SELECT * FROM items WHERE digest_id = wirewatch.digest_of_day($1, $2)),
    b AS (SELECT * FROM items WHERE digest_id = wirewatch.digest_of_day($1, $3))
    SELECT CASE WHEN a.story IS NULL THEN 'came in' WHEN b.story IS NULL THEN 'went out' ELSE 'stayed' END,
           coalesce(b.story, a.story), coalesce(b.headline, a.headline), a.place, b.place, a.articles, b.articles, a.own, b.own
    FROM a FULL JOIN b ON b.story = a.story ORDER BY b.place, a.place
$$;
COMMENT ON FUNCTION wirewatch.changes_between_digests IS
    'What two days'' digests have in common: came in, stayed, went out. Stories that were merged since count as the one that took them in, at the better of their places. Days without a digest count as empty.';

CREATE FUNCTION wirewatch.stories_as_of(topic text, moment timestamptz, days_back integer DEFAULT 7)
RETURNS TABLE (story_id bigint, told_at timestamptz, outlet text, title_then text, title_now text, article_id bigint,
               story_now bigint, method text)
LANGUAGE sql STABLE AS $$
    SELECT m.story_id, least(a.published, a.first_seen_at), a.outlet, r.title, a.title, a.id, n.story_id, m.method
    FROM public.articles a
    JOIN public.article_topics t ON t.article_id = a.id AND t.topic = $1 AND t.on_topic
    JOIN public.memberships m ON m.article_id = a.id AND m.since <= $2 AND (m.until IS NULL OR m.until > $2)
    LEFT JOIN public.memberships n ON n.article_id = a.id AND n.until IS NULL
    CROSS JOIN LATERAL (SELECT w.title FROM public.article_revisions w WHERE w.article_id = a.id
                        ORDER BY w.seen_at <= $2 DESC, CASE WHEN w.seen_at <= $2 THEN w.revision END DESC, w.revision LIMIT 1) r
    WHERE least(a.published, a.first_seen_at) <= $2
      AND least(a.published, a.first_seen_at) > $2 - make_interval(days => $3)
      AND wirewatch.day_start($1, '2000-01-01') IS NOT NULL
    ORDER BY m.story_id, public.publication_order(a.published, a.published_precision), a.id
$$;
COMMENT ON FUNCTION wirewatch.stories_as_of(text, timestamptz, integer) IS
    'The stories as they were known at a moment, of the articles of the days_back days before it: each article in the story that it was in then, with the title that it had then. story_now: where it is today. Whether it is on topic is today''s verdict.';

CREATE FUNCTION wirewatch.why_in_story(article_id bigint)
RETURNS TABLE (story_id bigint, says text, method text, score numeric, threshold numeric, nearest_article bigint,
               nearest_title text, nearest_distance numeric, shared_words text[], hours_from_nearest numeric,
               copied_from text, share_copied numeric, since timestamptz, by text, recorded jsonb)
LANGUAGE sql STABLE SET search_path = wirewatch, public, extensions AS $$
    SELECT m.story_id,
           CASE WHEN m.actor <> 'pipeline' THEN 'put there by ' || m.actor
                WHEN m.method = 'copy' THEN 'with the text that it copies'
                WHEN m.method = 'first' THEN 'opened the story: nothing to compare with'
                WHEN m.method = 'must-link' THEN 'a person''s word'
                WHEN m.method = 'merge' THEN 'its story was merged into this one'
                WHEN m.method = 'split' THEN 'its story was split'
                WHEN m.method IN ('reassign', 'settle') THEN 'moved here when all around it was known'
                WHEN m.score < m.threshold THEN 'opened the story: the nearest one stayed under the threshold'
                ELSE 'like the story: the score reached the threshold' END,
           m.method, CASE WHEN m.score <> 0 OR m.threshold <> 0 THEN round(m.score::numeric, 3) END,
           CASE WHEN m.score <> 0 OR m.threshold <> 0 THEN round(m.threshold::numeric, 3) END, near.id, near.title,
           round(near.distance::numeric, 3), words.shared, round((extract(epoch FROM abs_gap.gap) / 3600)::numeric, 1),
           o.outlet, round(c.containment::numeric, 2), m.since, m.actor, m.features
    FROM public.memberships m
    JOIN public.articles a ON a.id = m.article_id
    LEFT JOIN public.copies c ON c.article_id = a.id
    LEFT JOIN public.articles o ON o.id = c.origin_id
    LEFT JOIN LATERAL (
        SELECT b.id, b.title, b.published, v.embedding <=> w.embedding AS distance
        FROM public.vectors v JOIN public.vectors w ON w.model_id = v.model_id AND w.article_id <> v.article_id
        JOIN public.memberships n ON n.article_id = w.article_id AND n.story_id = m.story_id AND n.until IS NULL
        JOIN public.articles b ON b.id = n.article_id
        LEFT JOIN public.copies k ON k.article_id = b.id AND k.origin_id = a.id
        WHERE v.article_id = a.id AND v.model_id = coalesce(m.model_id, v.model_id)
        ORDER BY k.article_id IS NOT NULL, v.embedding <=> w.embedding, b.id LIMIT 1) near ON true
    LEFT JOIN LATERAL (
        SELECT CASE WHEN near.published > a.published THEN near.published - a.published ELSE a.published - near.published END AS gap) abs_gap ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(s.key ORDER BY s.weight DESC, s.key) AS shared FROM (
            SELECT x.key, x.value::real * y.value::real AS weight FROM public.article_terms p, public.article_terms q,
                   jsonb_each_text(p.weights) x JOIN jsonb_each_text(q.weights) y ON y.key = x.key
            WHERE p.article_id = a.id AND q.article_id = near.id ORDER BY 2 DESC, 1 LIMIT 8) s) words ON true
    WHERE m.article_id = $1 AND m.until IS NULL
$$;
COMMENT ON FUNCTION wirewatch.why_in_story IS
    'Why an article is in its story, in words and with evidence, however it came there. score and threshold are those of the decision, 0 to 1; null where none was compared. nearest_article: the article of the story that it is nearest to, by cosine distance (0 is the same), its own copies last, with the words that weigh most in both; null where it is alone or has no vector. recorded: what the pipeline wrote down besides. No row: it is in no story.';

CREATE FUNCTION wirewatch.history_of_story(story_id bigint)
RETURNS TABLE (at timestamptz, what text, from_story bigint, to_story bigint, article_id bigint, says text, by text, reason text)
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT e.id, e.at, e.kind, e.article_id, e.actor, e.reason,
               CASE WHEN e.kind = 'split' THEN e.story_id WHEN e.kind = 'not-topic' THEN e.story_id ELSE e.other_id END AS source,
               CASE WHEN e.kind = 'split' THEN e.other_id WHEN e.kind = 'not-topic' THEN NULL ELSE e.story_id END AS goal
        FROM public.story_events e WHERE e.story_id = $1
        UNION
        SELECT e.id, e.at, e.kind, e.article_id, e.actor, e.reason,
               CASE WHEN e.kind = 'split' THEN e.story_id ELSE e.other_id END,
               CASE WHEN e.kind = 'split' THEN e.other_id ELSE e.story_id END
        FROM public.story_events e WHERE e.other_id = $1)
    SELECT t.at, t.kind, t.source, t.goal, t.article_id,
           CASE t.kind WHEN 'open' THEN format('story %s was opened', t.goal)
                       WHEN 'merge' THEN format('story %s went into story %s', t.source, t.goal)
                       WHEN 'split' THEN format('part of story %s became story %s', t.source, t.goal)
                       WHEN 'move' THEN format('article %s went from story %s to story %s', t.article_id, t.source, t.goal)
                       WHEN 'must-link' THEN format('article %s was put into story %s', t.article_id, t.goal)
                       ELSE format('article %s was taken out of story %s', t.article_id, t.source) END,
           t.actor, t.reason
    FROM told t ORDER BY t.at, t.id
$$;
COMMENT ON FUNCTION wirewatch.history_of_story IS
    'What happened to a story, with its direction: from_story is where articles came from, to_story where they went.';

CREATE FUNCTION wirewatch.merges_and_splits(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (at timestamptz, what text, from_story bigint, to_story bigint, headline text, by text, reason text)
LANGUAGE sql STABLE AS $$
    SELECT e.at, e.kind, way.source, way.goal, wirewatch.headline(wirewatch.living_story(way.goal)), e.actor, e.reason
    FROM public.story_events e CROSS JOIN LATERAL (
        SELECT CASE WHEN e.kind = 'split' THEN e.story_id ELSE e.other_id END AS source,
               CASE WHEN e.kind = 'split' THEN e.other_id ELSE e.story_id END AS goal) way
    WHERE e.kind IN ('merge', 'split') AND e.kind <> 'open'
      AND e.at >= wirewatch.day_start($1, $2) AND e.at < wirewatch.day_start($1, coalesce($3, $2) + 1)
      AND EXISTS (SELECT 1 FROM public.memberships m JOIN public.article_topics t ON t.article_id = m.article_id
                  WHERE m.story_id = wirewatch.living_story(way.goal) AND m.until IS NULL AND t.topic = $1 AND t.on_topic)
    ORDER BY e.at, e.id
$$;
COMMENT ON FUNCTION wirewatch.merges_and_splits IS
    'Stories of a topic that were merged or split on these days, by the moment of the decision: from_story went into to_story, or part of from_story became to_story. headline: of to_story, or of the story that it is part of now.';

CREATE VIEW wirewatch.personal_decisions AS
SELECT o.at, o.actor AS by, o.kind AS what, NULL::text AS topic, NULL::date AS day, o.article_id,
       wirewatch.living_story(o.story_id) AS story_id, (SELECT a.title FROM public.articles a WHERE a.id = o.article_id) AS title,
       o.reason, o.revoked_at IS NULL AS holds, o.revoked_at
FROM public.overrides o
UNION ALL
SELECT t.decided_at, t.actor, CASE WHEN t.on_topic THEN 'on-topic' ELSE 'off-topic' END, t.topic, NULL, t.article_id,
       (SELECT m.story_id FROM public.memberships m WHERE m.article_id = t.article_id AND m.until IS NULL),
       (SELECT a.title FROM public.articles a WHERE a.id = t.article_id), NULL, true, NULL
FROM public.article_topics t
WHERE t.actor <> 'pipeline'
UNION ALL
SELECT w.at, w.actor, said.what, w.topic, w.day, NULL, wirewatch.living_story(w.story_id),
       coalesce(w.headline, wirewatch.headline(wirewatch.living_story(w.story_id))), nullif(w.reason, ''), true, NULL
FROM public.review_words w CROSS JOIN LATERAL (
    SELECT unnest(array_remove(ARRAY[CASE WHEN w.dropped THEN 'left out' END, CASE WHEN w.pulled_in THEN 'pulled in' END,
        CASE WHEN w.pinned THEN 'pinned' END, CASE WHEN w.place IS NOT NULL THEN 'placed ' || w.place END,
        CASE WHEN w.headline IS NOT NULL THEN 'headline written' END,
        CASE WHEN w.summary IS NOT NULL THEN 'summary written' END], NULL)) AS what) said;
CREATE INDEX article_topics_person ON public.article_topics (decided_at) WHERE actor <> 'pipeline';
COMMENT ON VIEW wirewatch.personal_decisions IS
    'Whatever a person decided against or beside the pipeline: links between articles and stories, verdicts on topic, and words in a review. A row per decision.';
COMMENT ON COLUMN wirewatch.personal_decisions.at IS 'When it was decided.';
COMMENT ON COLUMN wirewatch.personal_decisions.by IS 'Who decided.';
COMMENT ON COLUMN wirewatch.personal_decisions.what IS
    'must-link or cannot-link (article and story); on-topic or off-topic (article); left out, pulled in, pinned, placed N, headline written or summary written (story in the digest of a day).';
COMMENT ON COLUMN wirewatch.personal_decisions.topic IS 'Null for a link, which holds for every topic.';
COMMENT ON COLUMN wirewatch.personal_decisions.day IS 'The day of the digest; null outside of reviews.';
COMMENT ON COLUMN wirewatch.personal_decisions.article_id IS 'Null where a story is meant.';
COMMENT ON COLUMN wirewatch.personal_decisions.story_id IS 'The story as it stands now; null where the article is in none.';
COMMENT ON COLUMN wirewatch.personal_decisions.title IS 'Of the article, or the headline of the story.';
COMMENT ON COLUMN wirewatch.personal_decisions.reason IS 'As it was given; null where none was.';
COMMENT ON COLUMN wirewatch.personal_decisions.holds IS 'Whether it binds still.';
COMMENT ON COLUMN wirewatch.personal_decisions.revoked_at IS 'Since when it binds no more; null while it does.';
