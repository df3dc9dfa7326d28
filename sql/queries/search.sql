-- name: search
SELECT place, found, article_id AS id, words_place, meaning_place, title, snippet, url, outlet, country, ownership,
       language, published, published_precision, story_id, copy_of AS origin_id
FROM wirewatch.search(%(question)s, %(topic)s, %(since)s, %(until)s, %(outlet)s, %(country)s, %(language)s, %(ownership)s,
                      %(limit)s, %(skip)s, %(meaning)s, %(model_id)s, %(by_words)s, %(story)s);

-- name: choices
-- What the filters offer: the feeds' outlets with their country and ownership.
SELECT DISTINCT outlet, country, ownership FROM feeds ORDER BY outlet;

-- name: languages
SELECT language FROM languages_there() ORDER BY language;
