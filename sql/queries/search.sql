-- name: settings
-- Of an index of vectors: go on where a filter left too few, and look at this many before. And plan each question for
-- itself: which filters are set, and how common its words are, decides how it is best answered.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '100', true),
       set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: query
SELECT search_query(%(wanted)s::text[], %(unwanted)s::text[])::text;

-- name: by_words
-- The articles that hold every phrase, best first; of more than `newest`, only the newest are weighed. The question
-- comes as a value, so that Postgres knows how common its words are: common ones are looked for from the newest article
-- back, rare ones by their index.
WITH found AS MATERIALIZED (
    SELECT a.id, a.published, w.words FROM article_words w JOIN articles a ON a.id = w.article_id
    WHERE w.words @@ %(asked)s::tsquery AND a.published IS NOT NULL
      AND (%(since)s::timestamptz IS NULL OR a.published >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR a.published < %(until)s)
      AND (%(outlet)s::text IS NULL OR a.outlet = %(outlet)s)
      AND (%(country)s::text IS NULL OR a.country = %(country)s)
      AND (%(language)s::text IS NULL OR a.language = %(language)s)
      AND (%(ownership)s::text IS NULL OR a.ownership = %(ownership)s)
    ORDER BY a.published DESC LIMIT %(newest)s)
SELECT id FROM found
ORDER BY ts_rank(words, %(asked)s::tsquery, 1) DESC, published DESC, id LIMIT %(limit)s;

-- name: by_meaning
-- The articles whose vectors of a model are nearest to the question's.
SELECT v.article_id FROM vectors v JOIN articles a ON a.id = v.article_id
WHERE v.model_id = {model_id}
  AND (%(since)s::timestamptz IS NULL OR a.published >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR a.published < %(until)s)
  AND (%(outlet)s::text IS NULL OR a.outlet = %(outlet)s)
  AND (%(country)s::text IS NULL OR a.country = %(country)s)
  AND (%(language)s::text IS NULL OR a.language = %(language)s)
  AND (%(ownership)s::text IS NULL OR a.ownership = %(ownership)s)
ORDER BY v.embedding::vector({dimension}) <=> %(vector)s::vector({dimension}) LIMIT %(limit)s;

-- name: hits
SELECT a.id, a.title, left(a.text, 400) AS lead, a.url, a.outlet, a.country, a.ownership, a.language, a.published,
       m.story_id, c.origin_id
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place) JOIN articles a USING (id)
LEFT JOIN memberships m ON m.article_id = a.id AND m.until IS NULL
LEFT JOIN copies c ON c.article_id = a.id
ORDER BY wanted.place;

-- name: newest
-- Without a question: the newest articles that pass the filters.
SELECT a.id FROM articles a
WHERE a.state = 'extracted' AND a.published IS NOT NULL
  AND (%(since)s::timestamptz IS NULL OR a.published >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR a.published < %(until)s)
  AND (%(outlet)s::text IS NULL OR a.outlet = %(outlet)s)
  AND (%(country)s::text IS NULL OR a.country = %(country)s)
  AND (%(language)s::text IS NULL OR a.language = %(language)s)
  AND (%(ownership)s::text IS NULL OR a.ownership = %(ownership)s)
ORDER BY a.published DESC, a.id DESC LIMIT %(limit)s;

-- name: choices
-- What the filters offer: the feeds' outlets with their country and ownership.
SELECT DISTINCT outlet, country, ownership FROM feeds ORDER BY outlet;

-- name: languages
-- Each language once, by a walk along the index that skips from one to the next.
WITH RECURSIVE found AS (
    (SELECT language FROM articles WHERE language IS NOT NULL ORDER BY language LIMIT 1)
    UNION ALL
    SELECT (SELECT a.language FROM articles a WHERE a.language > found.language ORDER BY a.language LIMIT 1)
    FROM found WHERE found.language IS NOT NULL)
SELECT language FROM found WHERE language IS NOT NULL;
