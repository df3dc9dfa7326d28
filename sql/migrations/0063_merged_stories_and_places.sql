-- What stopped an entry is right after a story was merged and for the day that it is of, story_overview calls a story what
-- headline calls it, and places are found by whole words.
CREATE SCHEMA IF NOT EXISTS wirewatch;

-- A digest that showed or dropped a story which was merged since did so with its articles, and what it dropped of a day
-- stopped no article of another one.
CREATE OR REPLACE VIEW wirewatch.ledger AS
SELECT e.id AS entry_id, f.outlet, f.url AS feed_url, e.title, e.url, e.published, e.published_rule, e.first_seen_at,
       e.last_seen_at, e.absent_since, e.returned, e.revision AS entry_revisions, e.problems,
       t.topic, t.on_topic AS entry_on_topic, t.rule AS entry_rule, t.terms, t.similarity AS entry_similarity,
       e.article_id, a.state AS article_state, a.reason AS article_reason, a.text_source, a.text_reason, a.kind,
       a.words, a.language, a.revision AS article_revisions, last_fetch.status AS last_status, last_fetch.outcome,
       at.on_topic AS article_on_topic, at.rule AS article_rule, at.similarity AS article_similarity,
       c.origin_id AS copy_of, c.containment AS copy_containment, c.rule AS copy_rule,
       m.story_id, m.method, m.score, m.threshold, digest.digest_id, digest.day AS digest_day,
       CASE
           WHEN m.story_id IS NULL AND fault.set_aside_at IS NOT NULL THEN 'stopped: set aside (' || fault.step || ', ' || fault.class || ')'
           WHEN m.story_id IS NULL AND fault.step IS NOT NULL THEN 'waiting: internal (' || fault.step || ', ' || fault.class || ')'
           WHEN e.matched_at IS NULL THEN 'waiting: topic'
           WHEN t.topic IS NULL THEN 'stopped: no topic was defined'
           WHEN NOT t.on_topic THEN 'stopped: off topic (' || t.rule || ')'
           WHEN a.state = 'pending' THEN 'waiting: page' || coalesce(' (' || a.reason || ')', '')
           WHEN a.state = 'failed' THEN 'stopped: no article (' || a.reason || ')'
           WHEN a.embedded_at IS NULL THEN 'waiting: embedding'
           WHEN at.on_topic IS FALSE THEN 'stopped: off topic in full text (' || at.rule || ')'
           WHEN m.story_id IS NULL AND a.kind = 'roundup' THEN 'stopped: round-up of several subjects'
           WHEN m.story_id IS NULL THEN 'waiting: story'
           WHEN digest.digest_id IS NOT NULL THEN 'in digest'
           WHEN dropped.reason IS NOT NULL THEN 'stopped: left out (' || dropped.reason || ')'
           ELSE 'in story'
       END AS stage,
       fault.step AS fault_step, fault.tries AS fault_tries, fault.class AS fault_class,
       fault.message AS fault_message, fault.place AS fault_place, fault.set_aside_at,
       e.published_precision, a.published AS article_published, a.published_rule AS article_published_rule,
       a.published_precision AS article_published_precision
FROM public.entries e
JOIN public.feeds f ON f.id = e.feed_id
LEFT JOIN public.entry_topics t ON t.entry_id = e.id
LEFT JOIN public.articles a ON a.id = e.article_id
LEFT JOIN public.article_topics at ON at.article_id = a.id AND at.topic = t.topic
LEFT JOIN public.copies c ON c.article_id = a.id
LEFT JOIN public.memberships m ON m.article_id = a.id AND m.until IS NULL
LEFT JOIN LATERAL (
    SELECT status, outcome FROM public.fetches WHERE article_id = a.id AND kind = 'page' ORDER BY at DESC LIMIT 1) last_fetch
    ON true
LEFT JOIN LATERAL (
    SELECT i.digest_id, d.day FROM public.digest_items i JOIN public.digests d ON d.id = i.digest_id
    WHERE i.story_id IN (SELECT m.story_id UNION ALL SELECT s.id FROM public.stories s WHERE s.merged_into = m.story_id) AND d.topic = t.topic AND d.state IN ('draft', 'published')
      AND i.articles @> jsonb_build_array(jsonb_build_object('article_id', a.id))
    ORDER BY d.day LIMIT 1) digest ON true
LEFT JOIN LATERAL (
    SELECT x.reason FROM public.digest_drops x JOIN public.digests d ON d.id = x.digest_id
    WHERE x.story_id IN (SELECT m.story_id UNION ALL SELECT s.id FROM public.stories s WHERE s.merged_into = m.story_id)
      AND d.day = (SELECT (public.told_at(a.published, a.published_precision, a.first_seen_at, z.digest_zone) AT TIME ZONE z.digest_zone)::date
                   FROM public.topics z WHERE z.slug = t.topic)
      AND d.topic = t.topic AND d.state IN ('draft', 'published')
    ORDER BY d.day LIMIT 1) dropped ON true
LEFT JOIN LATERAL (
    SELECT step, tries, class, message, place, set_aside_at FROM public.item_faults
    WHERE (kind = 'entry' AND item_id = e.id) OR (kind = 'article' AND item_id = a.id)
    ORDER BY last_at DESC LIMIT 1) fault ON true;

CREATE OR REPLACE FUNCTION public.note_stage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row constant jsonb := CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object(TG_ARGV[1], to_jsonb(OLD) -> TG_ARGV[1]) END;
    new_row constant jsonb := CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object(TG_ARGV[1], to_jsonb(NEW) -> TG_ARGV[1]) END;
    ids constant bigint[] := ARRAY[(old_row ->> TG_ARGV[1])::bigint, (new_row ->> TG_ARGV[1])::bigint];
BEGIN
    CASE TG_ARGV[0]
    WHEN 'entry' THEN INSERT INTO public.stage_news (entry_id) SELECT DISTINCT id FROM unnest(ids) id WHERE id IS NOT NULL;
    WHEN 'article' THEN INSERT INTO public.stage_news (entry_id) SELECT id FROM public.entries WHERE article_id = ANY (ids);
    WHEN 'story' THEN
        INSERT INTO public.stage_news (entry_id)
        SELECT e.id FROM public.memberships m JOIN public.entries e ON e.article_id = m.article_id
        WHERE m.story_id IN (SELECT coalesce(s.merged_into, s.id) FROM public.stories s WHERE s.id = ANY (ids)) AND m.until IS NULL;
    WHEN 'digest' THEN
        INSERT INTO public.stage_news (entry_id)
        SELECT e.id FROM (SELECT story_id FROM public.digest_items WHERE digest_id = ANY (ids)
                          UNION SELECT story_id FROM public.digest_drops WHERE digest_id = ANY (ids)) told
        JOIN public.stories s ON s.id = told.story_id
        JOIN public.memberships m ON m.story_id = coalesce(s.merged_into, s.id) AND m.until IS NULL JOIN public.entries e ON e.article_id = m.article_id;
    END CASE;
    RETURN NULL;
END $$;

INSERT INTO public.stage_news (entry_id)
SELECT DISTINCT e.id FROM public.memberships m JOIN public.entries e ON e.article_id = m.article_id
WHERE m.until IS NULL AND (m.story_id IN (SELECT s.merged_into FROM public.stories s WHERE s.merged_into IS NOT NULL)
                           OR m.story_id IN (SELECT x.story_id FROM public.digest_drops x));

CREATE OR REPLACE VIEW wirewatch.story_overview AS
SELECT s.id AS story_id, s.first_published, s.last_published, count(*) AS articles, count(DISTINCT a.outlet) AS outlets,
       count(DISTINCT a.outlet) FILTER (WHERE c.article_id IS NULL) AS independent_outlets, count(c.article_id) AS copies,
       coalesce(array_agg(DISTINCT a.language) FILTER (WHERE a.language IS NOT NULL), '{}') AS languages,
       coalesce(array_agg(DISTINCT a.country) FILTER (WHERE a.country IS NOT NULL), '{}') AS countries,
       (array_agg(a.title ORDER BY c.article_id IS NOT NULL, a.language IS DISTINCT FROM 'en',
                                   public.publication_order(a.published, a.published_precision), a.id))[1] AS headline,
       (array_agg(a.published_precision ORDER BY a.published, a.id))[1] AS first_precision,
       min(a.published) FILTER (WHERE a.published_precision = 'instant') AS first_instant
FROM public.stories s
JOIN public.memberships m ON m.story_id = s.id AND m.until IS NULL
JOIN public.articles a ON a.id = m.article_id
LEFT JOIN public.copies c ON c.article_id = a.id
GROUP BY s.id;

CREATE OR REPLACE FUNCTION wirewatch.way_of(address text)
RETURNS TABLE (entry_id bigint, stage text, outlet text, feed_url text, title text, seen_at timestamptz, topic text,
               on_topic_by_headline boolean, on_topic_by_text boolean, rule text, terms text[], page_answer text, article_id bigint,
               story_id bigint, digest_day date)
LANGUAGE sql STABLE AS $$
    SELECT l.entry_id, l.stage, l.outlet, l.feed_url, l.title, l.first_seen_at, l.topic, l.entry_on_topic, l.article_on_topic,
           coalesce(l.article_rule, l.entry_rule), l.terms, coalesce(l.last_status::text || ' ', '') || l.outcome, l.article_id, l.story_id,
           l.digest_day
    FROM (SELECT e.id FROM public.entries e WHERE wirewatch.address_key(e.canonical_url) = wirewatch.address_key($1)
          UNION SELECT e.id FROM public.articles a JOIN public.entries e ON e.article_id = a.id
                WHERE wirewatch.address_key(a.canonical_url) = wirewatch.address_key($1)) found
    -- OFFSET 0 holds the view to one entry at a time.
    CROSS JOIN LATERAL (SELECT * FROM wirewatch.ledger w WHERE w.entry_id = found.id OFFSET 0) l
    ORDER BY l.first_seen_at, l.entry_id, l.topic
$$;
COMMENT ON FUNCTION wirewatch.way_of IS
    'The way of an entry by its address, or that of its page, in any spelling: in which feeds it was seen, how far it got and why it stopped there (stage). page_answer: status and outcome of the last request for its page. A row per sighting and topic; the view ledger has every detail.';

-- --- places ----------------------------------------------------------------------------------------------------------

-- A beginning finds too much (само* for Samoa), and nothing in a phrase since stems without a place stand beside the words.
CREATE OR REPLACE FUNCTION wirewatch.place_query(name text, language text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := array_remove(string_to_array(btrim(public.search_words($1)), ' '), '');
    of_adjectives constant text[] := '{ая,яя,ую,юю,ои,еи,ою,ею,ыи,ии,ое,ее,ого,его,ому,ему,ым,им,ом,ем,ые,ие,ых,их,ыми,ими,а,у,і,і,о,ої,ій}';
    of_nouns constant text[] := '{а,я,у,ю,ом,ем,ои,еи,ою,ею,е,и,ы,о,ов,ам,ами,ах,ям,ями,ях,ію,ии,ию,иеи,і,іі,ією,єю,ів,ові}';
BEGIN
    IF $2 IN ('ru', 'uk') THEN
        -- A name in -и, -о, -у or -е is the same in every case, and so are those of four words and more here: islands.
        RETURN (SELECT string_agg('(' || (SELECT string_agg(DISTINCT quote_literal(form), ' | ') FROM unnest(CASE
                        WHEN length(given.word) < 4 OR cardinality(words) > 3 OR cardinality(words) = 1 AND $1 ~ '[иоуеэё]$' THEN ARRAY[given.word]
                        WHEN given.word ~ '(ая|яя|ыи|ии|ое|ее|ые|ие)$' AND cardinality(words) > 1
                        THEN ARRAY[given.word] || ARRAY(SELECT left(given.word, -2) || e FROM unnest(of_adjectives) e)
                        ELSE ARRAY[given.word] || ARRAY(SELECT regexp_replace(given.word, '(а|я|и|ь|о|е|ы|і|є)$', '') || e FROM unnest(of_nouns) e)
                    END) form) || ')', ' <-> ' ORDER BY given.n)
                FROM unnest(words) WITH ORDINALITY AS given (word, n))::tsquery;
    ELSIF $2 = 'de' AND cardinality(words) = 1 AND length(words[1]) > 3 THEN
        RETURN (quote_literal(words[1]) || ' | ' || quote_literal(words[1] || 's'))::tsquery;
    END IF;
    RETURN phraseto_tsquery('pg_catalog.simple', array_to_string(words, ' '));
END $$;
COMMENT ON FUNCTION wirewatch.place_query IS 'What stands in article_words where a place is named, in a language whose names change their endings or not.';
-- Togo is spelled like the word for "that".
DELETE FROM public.place_names WHERE country = 'TG' AND language IN ('ru', 'uk');
UPDATE public.place_names SET words = wirewatch.place_query(name, language) WHERE language IN ('ru', 'uk');
COMMENT ON COLUMN public.place_names.words IS 'What stands in article_words where it is named: Russian and Ukrainian in any case, German also with the genitive''s s.';

-- --- search ----------------------------------------------------------------------------------------------------------

DROP FUNCTION wirewatch.search(text, text, timestamptz, timestamptz, text, text, text, text, integer, integer, vector, integer, boolean);
CREATE FUNCTION wirewatch.search(
    query text, of_topic text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    of_outlet text DEFAULT NULL, of_country text DEFAULT NULL, of_language text DEFAULT NULL,
    of_ownership text DEFAULT NULL, max_results integer DEFAULT 20, skip integer DEFAULT 0,
    meaning vector DEFAULT NULL, model integer DEFAULT NULL, by_words boolean DEFAULT true,
    of_story bigint DEFAULT NULL)
RETURNS SETOF wirewatch.hit
LANGUAGE plpgsql STABLE SET search_path = wirewatch, public, extensions AS $$
DECLARE
    blank constant boolean := coalesce(btrim(query), '') = '' AND meaning IS NULL;
    condition constant text := search_condition(of_topic, since, until, of_outlet, upper(of_country), lower(of_language), lower(of_ownership))
        || CASE WHEN of_topic IS NULL OR wirewatch.known_topic(of_topic) IS NOT NULL THEN '' END
        || CASE WHEN of_story IS NULL THEN '' ELSE format(' AND EXISTS (SELECT 1 FROM public.memberships s WHERE s.article_id = a.id'
               ' AND s.until IS NULL AND s.story_id = %s)', coalesce(wirewatch.living_story(of_story), of_story)) END;
    worded bigint[] := '{}';
    near bigint[];
BEGIN
    IF max_results < 0 OR skip < 0 THEN RAISE EXCEPTION 'max_results and skip say how many: not % and %', max_results, skip; END IF;
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
    'Articles that a question finds, best first: by words ("a phrase", -without, begin*; any form of a word in its own language; any part of a text in Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese), and by meaning where the question''s vector and its model (embedding_models.id) are given. Published within [since, until). of_story: within a story, a merged one as the story that took it in. A blank question lists the newest. A topic that is not there is an error.';
