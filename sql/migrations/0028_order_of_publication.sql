-- A day without an hour stands at its midnight, and would be before every instant of that day. Wherever one publication is
-- put before another, it counts as the end of its day: an instant of that day comes first, and one of the next day after.

CREATE FUNCTION publication_order(published timestamptz, published_precision text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN published_precision = 'day' THEN published + interval '86399.999999 seconds' ELSE published END
$$;
COMMENT ON FUNCTION publication_order IS
    'What publications are ordered by: a day without an hour counts as its end, after all instants of that day.';

CREATE OR REPLACE FUNCTION stories_as_of(moment timestamptz)
RETURNS TABLE (story_id bigint, article_id bigint, title text, outlet text, published timestamptz, method text,
               score real, threshold real)
LANGUAGE sql STABLE AS $$
    SELECT m.story_id, a.id, a.title, a.outlet, a.published, m.method, m.score, m.threshold
    FROM memberships m JOIN articles a ON a.id = m.article_id
    WHERE m.since <= moment AND (m.until IS NULL OR m.until > moment)
    ORDER BY m.story_id, publication_order(a.published, a.published_precision), a.id
$$;

CREATE OR REPLACE VIEW story_overview AS
SELECT s.id AS story_id, s.first_published, s.last_published, count(*) AS articles,
       count(DISTINCT a.outlet) AS outlets,
       count(DISTINCT a.outlet) FILTER (WHERE c.article_id IS NULL) AS independent_outlets,
       count(c.article_id) AS copies,
       array_agg(DISTINCT a.language) AS languages, array_agg(DISTINCT a.country) AS countries,
       (array_agg(a.title ORDER BY c.article_id IS NOT NULL, a.language <> 'en',
                  publication_order(a.published, a.published_precision), a.id))[1] AS headline,
       (array_agg(a.published_precision ORDER BY a.published, a.id))[1] AS first_precision,
       min(a.published) FILTER (WHERE a.published_precision = 'instant') AS first_instant
FROM stories s
JOIN memberships m ON m.story_id = s.id AND m.until IS NULL
JOIN articles a ON a.id = m.article_id
LEFT JOIN copies c ON c.article_id = a.id
GROUP BY s.id;
COMMENT ON COLUMN story_overview.first_instant IS
    'The earliest publication whose time is known: who was first is said among these alone.';
COMMENT ON COLUMN articles.published_rule IS
    'Where the time of publication was found: json-ld, meta, url, feed, headline, script, text; updated where the page names only the day of a change; first-seen where nowhere.';
