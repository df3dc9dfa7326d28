-- What analysts call: search, and what is near an article or a story.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE TYPE wirewatch.hit AS (
    place integer, found integer, article_id bigint, score double precision, words_place integer, meaning_place integer,
    title text, snippet text, url text, outlet text, country text, ownership text, language text, published timestamptz,
    published_precision text, story_id bigint, copy_of bigint);
COMMENT ON TYPE wirewatch.hit IS 'An article that wirewatch.search found.';
COMMENT ON COLUMN wirewatch.hit.place IS 'Its place among all that were found, from 1.';
COMMENT ON COLUMN wirewatch.hit.found IS 'How many were found in all: at most 100 by words and 30 by meaning.';
COMMENT ON COLUMN wirewatch.hit.article_id IS 'articles.id';
COMMENT ON COLUMN wirewatch.hit.score IS 'Sum of 1 / (60 + place) over both ranks; 0 where nothing was asked.';
COMMENT ON COLUMN wirewatch.hit.words_place IS 'Its place in the rank by words; null where words did not find it.';
COMMENT ON COLUMN wirewatch.hit.meaning_place IS 'Its place in the rank by meaning; null where meaning did not find it.';
COMMENT ON COLUMN wirewatch.hit.title IS 'articles.title';
COMMENT ON COLUMN wirewatch.hit.snippet IS 'Where its text has what was asked, found words between ⟦ and ⟧; null without a text.';
COMMENT ON COLUMN wirewatch.hit.url IS 'articles.url';
COMMENT ON COLUMN wirewatch.hit.outlet IS 'articles.outlet';
COMMENT ON COLUMN wirewatch.hit.country IS 'articles.country';
COMMENT ON COLUMN wirewatch.hit.ownership IS 'articles.ownership';
COMMENT ON COLUMN wirewatch.hit.language IS 'articles.language';
COMMENT ON COLUMN wirewatch.hit.published IS 'articles.published';
COMMENT ON COLUMN wirewatch.hit.published_precision IS 'articles.published_precision';
COMMENT ON COLUMN wirewatch.hit.story_id IS 'The story that it is in; null where it is in none.';
COMMENT ON COLUMN wirewatch.hit.copy_of IS 'The article that it is a print of; null where it is none.';

CREATE FUNCTION search_condition(topic text, since timestamptz, until timestamptz, outlet text, country text,
                                 language text, ownership text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN since IS NULL THEN '' ELSE format(' AND a.published >= %L::timestamptz', since) END
        || CASE WHEN until IS NULL THEN '' ELSE format(' AND a.published < %L::timestamptz', until) END
        || CASE WHEN outlet IS NULL THEN '' ELSE format(' AND a.outlet = %L', outlet) END
        || CASE WHEN country IS NULL THEN '' ELSE format(' AND a.country = %L', country) END
        || CASE WHEN language IS NULL THEN '' ELSE format(' AND a.language = %L', language) END
        || CASE WHEN ownership IS NULL THEN '' ELSE format(' AND a.ownership = %L', ownership) END
        || CASE WHEN topic IS NULL THEN '' ELSE format(' AND EXISTS (SELECT 1 FROM article_topics t '
               'WHERE t.article_id = a.id AND t.topic = %L AND t.on_topic)', topic) END
$$;
COMMENT ON FUNCTION search_condition IS
    'What an article must be, as SQL over the alias a: each question is planned for the filters that it sets.';

CREATE FUNCTION search_by_words(asked tsquery, condition text) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint[];
BEGIN
    IF asked IS NULL THEN RETURN '{}'; END IF;
    -- The question stands in the text of the statement, so that Postgres knows how common its words are: common ones
    -- are looked for from the newest article back, rare ones by their index. Of more than 500 the newest are weighed.
    EXECUTE format('WITH held AS MATERIALIZED (
        SELECT a.id, a.published, w.words FROM article_words w JOIN articles a ON a.id = w.article_id
        WHERE w.words @@ %1$L::tsquery AND a.published IS NOT NULL %2$s ORDER BY a.published DESC LIMIT 500)
        SELECT array_agg(id ORDER BY place) FROM (
            SELECT id, row_number() OVER (ORDER BY ts_rank(words, %1$L::tsquery, 1) DESC, published DESC, id) AS place
            FROM held) ranked WHERE place <= 100', asked, condition) INTO found;
    RETURN coalesce(found, '{}');
END $$;
COMMENT ON FUNCTION search_by_words IS 'The best 100 articles that hold what was asked and meet a condition, best first.';

CREATE FUNCTION search_by_meaning(meaning vector, model integer, condition text, nearest integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint[];
BEGIN
    IF meaning IS NULL OR model IS NULL THEN RETURN '{}'; END IF;
    -- Go on where a filter left too few, and look at this many before.
    PERFORM set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', greatest(100, least(nearest, 1000))::text, true);
    -- The condition is a join only where there is one, so that the index of vectors alone decides elsewhere.
    EXECUTE format('SELECT array_agg(article_id ORDER BY distance, article_id) FROM (
        SELECT v.article_id, v.embedding::vector(%1$s) <=> $1::vector(%1$s) AS distance FROM vectors v
        WHERE v.model_id = %2$s AND EXISTS (SELECT 1 FROM articles a WHERE a.id = v.article_id %3$s)
        ORDER BY v.embedding::vector(%1$s) <=> $1::vector(%1$s) LIMIT %4$s) near',
        vector_dims(meaning), model, condition, nearest) INTO found USING meaning;
    RETURN coalesce(found, '{}');
END $$;
COMMENT ON FUNCTION search_by_meaning IS 'The articles of a model whose vectors are nearest, nearest first, by the index of that model.';

CREATE FUNCTION search_newest(condition text) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint[];
BEGIN
    EXECUTE format('SELECT array_agg(id ORDER BY published DESC, id DESC) FROM (
        SELECT a.id, a.published FROM articles a WHERE a.state = ''extracted'' AND a.published IS NOT NULL %s
        ORDER BY a.published DESC, a.id DESC LIMIT 100) newest', condition) INTO found;
    RETURN coalesce(found, '{}');
END $$;
COMMENT ON FUNCTION search_newest IS 'The newest 100 articles with a text that meet a condition.';

CREATE FUNCTION wirewatch.search(
    query text, of_topic text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    of_outlet text DEFAULT NULL, of_country text DEFAULT NULL, of_language text DEFAULT NULL,
    of_ownership text DEFAULT NULL, max_results integer DEFAULT 20, skip integer DEFAULT 0,
    meaning vector DEFAULT NULL, model integer DEFAULT NULL, by_words boolean DEFAULT true)
RETURNS SETOF wirewatch.hit
LANGUAGE plpgsql STABLE SET search_path = wirewatch, public, extensions AS $$
DECLARE
    blank constant boolean := coalesce(btrim(query), '') = '' AND meaning IS NULL;
    condition constant text := search_condition(of_topic, since, until, of_outlet, of_country, of_language, of_ownership);
    worded bigint[] := '{}';
    near bigint[];
BEGIN
    IF blank THEN worded := search_newest(condition);
    ELSIF by_words THEN worded := search_by_words(search_asked(query), condition);
    END IF;
    near := search_by_meaning(meaning, model, condition, 30);
    RETURN QUERY
    WITH ranked AS (
        SELECT id, place, NULL::bigint AS near_place FROM unnest(worded) WITH ORDINALITY AS w (id, place)
        UNION ALL SELECT id, NULL, place FROM unnest(near) WITH ORDINALITY AS n (id, place)),
    fused AS (
        -- The constant 60 of reciprocal rank fusion is that of Cormack, Clarke and Buettcher (SIGIR 2009).
        SELECT id, max(ranked.place) AS worded_at, max(near_place) AS near_at, count(*) OVER () AS in_all,
               sum(1.0 / (60 + coalesce(ranked.place, near_place)))::double precision AS weight
        FROM ranked GROUP BY id),
    listed AS (SELECT fused.*, row_number() OVER (ORDER BY weight DESC, id) AS nth FROM fused
               ORDER BY weight DESC, id LIMIT max_results OFFSET skip)
    SELECT l.nth::integer, l.in_all::integer, a.id, CASE WHEN blank THEN 0 ELSE l.weight END,
           CASE WHEN NOT blank THEN l.worded_at::integer END, l.near_at::integer, a.title,
           search_snippet(a.text, a.language, query), a.url, a.outlet, a.country, a.ownership, a.language, a.published,
           a.published_precision, m.story_id, c.origin_id
    FROM listed l JOIN articles a ON a.id = l.id
    LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
    LEFT JOIN copies c ON c.article_id = a.id
    ORDER BY l.nth;
END $$;
COMMENT ON FUNCTION wirewatch.search IS
    'Articles that a question finds, best first: by words ("a phrase", -without, begin*; any form of a word in its own language; any part of a text in Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese), and by meaning where the question''s vector and its model (embedding_models.id) are given. Published within [since, until). A blank question lists the newest.';

CREATE TYPE wirewatch.near_article AS (
    article_id bigint, distance double precision, title text, outlet text, language text, published timestamptz,
    story_id bigint, prints integer);
COMMENT ON TYPE wirewatch.near_article IS 'An article that reads like another.';
COMMENT ON COLUMN wirewatch.near_article.article_id IS 'articles.id; of several prints of one text the nearest.';
COMMENT ON COLUMN wirewatch.near_article.distance IS 'Cosine distance of the vectors, 0 to 2; 0 is the same direction.';
COMMENT ON COLUMN wirewatch.near_article.title IS 'articles.title';
COMMENT ON COLUMN wirewatch.near_article.outlet IS 'articles.outlet';
COMMENT ON COLUMN wirewatch.near_article.language IS 'articles.language';
COMMENT ON COLUMN wirewatch.near_article.published IS 'articles.published';
COMMENT ON COLUMN wirewatch.near_article.story_id IS 'The story that it is in; null where it is in none.';
COMMENT ON COLUMN wirewatch.near_article.prints IS 'How many prints of its text were near.';

CREATE FUNCTION wirewatch.similar_articles(article bigint, max_results integer DEFAULT 10)
RETURNS SETOF wirewatch.near_article
LANGUAGE plpgsql STABLE SET search_path = wirewatch, public, extensions AS $$
DECLARE
    own record;
BEGIN
    SELECT v.embedding, v.model_id INTO own FROM vectors v JOIN embedding_models m ON m.id = v.model_id
    WHERE v.article_id = article ORDER BY m.used_at DESC, m.id DESC LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    RETURN QUERY
    WITH near AS (
        SELECT a.id, (v.embedding <=> own.embedding)::double precision AS distance, coalesce(c.origin_id, a.id) AS told
        FROM unnest(search_by_meaning(own.embedding, own.model_id, '', 50 + 5 * max_results)) AS n (id)
        JOIN articles a USING (id) JOIN vectors v ON v.article_id = a.id AND v.model_id = own.model_id
        LEFT JOIN copies c ON c.article_id = a.id),
    folded AS (
        SELECT DISTINCT ON (told) id, near.distance, count(*) OVER (PARTITION BY told) AS prints FROM near
        WHERE told <> coalesce((SELECT origin_id FROM copies WHERE article_id = article), article)
        ORDER BY told, near.distance, id)
    SELECT a.id, f.distance, a.title, a.outlet, a.language, a.published, m.story_id, f.prints::integer
    FROM folded f JOIN articles a USING (id) LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
    ORDER BY f.distance, a.id LIMIT max_results;
END $$;
COMMENT ON FUNCTION wirewatch.similar_articles IS
    'The articles whose vectors are nearest to an article''s, by the index of its model; prints of one text count once, those of its own not at all.';

CREATE TYPE wirewatch.near_story AS (
    story_id bigint, distance double precision, headline text, near_texts integer, first_published timestamptz,
    last_published timestamptz);
COMMENT ON TYPE wirewatch.near_story IS 'A story that reads like another.';
COMMENT ON COLUMN wirewatch.near_story.story_id IS 'stories.id';
COMMENT ON COLUMN wirewatch.near_story.distance IS 'Cosine distance from the middle of the story to the nearest article of the other, 0 to 2.';
COMMENT ON COLUMN wirewatch.near_story.headline IS 'The title of that article.';
COMMENT ON COLUMN wirewatch.near_story.near_texts IS 'How many of its texts are among the nearest 200 articles; prints of one text count once.';
COMMENT ON COLUMN wirewatch.near_story.first_published IS 'stories.first_published';
COMMENT ON COLUMN wirewatch.near_story.last_published IS 'stories.last_published';

CREATE FUNCTION wirewatch.similar_stories(story bigint, max_results integer DEFAULT 10)
RETURNS SETOF wirewatch.near_story
LANGUAGE plpgsql STABLE SET search_path = wirewatch, public, extensions AS $$
DECLARE
    own record;
BEGIN
    -- Its middle is that of the texts, not of their prints: one widely reprinted text would draw it to itself.
    SELECT avg(v.embedding) AS middle, v.model_id INTO own
    FROM memberships m JOIN vectors v ON v.article_id = m.article_id JOIN embedding_models e ON e.id = v.model_id
    WHERE m.story_id = story AND m.until IS NULL
      AND NOT EXISTS (SELECT 1 FROM copies c JOIN memberships o ON o.article_id = c.origin_id AND o.until IS NULL
                      WHERE c.article_id = m.article_id AND o.story_id = story)
    GROUP BY v.model_id, e.used_at ORDER BY e.used_at DESC, v.model_id DESC LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    RETURN QUERY
    WITH near AS (
        SELECT m.story_id AS other, a.title, (v.embedding <=> own.middle)::double precision AS away,
               coalesce(c.origin_id, a.id) AS told
        FROM unnest(search_by_meaning(own.middle, own.model_id, '', 200)) AS n (id)
        JOIN articles a USING (id) JOIN vectors v ON v.article_id = a.id AND v.model_id = own.model_id
        JOIN memberships m ON m.article_id = a.id AND m.until IS NULL AND m.story_id <> story
        LEFT JOIN copies c ON c.article_id = a.id),
    listed AS (
        SELECT other, min(away) AS nearest, (array_agg(near.title ORDER BY away, told))[1] AS headline,
               count(DISTINCT told)::integer AS texts
        FROM near GROUP BY other ORDER BY min(away), other LIMIT max_results)
    SELECT l.other, l.nearest, l.headline, l.texts, s.first_published, s.last_published
    FROM listed l CROSS JOIN LATERAL (SELECT * FROM stories WHERE id = l.other OFFSET 0) s
    ORDER BY l.nearest, l.other;
END $$;
COMMENT ON FUNCTION wirewatch.similar_stories IS
    'The stories with an article near the middle of a story''s texts, by the index of vectors; prints of one text count once.';
