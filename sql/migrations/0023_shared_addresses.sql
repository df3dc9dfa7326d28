-- An address that articles of different titles claim as their own tells none of them.
CREATE TABLE shared_addresses (identity text PRIMARY KEY);
COMMENT ON TABLE shared_addresses IS
    'Identities of addresses that pages of different titles claimed; no article is stored under one, unless it is found there.';
COMMENT ON COLUMN shared_addresses.identity IS 'As articles.identity.';

-- Until now every claim was believed, and entries of other articles came to stand with the first. Those whose address
-- and title both are another than the first entry's, and whose title is not the page's, are matched anew. Two titles
-- agree where one holds the other, or half of the words of the shorter. A page that is the same after all is found so
-- by its text, and is one article again.
WITH first AS (
    SELECT DISTINCT ON (article_id) article_id, canonical_url, title FROM entries
    WHERE article_id IS NOT NULL ORDER BY article_id, id
), beside AS (
    SELECT e.id, words.stated, words.first_title, words.page_title
    FROM entries e JOIN first f ON f.article_id = e.article_id JOIN articles a ON a.id = e.article_id
    CROSS JOIN LATERAL (
        SELECT array_remove(regexp_split_to_array(lower(e.title), '[[:space:][:punct:]]+'), '') AS stated,
               array_remove(regexp_split_to_array(lower(f.title), '[[:space:][:punct:]]+'), '') AS first_title,
               array_remove(regexp_split_to_array(lower(coalesce(a.title, '')), '[[:space:][:punct:]]+'), '')
                   AS page_title
    ) words
    WHERE e.canonical_url IS DISTINCT FROM f.canonical_url AND e.canonical_url <> a.url
), agreeing AS (
    SELECT b.id FROM beside b CROSS JOIN LATERAL (VALUES (b.first_title), (b.page_title)) other (words)
    WHERE cardinality(b.stated) > 0 AND cardinality(other.words) > 0
      AND (strpos(array_to_string(b.stated, ''), array_to_string(other.words, '')) > 0
           OR strpos(array_to_string(other.words, ''), array_to_string(b.stated, '')) > 0
           OR 2 * (SELECT count(DISTINCT word) FROM unnest(b.stated) word WHERE word = ANY (other.words))
              >= least(cardinality(b.stated), cardinality(other.words)))
)
UPDATE entries SET article_id = NULL, matched_at = NULL
WHERE id IN (SELECT id FROM beside WHERE cardinality(stated) > 0)
  AND id NOT IN (SELECT id FROM agreeing);
