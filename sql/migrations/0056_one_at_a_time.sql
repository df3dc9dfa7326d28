-- What cannot hold at the same time: two words of people about one article, two places of one article, two gaps of one
-- feed that overlap. Rows of before are put right first, and a line tells how many.
--
-- An index or an exclusion says it wherever one table's rows can say it: both hold under concurrency without a lock of
-- ours. One thing they cannot say: after a merge, a word about the story that went is one about the story that took it
-- in, and that stands in another table. A trigger looks there, one at a time.
-- Alerts have no exclusion: who stands is held by a unique index already, and GiST compares no text by itself.

CREATE OR REPLACE FUNCTION pg_temp.told(what text, rows bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF rows > 0 THEN RAISE WARNING '% row(s) put right: %', rows, what; END IF;
END $$;

-- The words of people. The newest holds, as in what the pipeline read until now.
WITH done AS (UPDATE overrides SET revoked_at = at WHERE revoked_at < at RETURNING 1)
SELECT pg_temp.told('words of people that were taken back before they were said end as they begin', count(*)) FROM done;
WITH standing AS (
    SELECT o.id, o.article_id, o.kind, coalesce(s.merged_into, s.id) AS story,
           row_number() OVER (PARTITION BY o.article_id, o.kind ORDER BY o.at DESC, o.id DESC) AS of_kind,
           row_number() OVER (PARTITION BY o.article_id, coalesce(s.merged_into, s.id) ORDER BY o.at DESC, o.id DESC) AS of_story
    FROM overrides o JOIN stories s ON s.id = o.story_id WHERE o.revoked_at IS NULL
), done AS (
    UPDATE overrides o SET revoked_at = greatest(o.at, now()) FROM standing s
    WHERE o.id = s.id AND (s.of_story > 1 OR (s.kind = 'must-link' AND s.of_kind > 1)) RETURNING 1)
SELECT pg_temp.told('words of people that a later word about the same article overrules are taken back', count(*)) FROM done;

CREATE UNIQUE INDEX overrides_one_must_link ON overrides (article_id) WHERE kind = 'must-link' AND revoked_at IS NULL;
CREATE UNIQUE INDEX overrides_one_word_of_a_story ON overrides (article_id, story_id) WHERE revoked_at IS NULL;
DROP INDEX overrides_article;  -- the second serves what it served
ALTER TABLE overrides ADD CONSTRAINT overrides_end_after_they_begin CHECK (revoked_at >= at);
COMMENT ON TABLE overrides IS
    'A person''s word: this article must be in that story (must-link) or may not be (cannot-link). Binds every later run. Of one article stands one must-link at most, and one word about each story, as those are after all merges.';
COMMENT ON COLUMN overrides.revoked_at IS 'Since when the word counts no more; null while it stands.';

CREATE FUNCTION refuse_contradicting_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    contradicted bigint;
BEGIN
    -- One at a time, so that each sees what the one before has written, in the default isolation of READ COMMITTED.
    -- Whoever holds the lock of clustering comes here last, and whoever comes here asks for no other lock.
    PERFORM pg_advisory_xact_lock(hashtextextended('wirewatch: words about stories', 0));
    SELECT pin.article_id INTO contradicted
    FROM overrides pin JOIN stories a ON a.id = pin.story_id
    JOIN overrides apart ON apart.article_id = pin.article_id AND apart.kind = 'cannot-link' AND apart.revoked_at IS NULL
    JOIN stories b ON b.id = apart.story_id AND coalesce(b.merged_into, b.id) = coalesce(a.merged_into, a.id)
    WHERE pin.kind = 'must-link' AND pin.revoked_at IS NULL
      AND CASE TG_TABLE_NAME WHEN 'overrides' THEN pin.article_id = (to_jsonb(NEW) ->> 'article_id')::bigint
                             ELSE pin.story_id = NEW.id OR apart.story_id = NEW.id END
    LIMIT 1;
    IF contradicted IS NOT NULL THEN
        RAISE EXCEPTION 'article % is pinned to a story and kept apart from the same', contradicted
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'overrides_do_not_contradict';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION refuse_contradicting_words IS
    'Refuses a word of a person, or a merge, by which an article must be in a story and may not be in the same.';
CREATE TRIGGER words_agree AFTER INSERT OR UPDATE ON overrides
    FOR EACH ROW WHEN (NEW.revoked_at IS NULL) EXECUTE FUNCTION refuse_contradicting_words();
CREATE TRIGGER merges_agree_with_words AFTER UPDATE OF merged_into ON stories
    FOR EACH ROW WHEN (NEW.merged_into IS DISTINCT FROM OLD.merged_into) EXECUTE FUNCTION refuse_contradicting_words();

-- The places of an article follow each other. int8range stands in for `=`, which a GiST index has for numbers only by an
-- extension that not every server brings.
-- Of two at once, the row that was written later is the later place.
WITH later AS (
    SELECT m.id, min(n.since) AS next FROM memberships m
    JOIN memberships n ON n.article_id = m.article_id AND n.id > m.id
        AND tstzrange(n.since, n.until) && tstzrange(m.since, m.until)
    GROUP BY m.id
), done AS (
    UPDATE memberships m SET until = greatest(m.since, l.next) FROM later l WHERE m.id = l.id RETURNING 1)
SELECT pg_temp.told('places of articles end where the next begins', count(*)) FROM done;
ALTER TABLE memberships ADD CONSTRAINT memberships_follow_each_other
    EXCLUDE USING gist (int8range(article_id, article_id, '[]') WITH &&, tstzrange(since, until) WITH &&);

-- Gaps that overlap are one.
WITH joined AS (
    SELECT feed_id, unnest(range_agg(tstzrange(since, until))) AS missed FROM gaps WHERE until > since GROUP BY feed_id
), clusters AS (
    SELECT j.feed_id, j.missed, min(g.id) AS kept, array_agg(g.id) AS ids
    FROM joined j JOIN gaps g ON g.feed_id = j.feed_id AND g.until > g.since AND tstzrange(g.since, g.until) <@ j.missed
    GROUP BY j.feed_id, j.missed HAVING count(*) > 1
), gone AS (
    DELETE FROM gaps g USING clusters c WHERE g.id = ANY (c.ids) AND g.id <> c.kept RETURNING 1
), widened AS (
    UPDATE gaps g SET since = lower(c.missed), until = upper(c.missed) FROM clusters c WHERE g.id = c.kept RETURNING 1)
SELECT pg_temp.told('gaps of one feed that overlapped or touched are one gap', (SELECT count(*) FROM gone) + count(*))
FROM widened;
ALTER TABLE gaps ADD CONSTRAINT gaps_of_a_feed_stand_apart
    EXCLUDE USING gist (int8range(feed_id, feed_id, '[]') WITH &&, tstzrange(since, until) WITH &&);
