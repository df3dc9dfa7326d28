-- What was slow beside a million articles. An index for each question that read a table to its end; and maintenance keeps
-- the stages of the entries that are noted by looking up these alone.
CREATE INDEX stories_last ON public.stories (last_published);
CREATE INDEX digests_waiting ON public.digests (day, id) WHERE state = 'draft';
CREATE INDEX digests_days ON public.digests (day) WHERE state <> 'superseded';
CREATE INDEX digests_drafted ON public.digests (drafted_at);
CREATE INDEX fetches_captured ON public.fetches (as_of) WHERE captured IS NOT NULL;
-- By id, as a feed that shows an entry once more changes none of the columns that are named here.
CREATE INDEX entries_raw ON public.entries (id) WHERE summary_html <> '' OR content_html <> '';
CREATE INDEX deliveries_given_up ON public.deliveries (id) WHERE outcome = 'internal' AND failed_at IS NOT NULL;

CREATE OR REPLACE FUNCTION public.fold_stage_news(at_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    noted bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(7306421);
    WITH told AS (
        DELETE FROM stage_news WHERE id IN (SELECT id FROM stage_news ORDER BY id LIMIT at_most) RETURNING entry_id)
    SELECT array_agg(entry_id), count(*) INTO noted FROM (SELECT DISTINCT entry_id FROM told) each;
    IF noted IS NULL THEN RETURN 0; END IF;
    -- What commits from here on is noted again by itself, so that nothing is lost where it is kept already.
    WITH gone AS (DELETE FROM entry_stages WHERE entry_id = ANY (noted) RETURNING topic, stage, expected, reached)
    INSERT INTO stage_tallies AS t SELECT topic, stage, expected, reached, -count(*) FROM gone GROUP BY 1, 2, 3, 4
    ON CONFLICT (topic, stage, expected, reached) DO UPDATE SET entries = t.entries + excluded.entries;
    WITH kept AS (
        INSERT INTO entry_stages (entry_id, topic, stage, expected, reached)
        -- OFFSET 0 holds each entry to the indexes: else all entries are judged, and these picked from them.
        SELECT n.id, s.topic, s.stage, s.expected, s.reached
        FROM unnest(noted) AS n (id) CROSS JOIN LATERAL (SELECT * FROM stages_of(n.id) OFFSET 0) s
        RETURNING topic, stage, expected, reached)
    INSERT INTO stage_tallies AS t SELECT topic, stage, expected, reached, count(*) FROM kept GROUP BY 1, 2, 3, 4
    ON CONFLICT (topic, stage, expected, reached) DO UPDATE SET entries = t.entries + excluded.entries;
    DELETE FROM stage_tallies WHERE entries = 0;
    RETURN cardinality(noted);
END $$;

CREATE OR REPLACE FUNCTION wirewatch.who_copies_whom(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (origin text, copied_by text, copies bigint, share_copied numeric)
LANGUAGE sql STABLE AS $$
    SELECT o.outlet, d.outlet, count(*), round(avg(c.containment)::numeric, 2)
    FROM wirewatch.articles_of_days($1, $2, $3) d
    -- OFFSET 0 looks up each article: how many there are in these days is not known when this is planned.
    CROSS JOIN LATERAL (SELECT origin_id, containment FROM public.copies WHERE article_id = d.article_id OFFSET 0) c
    JOIN public.articles o ON o.id = c.origin_id WHERE o.outlet <> d.outlet GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
$$;
