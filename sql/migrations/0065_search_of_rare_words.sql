-- A search for a rare word beside a million articles. How common a word is Postgres knows of some hundred alone, and holds
-- a word that it does not know for common: it looked through all articles, newest first. So the newest are looked at.
CREATE INDEX articles_of_country ON public.articles (country, published);
CREATE INDEX articles_of_ownership ON public.articles (ownership, published);
CREATE INDEX articles_of_language ON public.articles (language, published);
DROP INDEX public.articles_language;  -- which the last one begins with

CREATE OR REPLACE FUNCTION public.search_by_words(asked tsquery, condition text) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = wirewatch, public, extensions SET enable_seqscan = off AS $$
DECLARE
    -- From the newest article back, at most so many. OFFSET 0 looks up the words of these one by one.
    newest constant text := 'SELECT n.id, n.published, w.words
        FROM (SELECT a.id, a.published FROM articles a WHERE a.published IS NOT NULL %2$s
              ORDER BY a.published DESC LIMIT %3$s) n
        CROSS JOIN LATERAL (SELECT words FROM article_words WHERE article_id = n.id AND words @@ %1$L::tsquery OFFSET 0) w
        ORDER BY n.published DESC LIMIT 500';
    -- By the index of words, which gives all that have them in no order.
    indexed constant text := 'SELECT a.id, a.published, w.words
        FROM (SELECT article_id, words FROM article_words WHERE words @@ %1$L::tsquery OFFSET 0) w
        JOIN articles a ON a.id = w.article_id WHERE a.published IS NOT NULL %2$s ORDER BY a.published DESC LIMIT 500';
    -- The best of these, and how many there were.
    ranked constant text := 'WITH held AS MATERIALIZED (%2$s)
        SELECT (SELECT count(*) FROM held), (SELECT array_agg(id ORDER BY place) FROM (
            SELECT id, row_number() OVER (ORDER BY ts_rank(words, %1$L::tsquery, 1) DESC, published DESC, id) AS place
            FROM held) best WHERE place <= 100)';
    looked bigint;
    held bigint;
    found bigint[];
BEGIN
    IF asked IS NULL THEN RETURN '{}'; END IF;
    EXECUTE format('SELECT count(*), count(w.article_id)
        FROM (SELECT a.id FROM articles a WHERE a.published IS NOT NULL %2$s ORDER BY a.published DESC LIMIT 5000) n
        LEFT JOIN LATERAL (SELECT article_id FROM article_words WHERE article_id = n.id AND words @@ %1$L::tsquery OFFSET 0) w
        ON true', asked, condition) INTO looked, held;
    -- A hundredth of 5,000 promises 500 among 50,000, of which 25,000 take 55 ms, and fewer than 10,000 of a million to
    -- the index, of which 20,000 take 350 ms (bench/million.py). Where the promise is not kept, the index has the answer.
    IF looked < 5000 OR held >= 50 THEN
        EXECUTE format(ranked, asked, format(newest, asked, condition, 50000)) INTO held, found;
        IF looked < 5000 OR held = 500 THEN RETURN coalesce(found, '{}'); END IF;
    END IF;
    EXECUTE format(ranked, asked, format(indexed, asked, condition)) INTO held, found;
    RETURN coalesce(found, '{}');
END $$;
COMMENT ON FUNCTION public.search_by_words IS
    'The best 100 articles that hold what was asked and meet a condition, best first; of more than 500 the newest are weighed.';
