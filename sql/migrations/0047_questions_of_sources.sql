-- What analysts ask of outlets, feeds, authors, corrections and coverage.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE INDEX article_revisions_corrections ON public.article_revisions (seen_at) WHERE kind = 'correction';

CREATE FUNCTION wirewatch.corrections(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (corrected_at timestamptz, outlet text, article_id bigint, story_id bigint, title_before text, title text,
               diff text, copies_that_stand bigint)
LANGUAGE sql STABLE AS $$
    SELECT r.seen_at, a.outlet, a.id, m.story_id, former.title, r.title, r.diff,
           (SELECT count(*) FROM public.copies c JOIN public.articles p ON p.id = c.article_id
            WHERE c.origin_id = a.id AND NOT EXISTS (
                SELECT 1 FROM public.article_revisions o
                WHERE o.article_id = p.id AND o.kind = 'correction' AND o.seen_at >= r.seen_at))
    FROM public.article_revisions r
    JOIN public.articles a ON a.id = r.article_id
    JOIN public.article_topics t ON t.article_id = a.id AND t.topic = $1 AND t.on_topic
    LEFT JOIN public.memberships m ON m.article_id = a.id AND m.until IS NULL
    LEFT JOIN public.article_revisions former ON former.article_id = a.id AND former.revision = r.revision - 1
    WHERE r.kind = 'correction' AND r.seen_at >= wirewatch.day_start($1, $2)
      AND r.seen_at < wirewatch.day_start($1, coalesce($3, $2) + 1)
    ORDER BY r.seen_at, a.id
$$;
COMMENT ON FUNCTION wirewatch.corrections IS
    'Texts on topic whose outlet corrected them, by the moment at which the correction was seen; other changes of wording are none. diff: what changed, - before and + after. title_before: the title of the wording before. copies_that_stand: copies elsewhere that were not corrected since.';

CREATE FUNCTION wirewatch.corrections_after_digest(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (digest_day date, version integer, published_at timestamptz, corrected_at timestamptz, outlet text,
               article_id bigint, headline text, title text, diff text, told_in_digest_of date)
LANGUAGE sql STABLE AS $$
    SELECT d.day, d.version, d.published_at, r.seen_at, a.outlet, a.id, i.headline, r.title, r.diff,
           (SELECT min(later.day) FROM public.digests later
            WHERE later.topic = d.topic AND later.state = 'published' AND later.as_of >= r.seen_at AND later.day >= d.day)
    FROM public.digests d
    JOIN public.digest_items i ON i.digest_id = d.id
    CROSS JOIN LATERAL jsonb_to_recordset(i.articles) AS shown (article_id bigint)
    JOIN public.articles a ON a.id = shown.article_id
    JOIN public.article_revisions r ON r.article_id = a.id AND r.kind = 'correction' AND r.seen_at > d.as_of
    WHERE d.topic = $1 AND d.published_at IS NOT NULL AND d.day BETWEEN $2 AND coalesce($3, $2)
      AND wirewatch.day_start($1, $2) IS NOT NULL
    ORDER BY d.day, d.version, r.seen_at, a.id
$$;
COMMENT ON FUNCTION wirewatch.corrections_after_digest IS
    'Corrections of articles that a published digest of these days showed, seen after that digest was drafted: what its readers have wrong. told_in_digest_of: the first day whose published digest was drafted after the correction, so that it could tell it; null where none was.';

CREATE FUNCTION wirewatch.wire_share(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (outlet text, country text, ownership text, articles bigint, copies bigint, wire_share numeric, copies_mostly text)
LANGUAGE sql STABLE AS $$
    WITH told AS (SELECT d.*, o.outlet AS origin FROM wirewatch.articles_of_days($1, $2, $3) d
                  LEFT JOIN public.articles o ON o.id = d.copy_of)
    SELECT t.outlet, min(t.country), min(t.ownership), count(*), count(t.copy_of), round(count(t.copy_of)::numeric / count(*), 3),
           mode() WITHIN GROUP (ORDER BY t.origin)
    FROM told t GROUP BY t.outlet ORDER BY 6 DESC, 4 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.wire_share IS
    'Which share of an outlet''s articles on topic reprints the text of another outlet, 0 to 1, and whose text mostly; null where none does.';

CREATE FUNCTION wirewatch.who_copies_whom(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (origin text, copied_by text, copies bigint, share_copied numeric)
LANGUAGE sql STABLE AS $$
    SELECT o.outlet, d.outlet, count(*), round(avg(c.containment)::numeric, 2)
    FROM wirewatch.articles_of_days($1, $2, $3) d JOIN public.copies c ON c.article_id = d.article_id
    JOIN public.articles o ON o.id = c.origin_id GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
$$;
COMMENT ON FUNCTION wirewatch.who_copies_whom IS
    'Whose texts others reprint. share_copied: which share of the copy stands in the origin, 0 to 1, on average.';

CREATE FUNCTION wirewatch.coverage_by_language(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (language text, articles bigint, share numeric, copies bigint, outlets bigint, stories bigint, only_in_it bigint)
LANGUAGE sql STABLE AS $$
    WITH told AS MATERIALIZED (SELECT * FROM wirewatch.articles_of_days($1, $2, $3)),
    alone AS (SELECT t.story_id, min(t.language) AS language FROM told t WHERE t.story_id IS NOT NULL
              GROUP BY 1 HAVING count(DISTINCT t.language) = 1 AND count(t.language) = count(*)),
    lone AS (SELECT a.language, count(*) AS stories FROM alone a GROUP BY 1)
    SELECT t.language, count(*), round(count(*) / sum(count(*)) OVER (), 3), count(t.copy_of), count(DISTINCT t.outlet),
           count(DISTINCT t.story_id), coalesce(min(l.stories), 0)
    FROM told t LEFT JOIN lone l ON l.language = t.language GROUP BY t.language ORDER BY 2 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.coverage_by_language IS
    'Articles on topic of these days by language (BCP 47, null where it is not known), their share (0 to 1), the stories told in it, and those told in no other on these days.';

CREATE FUNCTION wirewatch.coverage_by_country(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (country text, articles bigint, share numeric, copies bigint, independent_outlets bigint, outlets bigint, stories bigint)
LANGUAGE sql STABLE AS $$
    SELECT t.country, count(*), round(count(*) / sum(count(*)) OVER (), 3), count(t.copy_of),
           count(DISTINCT t.outlet) FILTER (WHERE t.copy_of IS NULL), count(DISTINCT t.outlet), count(DISTINCT t.story_id)
    FROM wirewatch.articles_of_days($1, $2, $3) t GROUP BY t.country ORDER BY 2 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.coverage_by_country IS
    'Articles on topic of these days by the country of their outlet (ISO 3166-1, null where it is not known). independent_outlets: those with a text that is no copy.';

CREATE FUNCTION wirewatch.coverage_by_ownership(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (ownership text, articles bigint, share numeric, copies bigint, independent_outlets bigint, outlets bigint, stories bigint)
LANGUAGE sql STABLE AS $$
    SELECT t.ownership, count(*), round(count(*) / sum(count(*)) OVER (), 3), count(t.copy_of),
           count(DISTINCT t.outlet) FILTER (WHERE t.copy_of IS NULL), count(DISTINCT t.outlet), count(DISTINCT t.story_id)
    FROM wirewatch.articles_of_days($1, $2, $3) t GROUP BY t.ownership ORDER BY 2 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.coverage_by_ownership IS
    'Articles on topic of these days by who owns their outlet: state, public, private, agency; null where it is not known.';

CREATE FUNCTION wirewatch.delays(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (outlet text, articles bigint, median_delay interval, ninth_of_ten interval, longest interval, articles_of_unknown_hour bigint)
LANGUAGE sql STABLE AS $$
    SELECT d.outlet, count(*) FILTER (WHERE a.published_precision = 'instant'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY late.by), percentile_cont(0.9) WITHIN GROUP (ORDER BY late.by), max(late.by),
           count(*) FILTER (WHERE a.published_precision IS DISTINCT FROM 'instant')
    FROM wirewatch.articles_of_days($1, $2, $3) d JOIN public.articles a ON a.id = d.article_id
    CROSS JOIN LATERAL (SELECT CASE WHEN a.published_precision = 'instant' AND a.published_rule NOT LIKE 'first-seen%'
                                    THEN greatest(a.first_seen_at - a.published, interval '0') END AS by) late
    GROUP BY d.outlet ORDER BY 3 DESC NULLS LAST, 1
$$;
COMMENT ON FUNCTION wirewatch.delays IS
    'How long it took from publication to the row of the article here: the median, nine of ten, the longest. Only articles whose hour of publication is stated; the others are counted apart. One dated after it was seen counts as no delay. null: no such article.';

CREATE FUNCTION wirewatch.name_words(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_remove(regexp_split_to_array(
    regexp_replace(normalize(lower(name), NFKD), U&'[\0300-\036F]', '', 'g'), '[^[:alnum:]]+'), '');
COMMENT ON FUNCTION wirewatch.name_words IS 'The words of a name without case, accents and signs.';

CREATE FUNCTION wirewatch.author_words(authors text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN RETURN wirewatch.name_words(array_to_string($1, ' ')); END $$;
COMMENT ON FUNCTION wirewatch.author_words IS 'The words of all names of an article''s authors, by which an index holds them.';
CREATE INDEX articles_authors ON public.articles USING gin (wirewatch.author_words(authors)) WHERE authors <> '{}';

CREATE FUNCTION wirewatch.articles_of_author(name text, topic text DEFAULT NULL)
RETURNS TABLE (published timestamptz, hour_known boolean, author text, outlet text, title text, url text, language text,
               article_id bigint, story_id bigint, copy_of bigint)
LANGUAGE sql STABLE AS $$
    SELECT a.published, a.published_precision = 'instant', who.author, a.outlet, a.title, a.url, a.language, a.id, m.story_id, c.origin_id
    FROM public.articles a CROSS JOIN LATERAL unnest(a.authors) AS who (author)
    LEFT JOIN public.memberships m ON m.article_id = a.id AND m.until IS NULL
    LEFT JOIN public.copies c ON c.article_id = a.id
    WHERE a.authors <> '{}' AND wirewatch.author_words(a.authors) @> wirewatch.name_words($1)
      AND wirewatch.name_words(who.author) @> wirewatch.name_words($1) AND wirewatch.name_words($1) <> '{}'
      AND ($2 IS NULL OR EXISTS (SELECT 1 FROM public.article_topics t
                                 WHERE t.article_id = a.id AND t.topic = $2 AND t.on_topic))
    ORDER BY a.published DESC, a.id
$$;
COMMENT ON FUNCTION wirewatch.articles_of_author IS
    'The articles of an author, newest first: whose name has all words of the one that is asked for, whatever the case, accents and order. Two people of one name are not told apart, and one person in two scripts is not put together. copy_of: the article whose text it reprints.';

CREATE FUNCTION wirewatch.authors(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (author text, outlets text[], articles bigint, stories bigint)
LANGUAGE sql STABLE AS $$
    SELECT who.author, array_agg(DISTINCT d.outlet), count(*), count(DISTINCT d.story_id)
    FROM wirewatch.articles_of_days($1, $2, $3) d JOIN public.articles a ON a.id = d.article_id
    CROSS JOIN LATERAL unnest(a.authors) AS who (author)
    GROUP BY who.author ORDER BY 3 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.authors IS 'Who wrote on topic on these days, as the outlets spell the names, with copies.';

CREATE FUNCTION wirewatch.ailing_feeds(moment timestamptz DEFAULT now())
RETURNS TABLE (outlet text, feed_id bigint, url text, trouble text, since timestamptz, reason text, last_answer_at timestamptz,
               last_new_at timestamptz, next_poll_at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH stands AS (
        SELECT f.*, greatest((f.poll_state ->> 'answered_full')::timestamptz, (f.poll_state ->> 'answered_304')::timestamptz) AS answered,
               make_interval(secs => coalesce((f.poll_state ->> 'interval')::double precision, 3600)) AS pace,
               make_interval(secs => coalesce((f.poll_state ->> 'longest_empty')::double precision, 0)) AS longest_empty
        FROM public.feeds f),
    judged AS (
        SELECT s.*, CASE
                WHEN s.state = 'retired' AND s.state_reason LIKE 'http-410%' THEN 'dead'
                WHEN s.state = 'retired' THEN NULL
                WHEN s.state = 'paused' AND s.poll_state ? 'paused_since' THEN 'dead'
                WHEN s.state = 'paused' THEN 'paused by a person'
                WHEN s.poll_state ? 'failing_since' THEN 'failing'
                WHEN s.next_poll_at < $1 - greatest(s.pace, interval '1 hour') THEN 'late'
                WHEN coalesce(s.last_new_at, s.added_at) < $1 - greatest(3 * s.longest_empty, interval '2 days') THEN 'silent' END AS trouble
        FROM stands s)
    SELECT j.outlet, j.id, j.url, j.trouble,
           CASE j.trouble WHEN 'dead' THEN coalesce((j.poll_state ->> 'paused_since')::timestamptz, j.last_polled_at)
                          WHEN 'failing' THEN (j.poll_state ->> 'failing_since')::timestamptz
                          WHEN 'late' THEN j.next_poll_at WHEN 'silent' THEN coalesce(j.last_new_at, j.added_at) END,
           CASE j.trouble WHEN 'late' THEN 'nothing asked it when it was due'
                          WHEN 'silent' THEN 'it answers, and has had nothing new for three times its longest break'
                          ELSE coalesce(j.state_reason, j.poll_state ->> 'reason') END,
           j.answered, j.last_new_at, j.next_poll_at
    FROM judged j WHERE j.trouble IS NOT NULL
    ORDER BY array_position(ARRAY['dead', 'failing', 'late', 'silent', 'paused by a person'], j.trouble), 5, j.outlet, j.id
$$;
COMMENT ON FUNCTION wirewatch.ailing_feeds IS
    'The feeds that are in trouble at this moment; an old failure that is over counts no more. trouble: dead (paused after many failures, or gone for good), failing (its last request failed), late (not asked an hour, or its own interval, after it was due), silent (answers, but for two days and three times its longest break has had nothing new), paused by a person. last_answer_at: null where it never answered. moment: late and silent are judged as of it.';
