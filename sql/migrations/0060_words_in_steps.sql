-- in steps
-- The words of every article get the stems that migration 0050 brought, 500 articles a transaction, so that nobody waits
-- for more than those and search goes on meanwhile, by words as they stand where stems are not there yet. What comes or
-- changes has its stems already. 10 s for 10,000 articles of 60 words.
DO $$
DECLARE
    low bigint := 0;
    last constant bigint := (SELECT coalesce(max(article_id), 0) FROM public.article_words);
BEGIN
    WHILE low < last LOOP
        -- Locked first, so that a text that changes meanwhile is not overwritten by the words of the former one.
        WITH held AS MATERIALIZED (
            SELECT id, title, text, language FROM public.articles WHERE id > low AND id <= low + 500 ORDER BY id FOR SHARE)
        UPDATE public.article_words w SET words = public.search_vector(h.title, h.text, h.language)
        FROM held h WHERE w.article_id = h.id;
        COMMIT;
        low := low + 500;
    END LOOP;
END $$;
