-- How many entries got how far stays quick at a million articles: the stage of each entry is kept beside it.
--
-- A stage hangs on nine tables. Triggers of these only note whose stage may have changed; a view takes what was counted,
-- less what was kept of the noted entries, and adds their stages as they are now, so that it is exact at any moment.
-- Maintenance keeps them anew. After this migration every entry is noted, and the counts are slow until then.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE TABLE entry_stages (
    entry_id bigint NOT NULL, topic text NOT NULL, stage text NOT NULL, expected boolean NOT NULL, reached boolean NOT NULL,
    PRIMARY KEY (entry_id, topic));
COMMENT ON TABLE entry_stages IS 'How far each entry had got when it was counted into stage_tallies.';
COMMENT ON COLUMN entry_stages.entry_id IS 'entries.id; a row stays until the entry''s going is counted.';
COMMENT ON COLUMN entry_stages.topic IS 'topics.slug; empty where no topic judged it yet.';
COMMENT ON COLUMN entry_stages.stage IS 'ledger.stage';
COMMENT ON COLUMN entry_stages.expected IS 'Whether a story is expected of it: on topic by its full text, or its summary where there is none, and no round-up.';
COMMENT ON COLUMN entry_stages.reached IS 'Whether its article is in a story.';

CREATE TABLE stage_tallies (
    topic text NOT NULL, stage text NOT NULL, expected boolean NOT NULL, reached boolean NOT NULL, entries bigint NOT NULL,
    PRIMARY KEY (topic, stage, expected, reached));
COMMENT ON TABLE stage_tallies IS 'How many rows entry_stages has of each kind.';
COMMENT ON COLUMN stage_tallies.topic IS 'As in entry_stages.';
COMMENT ON COLUMN stage_tallies.stage IS 'As in entry_stages.';
COMMENT ON COLUMN stage_tallies.expected IS 'As in entry_stages.';
COMMENT ON COLUMN stage_tallies.reached IS 'As in entry_stages.';
COMMENT ON COLUMN stage_tallies.entries IS 'Rows; an entry counts once per topic.';

CREATE TABLE stage_news (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry_id bigint NOT NULL);
COMMENT ON TABLE stage_news IS 'Entries whose stage may have changed since it was kept.';
COMMENT ON COLUMN stage_news.id IS 'The order of noting.';
COMMENT ON COLUMN stage_news.entry_id IS 'entries.id';

CREATE FUNCTION note_stage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row constant jsonb := CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object(TG_ARGV[1], to_jsonb(OLD) -> TG_ARGV[1]) END;
    new_row constant jsonb := CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object(TG_ARGV[1], to_jsonb(NEW) -> TG_ARGV[1]) END;
    ids constant bigint[] := ARRAY[(old_row ->> TG_ARGV[1])::bigint, (new_row ->> TG_ARGV[1])::bigint];
BEGIN
    CASE TG_ARGV[0]
    WHEN 'entry' THEN INSERT INTO stage_news (entry_id) SELECT DISTINCT id FROM unnest(ids) id WHERE id IS NOT NULL;
    WHEN 'article' THEN INSERT INTO stage_news (entry_id) SELECT id FROM entries WHERE article_id = ANY (ids);
    WHEN 'story' THEN
        INSERT INTO stage_news (entry_id)
        SELECT e.id FROM memberships m JOIN entries e ON e.article_id = m.article_id
        WHERE m.story_id = ANY (ids) AND m.until IS NULL;
    WHEN 'digest' THEN
        INSERT INTO stage_news (entry_id)
        SELECT e.id FROM (SELECT story_id FROM digest_items WHERE digest_id = ANY (ids)
                          UNION SELECT story_id FROM digest_drops WHERE digest_id = ANY (ids)) told
        JOIN memberships m ON m.story_id = told.story_id AND m.until IS NULL JOIN entries e ON e.article_id = m.article_id;
    END CASE;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_stage IS
    'Notes in stage_news whose stage a change may have changed: the entry, or those of the article, story or digest that a column names.';

CREATE TRIGGER stage_came_or_went AFTER INSERT OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION note_stage('entry', 'id');
CREATE TRIGGER stage_changed AFTER UPDATE OF article_id, matched_at ON entries FOR EACH ROW
    WHEN (OLD.article_id IS DISTINCT FROM NEW.article_id OR (OLD.matched_at IS NULL) <> (NEW.matched_at IS NULL))
    EXECUTE FUNCTION note_stage('entry', 'id');
CREATE TRIGGER stage_changed AFTER INSERT OR UPDATE OR DELETE ON entry_topics FOR EACH ROW
    EXECUTE FUNCTION note_stage('entry', 'entry_id');
CREATE TRIGGER stage_changed AFTER UPDATE OF state, reason, kind, embedded_at ON articles FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.kind IS DISTINCT FROM NEW.kind
          OR (OLD.embedded_at IS NULL) <> (NEW.embedded_at IS NULL))
    EXECUTE FUNCTION note_stage('article', 'id');
CREATE TRIGGER stage_changed AFTER INSERT OR UPDATE OR DELETE ON article_topics FOR EACH ROW
    EXECUTE FUNCTION note_stage('article', 'article_id');
CREATE TRIGGER stage_changed AFTER INSERT OR UPDATE OF story_id, article_id, until OR DELETE ON memberships FOR EACH ROW
    EXECUTE FUNCTION note_stage('article', 'article_id');
CREATE TRIGGER stage_changed AFTER INSERT OR UPDATE OR DELETE ON digest_items FOR EACH ROW
    EXECUTE FUNCTION note_stage('story', 'story_id');
CREATE TRIGGER stage_changed AFTER INSERT OR UPDATE OR DELETE ON digest_drops FOR EACH ROW
    EXECUTE FUNCTION note_stage('story', 'story_id');
CREATE TRIGGER stage_changed AFTER UPDATE OF state ON digests FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION note_stage('digest', 'id');

CREATE FUNCTION note_stage_of_fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stage_news (entry_id)
        SELECT OLD.item_id WHERE OLD.kind = 'entry'
        UNION SELECT id FROM entries WHERE OLD.kind = 'article' AND article_id = OLD.item_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stage_news (entry_id)
        SELECT NEW.item_id WHERE NEW.kind = 'entry'
        UNION SELECT id FROM entries WHERE NEW.kind = 'article' AND article_id = NEW.item_id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_stage_of_fault IS 'Notes in stage_news the entries of an item on which our own code failed.';
CREATE TRIGGER stage_changed AFTER INSERT OR UPDATE OR DELETE ON item_faults FOR EACH ROW
    EXECUTE FUNCTION note_stage_of_fault();

INSERT INTO stage_news (entry_id) SELECT id FROM entries ORDER BY id;

CREATE FUNCTION stages_of(entry bigint)
RETURNS TABLE (topic text, stage text, expected boolean, reached boolean) LANGUAGE sql STABLE AS $$
    SELECT coalesce(l.topic, ''), l.stage,
           coalesce(l.article_on_topic, l.entry_on_topic, false) AND l.kind IS DISTINCT FROM 'roundup', l.story_id IS NOT NULL
    FROM wirewatch.ledger l WHERE l.entry_id = entry
$$;
COMMENT ON FUNCTION stages_of IS 'How far an entry has got, a row per topic, as entry_stages keeps it.';

CREATE VIEW all_stages AS
WITH noted AS (SELECT DISTINCT entry_id FROM stage_news),
counted AS (
    SELECT topic, stage, expected, reached, entries FROM stage_tallies
    UNION ALL
    SELECT k.topic, k.stage, k.expected, k.reached, -1 FROM noted n
    CROSS JOIN LATERAL (SELECT * FROM entry_stages WHERE entry_id = n.entry_id OFFSET 0) k
    UNION ALL
    SELECT s.topic, s.stage, s.expected, s.reached, 1 FROM noted n CROSS JOIN LATERAL (SELECT * FROM stages_of(n.entry_id) OFFSET 0) s)
SELECT topic, stage, expected, reached, sum(entries)::bigint AS entries FROM counted
GROUP BY topic, stage, expected, reached HAVING sum(entries) <> 0;
COMMENT ON VIEW all_stages IS 'stage_tallies as of now.';
COMMENT ON COLUMN all_stages.topic IS 'As in entry_stages.';
COMMENT ON COLUMN all_stages.stage IS 'As in entry_stages.';
COMMENT ON COLUMN all_stages.expected IS 'As in entry_stages.';
COMMENT ON COLUMN all_stages.reached IS 'As in entry_stages.';
COMMENT ON COLUMN all_stages.entries IS 'As in stage_tallies.';

CREATE FUNCTION fold_stage_news(at_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    noted bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(7306421);
    WITH told AS (
        DELETE FROM stage_news WHERE id IN (SELECT id FROM stage_news ORDER BY id LIMIT at_most) RETURNING entry_id)
    SELECT array_agg(entry_id), count(*) INTO noted FROM (SELECT DISTINCT entry_id FROM told) each;
    IF noted IS NULL THEN RETURN 0; END IF;
    -- What commits from here on is noted again by itself, so that nothing is lost where it is kept already.
    WITH gone AS (DELETE FROM entry_stages WHERE entry_id = ANY (noted) RETURNING topic, stage, expected, reached)
    INSERT INTO stage_tallies AS t SELECT topic, stage, expected, reached, -count(*) FROM gone GROUP BY 1, 2, 3, 4
    ON CONFLICT (topic, stage, expected, reached) DO UPDATE SET entries = t.entries + excluded.entries;
    WITH kept AS (
        INSERT INTO entry_stages (entry_id, topic, stage, expected, reached)
        SELECT n.id, s.topic, s.stage, s.expected, s.reached FROM unnest(noted) AS n (id) CROSS JOIN LATERAL stages_of(n.id) s
        RETURNING topic, stage, expected, reached)
    INSERT INTO stage_tallies AS t SELECT topic, stage, expected, reached, count(*) FROM kept GROUP BY 1, 2, 3, 4
    ON CONFLICT (topic, stage, expected, reached) DO UPDATE SET entries = t.entries + excluded.entries;
    DELETE FROM stage_tallies WHERE entries = 0;
    RETURN cardinality(noted);
END $$;
COMMENT ON FUNCTION fold_stage_news IS 'Keeps the stages of at most so many noted entries anew; how many it kept, 0 when none is left. By maintenance.';

CREATE VIEW wirewatch.stage_counts AS
SELECT nullif(topic, '') AS topic, stage, sum(entries)::bigint AS entries FROM all_stages GROUP BY topic, stage;
COMMENT ON VIEW wirewatch.stage_counts IS 'One row per topic and stage: how many entries got how far, exact as of now.';
COMMENT ON COLUMN wirewatch.stage_counts.topic IS 'topics.slug; null where no topic judged the entry yet.';
COMMENT ON COLUMN wirewatch.stage_counts.stage IS 'As in the view ledger.';
COMMENT ON COLUMN wirewatch.stage_counts.entries IS 'Entries; one counts once per topic.';

CREATE OR REPLACE VIEW wirewatch.topic_recall AS
SELECT topic, sum(entries)::bigint AS on_topic_entries,
       coalesce(sum(entries) FILTER (WHERE reached), 0)::bigint AS reached_a_story,
       round(coalesce(sum(entries) FILTER (WHERE reached), 0) / nullif(sum(entries), 0), 4) AS share
FROM all_stages WHERE expected AND topic <> '' GROUP BY topic;

CREATE INDEX entries_day ON entries (published);
CREATE INDEX entries_first_seen ON entries (first_seen_at);
CREATE INDEX entries_link ON entries USING hash (url);
CREATE INDEX entries_title ON entries USING gin (to_tsvector('pg_catalog.simple', search_words(title)));
CREATE INDEX stories_first ON stories (first_published);
CREATE INDEX articles_fetched ON articles (fetched_at);

CREATE FUNCTION wirewatch.known_stories(moment timestamptz, published_since timestamptz)
RETURNS TABLE (story_id bigint, article_id bigint, title text, outlet text, published timestamptz, method text,
               score real, threshold real)
LANGUAGE sql STABLE AS $$
    SELECT m.story_id, a.id, a.title, a.outlet, a.published, m.method, m.score, m.threshold
    FROM articles a JOIN memberships m ON m.article_id = a.id
    WHERE a.published >= published_since AND a.published <= moment + interval '1 day'
      AND m.since <= moment AND (m.until IS NULL OR m.until > moment)
    ORDER BY m.story_id, publication_order(a.published, a.published_precision), a.id
$$;
COMMENT ON FUNCTION wirewatch.known_stories IS
    'As stories_as_of(moment), of the articles published from a time on: quick however many there are before it.';

-- What a draft of a day asks for: its articles, and those still on the way.
CREATE INDEX articles_on_the_way ON articles (id) WHERE state = 'pending' OR (state = 'extracted' AND clustered_at IS NULL);
