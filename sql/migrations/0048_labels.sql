-- What a person says of addresses, drawn at random or collected elsewhere: recall and precision are judged by it, not by
-- what the pipeline itself found. `wirewatch labels sample` draws the addresses, `wirewatch labels load` fills the table.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE TABLE public.labels (
    topic       text NOT NULL REFERENCES public.topics ON DELETE CASCADE,
    address_key text NOT NULL,
    url         text NOT NULL,
    on_topic    boolean NOT NULL,
    development text,
    weight      double precision NOT NULL DEFAULT 1 CHECK (weight > 0 AND weight < 'infinity'),
    labelled_by text NOT NULL,
    labelled_at timestamptz NOT NULL,
    PRIMARY KEY (topic, address_key)
);
COMMENT ON TABLE public.labels IS 'What a person says of an address for a topic: on topic or not, and which development it tells.';
COMMENT ON COLUMN public.labels.topic IS 'topics.slug';
COMMENT ON COLUMN public.labels.address_key IS 'wirewatch.address_key(url): what all spellings of the address share.';
COMMENT ON COLUMN public.labels.url IS 'The address as it was given.';
COMMENT ON COLUMN public.labels.on_topic IS 'Whether it is on topic, by the person.';
COMMENT ON COLUMN public.labels.development IS 'The person''s name for what it tells; null where none was given.';
COMMENT ON COLUMN public.labels.weight IS 'How many addresses it stands for in the sample that it is of; 1 where each was labelled.';
COMMENT ON COLUMN public.labels.labelled_by IS 'Who said so.';
COMMENT ON COLUMN public.labels.labelled_at IS 'When it was loaded.';

CREATE FUNCTION wirewatch.label_fates(topic text)
RETURNS TABLE (url text, on_topic boolean, development text, weight double precision, seen boolean, found_by_headline boolean,
               found boolean, in_story boolean, article_id bigint, story_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT l.url, l.on_topic, l.development, l.weight, coalesce(e.seen, false), coalesce(e.by_headline, false),
           coalesce(e.by_text, e.by_headline, false), e.story_id IS NOT NULL, e.article_id, e.story_id
    FROM public.labels l LEFT JOIN LATERAL (
        SELECT true AS seen, bool_or(t.on_topic) AS by_headline, bool_or(w.on_topic) AS by_text, min(n.article_id) AS article_id,
               min(m.story_id) FILTER (WHERE w.on_topic) AS story_id
        FROM public.entries n
        LEFT JOIN public.entry_topics t ON t.entry_id = n.id AND t.topic = l.topic
        LEFT JOIN public.article_topics w ON w.article_id = n.article_id AND w.topic = l.topic
        LEFT JOIN public.memberships m ON m.article_id = n.article_id AND m.until IS NULL
        WHERE wirewatch.address_key(n.canonical_url) = l.address_key HAVING count(*) > 0) e ON true
    WHERE l.topic = $1 AND wirewatch.day_start($1, '2000-01-01') IS NOT NULL
$$;
COMMENT ON FUNCTION wirewatch.label_fates IS
    'Each labelled address and what became of it: seen in a feed, found on topic by headline and summary, found in the end (by its full text where that was read), and in which story.';

CREATE FUNCTION wirewatch.recall(topic text)
RETURNS TABLE (measure text, of_labels bigint, reached bigint, share numeric, low numeric, high numeric)
LANGUAGE sql STABLE AS $$
    WITH fates AS (SELECT * FROM wirewatch.label_fates($1)),
    cases AS (
        SELECT 1 AS n, 'recall: seen in a feed' AS measure, weight, seen AS hit FROM fates WHERE on_topic
        UNION ALL SELECT 2, 'recall: found by headline and summary', weight, found_by_headline FROM fates WHERE on_topic
        UNION ALL SELECT 3, 'recall: found on topic in the end', weight, found FROM fates WHERE on_topic
        UNION ALL SELECT 4, 'recall: in a story', weight, in_story FROM fates WHERE on_topic
        UNION ALL SELECT 5, 'precision: found on topic in the end', weight, on_topic FROM fates WHERE found),
    sums AS (
        SELECT n, measure, count(*) AS labels, count(*) FILTER (WHERE hit) AS hits,
               sum(weight) FILTER (WHERE hit) / sum(weight) AS p, sum(weight) ^ 2 / sum(weight ^ 2) AS size
        FROM cases GROUP BY n, measure),
    wilson AS (
        SELECT s.*, coalesce(s.p, 0) AS q, 1.96 ^ 2 / s.size AS z, 1.96 * sqrt(
            coalesce(s.p, 0) * (1 - coalesce(s.p, 0)) / s.size + 1.96 ^ 2 / (4 * s.size ^ 2)) AS half FROM sums s)
    SELECT w.measure, w.labels, w.hits, round(w.q::numeric, 3), round(greatest(0, (w.q + w.z / 2 - w.half) / (1 + w.z))::numeric, 3),
           round(least(1, (w.q + w.z / 2 + w.half) / (1 + w.z))::numeric, 3)
    FROM wilson w ORDER BY w.n
$$;
COMMENT ON FUNCTION wirewatch.recall IS
    'Recall and precision of a topic, judged by the labels of people (wirewatch labels), not by what the pipeline found. share: by the weights of the labels, 0 to 1. low and high: its 95 % interval (Wilson''s, on Kish''s effective size). A round-up counts as missed in the row of stories, as it is in none. No row: nothing was labelled.';

CREATE FUNCTION wirewatch.missed(topic text)
RETURNS TABLE (url text, development text, stopped text, outlet text, title text)
LANGUAGE sql STABLE AS $$
    SELECT f.url, f.development, coalesce(l.stage, 'no feed showed it'), l.outlet, l.title
    FROM wirewatch.label_fates($1) f LEFT JOIN LATERAL (
        SELECT w.stage, w.outlet, w.title FROM wirewatch.way_of(f.url) w WHERE w.topic = $1 ORDER BY w.entry_id LIMIT 1) l ON f.seen
    WHERE f.on_topic AND NOT f.in_story ORDER BY 3, 4, 1
$$;
COMMENT ON FUNCTION wirewatch.missed IS 'The addresses that people call on topic and that are in no story, with where they stopped.';
