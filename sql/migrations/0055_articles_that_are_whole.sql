-- An article that is extracted has a title, a text and a date, one that failed has a reason, and when a text was first
-- had is kept. Rows of before are put right first, and a line tells how many.

CREATE OR REPLACE FUNCTION pg_temp.told(what text, rows bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF rows > 0 THEN RAISE WARNING '% row(s) put right: %', rows, what; END IF;
END $$;

-- The newest wording that was kept is what the article says; a date that is nowhere is the first sighting's, as for any
-- other article; what still has no text was not extracted.
WITH done AS (
    UPDATE articles a SET title = coalesce(nullif(a.title, ''), w.title), text = coalesce(nullif(a.text, ''), w.text)
    FROM (SELECT DISTINCT ON (article_id) article_id, title, text FROM article_revisions
          WHERE title <> '' AND text <> '' ORDER BY article_id, revision DESC) w
    WHERE w.article_id = a.id AND a.state = 'extracted'
      AND (coalesce(a.title, '') = '' OR coalesce(a.text, '') = '') RETURNING 1)
SELECT pg_temp.told('extracted articles without title or text have their newest revision''s', count(*)) FROM done;
WITH done AS (
    UPDATE articles a SET title = coalesce(
        (SELECT e.title FROM entries e WHERE e.article_id = a.id AND e.title <> '' ORDER BY e.id LIMIT 1), a.url)
    WHERE a.state = 'extracted' AND coalesce(a.title, '') = '' AND a.text <> '' RETURNING 1)
SELECT pg_temp.told('extracted articles without a title have their feed''s, or their address', count(*)) FROM done;
WITH done AS (
    UPDATE articles SET published = first_seen_at, published_rule = 'first-seen'
    WHERE state = 'extracted' AND published IS NULL AND text <> '' RETURNING 1)
SELECT pg_temp.told('extracted articles without a date have that of their first sighting', count(*)) FROM done;
WITH done AS (
    UPDATE articles SET state = 'pending', reason = NULL, detail = NULL, attempts = 0, next_try_at = 'epoch',
        next_refetch_at = NULL, extracted_at = NULL, body_hash = NULL, etag = NULL, last_modified = NULL, revision = 0,
        copies_at = NULL, embedded_at = NULL
    WHERE state = 'extracted' AND coalesce(text, '') = '' RETURNING 1)
SELECT pg_temp.told('extracted articles without a text wait for their page again', count(*)) FROM done;
WITH done AS (UPDATE articles SET reason = 'unknown' WHERE state = 'failed' AND reason IS NULL RETURNING 1)
SELECT pg_temp.told('failed articles without a reason have "unknown"', count(*)) FROM done;

ALTER TABLE articles ADD CONSTRAINT articles_extracted_are_whole
    CHECK (state <> 'extracted' OR (title IS NOT NULL AND text IS NOT NULL AND text <> '' AND published IS NOT NULL))
    NOT VALID;
ALTER TABLE articles ADD CONSTRAINT articles_failed_say_why CHECK (state <> 'failed' OR reason IS NOT NULL) NOT VALID;
ALTER TABLE articles VALIDATE CONSTRAINT articles_extracted_are_whole;
ALTER TABLE articles VALIDATE CONSTRAINT articles_failed_say_why;

-- Each look that finds the page the same moves `fetched_at`; when its text was first had stays. Whoever writes the one
-- writes the other, so no statement of the pipeline has to know of it, and none can change it.
ALTER TABLE articles ADD COLUMN first_fetched_at timestamptz;
COMMENT ON COLUMN articles.first_fetched_at IS
    'When its text was first had, by the clock of fetched_at (the capture''s moment in a backfill); set once. Of rows from before version 0055 the earliest that their revisions or requests still say. null while there was none.';
COMMENT ON COLUMN articles.fetched_at IS
    'When its page was last read, or found to be the same; first_fetched_at is the first time. null while there was none.';

UPDATE articles a SET first_fetched_at = least(
    a.fetched_at,
    (SELECT min(w.seen_at) FROM article_revisions w WHERE w.article_id = a.id),
    (SELECT min(f.at) FROM fetches f WHERE f.article_id = a.id AND f.kind = 'page' AND f.outcome = 'ok'))
WHERE a.fetched_at IS NOT NULL;

CREATE FUNCTION keep_first_fetch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.first_fetched_at IS NOT NULL THEN
        IF NEW.first_fetched_at IS DISTINCT FROM OLD.first_fetched_at THEN
            RAISE EXCEPTION 'article % was first fetched at %; that is not changed', OLD.id, OLD.first_fetched_at
                USING ERRCODE = 'check_violation', CONSTRAINT = 'articles_first_fetch_is_kept';
        END IF;
    ELSE
        NEW.first_fetched_at := coalesce(NEW.first_fetched_at, NEW.fetched_at);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_first_fetch IS
    'Sets articles.first_fetched_at with the first fetched_at, and refuses any change of it.';
-- Two triggers, so that the many updates which leave both columns as they are call nothing.
CREATE TRIGGER first_fetch_of_new BEFORE INSERT ON articles
    FOR EACH ROW WHEN (NEW.fetched_at IS NOT NULL) EXECUTE FUNCTION keep_first_fetch();
CREATE TRIGGER first_fetch BEFORE UPDATE OF fetched_at, first_fetched_at ON articles
    FOR EACH ROW EXECUTE FUNCTION keep_first_fetch();

ALTER TABLE articles ADD CONSTRAINT articles_first_fetch_comes_first CHECK (first_fetched_at <= fetched_at) NOT VALID;
ALTER TABLE articles ADD CONSTRAINT articles_fetched_were_first_fetched
    CHECK ((fetched_at IS NULL) = (first_fetched_at IS NULL)) NOT VALID;
ALTER TABLE articles VALIDATE CONSTRAINT articles_first_fetch_comes_first;
ALTER TABLE articles VALIDATE CONSTRAINT articles_fetched_were_first_fetched;

-- Beside the delay to the row, the one to its text.
DROP FUNCTION wirewatch.delays(text, date, date);
CREATE FUNCTION wirewatch.delays(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (outlet text, articles bigint, median_delay interval, ninth_of_ten interval, longest interval,
               articles_of_unknown_hour bigint, median_delay_of_text interval)
LANGUAGE sql STABLE AS $$
    SELECT d.outlet, count(*) FILTER (WHERE a.published_precision = 'instant'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY late.by), percentile_cont(0.9) WITHIN GROUP (ORDER BY late.by), max(late.by),
           count(*) FILTER (WHERE a.published_precision IS DISTINCT FROM 'instant'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY late.text_by)
    FROM wirewatch.articles_of_days($1, $2, $3) d JOIN public.articles a ON a.id = d.article_id
    LEFT JOIN LATERAL (SELECT greatest(a.first_seen_at - a.published, interval '0') AS by,
                              greatest(a.first_fetched_at - a.published, interval '0') AS text_by
                       WHERE a.published_precision = 'instant' AND a.published_rule NOT LIKE 'first-seen%') late ON true
    GROUP BY d.outlet ORDER BY 3 DESC NULLS LAST, 1
$$;
COMMENT ON FUNCTION wirewatch.delays IS
    'How long it took from publication to the row of the article here: the median, nine of ten, the longest; and the median until its text was had, once its page was read or its feed''s text taken. Only articles whose hour of publication is stated; the others are counted apart. One dated after it was seen counts as no delay. null: no such article.';
