-- What each outlet's pages gave, counted as articles come and change; kept as in 0052.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE TABLE source_tallies (
    outlet text NOT NULL, country text, ownership text, state text NOT NULL, text_source text, teaser boolean NOT NULL,
    revised boolean NOT NULL, reason text, articles bigint NOT NULL, copies bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (outlet, country, ownership, state, text_source, teaser, revised, reason));
COMMENT ON TABLE source_tallies IS 'How many articles of each outlet are alike in what source_health counts, as of the last maintenance.';
COMMENT ON COLUMN source_tallies.outlet IS 'articles.outlet';
COMMENT ON COLUMN source_tallies.country IS 'articles.country';
COMMENT ON COLUMN source_tallies.ownership IS 'articles.ownership';
COMMENT ON COLUMN source_tallies.state IS 'articles.state';
COMMENT ON COLUMN source_tallies.text_source IS 'articles.text_source';
COMMENT ON COLUMN source_tallies.teaser IS 'Whether articles.kind is teaser.';
COMMENT ON COLUMN source_tallies.revised IS 'Whether articles.revision is above 1.';
COMMENT ON COLUMN source_tallies.reason IS 'articles.reason';
COMMENT ON COLUMN source_tallies.articles IS 'Articles.';
COMMENT ON COLUMN source_tallies.copies IS 'Of these, prints of another; on the row whose other columns are null or false and whose state is copy.';

CREATE TABLE source_news (LIKE source_tallies);
COMMENT ON TABLE source_news IS 'What is to be added to source_tallies.';
COMMENT ON COLUMN source_news.articles IS '1 or -1; 0 where it is of a copy.';
COMMENT ON COLUMN source_news.copies IS '1 or -1; 0 where it is of an article.';

CREATE FUNCTION note_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO source_news VALUES (OLD.outlet, OLD.country, OLD.ownership, OLD.state, OLD.text_source,
            OLD.kind IS NOT DISTINCT FROM 'teaser', OLD.revision > 1, OLD.reason, -1, 0);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO source_news VALUES (NEW.outlet, NEW.country, NEW.ownership, NEW.state, NEW.text_source,
            NEW.kind IS NOT DISTINCT FROM 'teaser', NEW.revision > 1, NEW.reason, 1, 0);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_source IS 'Notes in source_news what an article counted as and what it counts as now.';
CREATE TRIGGER source_came_or_went AFTER INSERT OR DELETE ON articles FOR EACH ROW EXECUTE FUNCTION note_source();
CREATE TRIGGER source_changed AFTER UPDATE OF outlet, country, ownership, state, text_source, kind, revision, reason
    ON articles FOR EACH ROW
    WHEN ((OLD.outlet, OLD.country, OLD.ownership, OLD.state, OLD.text_source, OLD.kind = 'teaser', OLD.revision > 1, OLD.reason)
          IS DISTINCT FROM
          (NEW.outlet, NEW.country, NEW.ownership, NEW.state, NEW.text_source, NEW.kind = 'teaser', NEW.revision > 1, NEW.reason))
    EXECUTE FUNCTION note_source();

-- A copy counts for its article's outlet. Where the article goes, its copy goes after it and finds no outlet any more: so
-- the article takes it along before.
CREATE FUNCTION note_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'articles' THEN
        DELETE FROM copies WHERE article_id = OLD.id;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO source_news SELECT outlet, NULL, NULL, 'copy', NULL, false, false, NULL, 0, -1 FROM articles WHERE id = OLD.article_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO source_news SELECT outlet, NULL, NULL, 'copy', NULL, false, false, NULL, 0, 1 FROM articles WHERE id = NEW.article_id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_copy IS 'Notes in source_news a copy that came or went, under its article''s outlet.';
CREATE TRIGGER copy_came_or_went AFTER INSERT OR UPDATE OF article_id OR DELETE ON copies
    FOR EACH ROW EXECUTE FUNCTION note_copy();
CREATE TRIGGER copy_goes_first BEFORE DELETE ON articles FOR EACH ROW EXECUTE FUNCTION note_copy();

INSERT INTO source_tallies
SELECT outlet, country, ownership, state, text_source, kind IS NOT DISTINCT FROM 'teaser', revision > 1, reason, count(*), 0
FROM articles GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
UNION ALL
SELECT a.outlet, NULL, NULL, 'copy', NULL, false, false, NULL, 0, count(*)
FROM copies c JOIN articles a ON a.id = c.article_id GROUP BY 1;

CREATE FUNCTION fold_source_news() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306422);
    WITH told AS (DELETE FROM source_news RETURNING *)
    INSERT INTO source_tallies AS t
    SELECT outlet, country, ownership, state, text_source, teaser, revised, reason, sum(articles), sum(copies)
    FROM told GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (outlet, country, ownership, state, text_source, teaser, revised, reason)
    DO UPDATE SET articles = t.articles + excluded.articles, copies = t.copies + excluded.copies;
    DELETE FROM source_tallies WHERE articles = 0 AND copies = 0;
END $$;
COMMENT ON FUNCTION fold_source_news IS 'Adds source_news to source_tallies; by maintenance.';

CREATE OR REPLACE VIEW wirewatch.source_health AS
SELECT n.outlet, min(n.country) AS country, min(n.ownership) AS ownership, sum(n.articles)::bigint AS articles,
       coalesce(sum(n.articles) FILTER (WHERE n.state = 'extracted'), 0)::bigint AS extracted,
       coalesce(sum(n.articles) FILTER (WHERE n.text_source = 'feed'), 0)::bigint AS from_feed,
       coalesce(sum(n.articles) FILTER (WHERE n.teaser), 0)::bigint AS teasers,
       coalesce(sum(n.articles) FILTER (WHERE n.state = 'failed'), 0)::bigint AS failed,
       sum(n.copies)::bigint AS copies,
       round(sum(n.copies) / nullif(sum(n.articles) FILTER (WHERE n.state = 'extracted'), 0), 3) AS copy_share,
       coalesce(sum(n.articles) FILTER (WHERE n.revised), 0)::bigint AS revised,
       (SELECT max(a.published) FROM articles a WHERE a.outlet = n.outlet) AS newest,
       (SELECT r.reason FROM (
            SELECT reason, articles FROM source_tallies WHERE outlet = n.outlet AND reason IS NOT NULL
            UNION ALL SELECT reason, articles FROM source_news WHERE outlet = n.outlet AND reason IS NOT NULL) r
        GROUP BY r.reason HAVING sum(r.articles) > 0 ORDER BY sum(r.articles) DESC, r.reason LIMIT 1) AS commonest_reason
FROM (SELECT outlet, country, ownership, state, text_source, teaser, revised, sum(articles) AS articles, sum(copies) AS copies
      FROM (SELECT * FROM source_tallies UNION ALL SELECT * FROM source_news) each
      GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(articles) <> 0 OR sum(copies) <> 0) n
GROUP BY n.outlet HAVING sum(n.articles) > 0;
CREATE INDEX source_news_outlet ON source_news (outlet);
