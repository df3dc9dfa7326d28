-- What a topic that is not watched yet is tried on.

-- name: entries
-- The newest entries that were ever stored, with the page of each where it was read.
SELECT e.id, e.title, e.text, e.published, coalesce(e.language, f.language) AS language, f.outlet,
       coalesce(e.canonical_url, 'entry:' || e.id) AS address, e.article_id,
       a.state = 'extracted' AS is_read
FROM entries e JOIN feeds f ON f.id = e.feed_id LEFT JOIN articles a ON a.id = e.article_id
ORDER BY e.id DESC LIMIT %(most)s;

-- name: pages
-- The text of pages that were read.
SELECT id, title, text, published, language FROM articles WHERE id = ANY (%(ids)s) AND state = 'extracted' ORDER BY id;

-- name: page_seconds
-- What a page takes from its outlet, on the mean of the newest answers; null where none was ever asked for.
SELECT avg(elapsed)::double precision AS seconds
FROM (SELECT elapsed FROM fetches WHERE kind = 'page' AND outcome = 'ok' ORDER BY id DESC LIMIT 1000) newest;
