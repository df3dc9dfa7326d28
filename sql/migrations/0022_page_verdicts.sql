-- Why the feed's text stood in place of the page's, and texts that an outlet shows under several addresses.

ALTER TABLE articles ADD COLUMN agreement real;
COMMENT ON COLUMN articles.agreement IS
    'How well the page answered the feed, 0 to 1: the highest share of words that headline or text of one side has in common with the other; null where the feed said too little, or the page was not read.';
ALTER TABLE articles ADD COLUMN text_detail text;
COMMENT ON COLUMN articles.text_detail IS 'What on the page made the feed''s text stand, for people; text_reason is its code.';
-- A notice stands under many addresses of an outlet, word for word.
ALTER TABLE articles ADD COLUMN page_text bytea;
COMMENT ON COLUMN articles.page_text IS
    'Hash of the letters of the text that the page gave, also where the feed''s text stands in for it; what two addresses of an outlet share is a notice unless each answers its feed.';
CREATE INDEX articles_page_text ON articles (outlet, page_text) WHERE page_text IS NOT NULL;

CREATE VIEW page_verdicts AS
SELECT a.id AS article_id, a.outlet, a.url, a.text_source, coalesce(a.text_reason, a.reason) AS reason,
       coalesce(a.text_detail, a.detail) AS detail, a.agreement, a.words, a.kind,
       (SELECT e.title FROM entries e WHERE e.article_id = a.id ORDER BY length(e.text) DESC, e.id LIMIT 1) AS feed_title,
       a.title, same.addresses AS same_text_addresses, a.fetched_at
FROM articles a
LEFT JOIN LATERAL (
    SELECT count(*) AS addresses FROM articles o
    WHERE a.page_text IS NOT NULL AND o.outlet = a.outlet AND o.page_text = a.page_text) same ON true
WHERE a.state <> 'pending';
COMMENT ON VIEW page_verdicts IS
    'Each page that was asked for: whether its text or the feed''s stands, by which rule and evidence, how well it answered the feed, and at how many addresses of the outlet the same text stands.';
