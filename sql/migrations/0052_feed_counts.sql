-- What is said of feeds and outlets stays quick at a million articles: counts are kept as rows come and go.
--
-- Triggers only add rows of news, so that two workers never wait for each other; a view adds the news to what was
-- counted before, so that it is exact at any moment; maintenance folds the news in.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE INDEX fetches_failed ON fetches (feed_id, at DESC)
    WHERE kind = 'feed' AND outcome NOT IN ('ok', 'not-modified', 'unchanged');
CREATE INDEX articles_newest ON articles (outlet, published);

CREATE TABLE feed_tallies (
    feed_id    bigint PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    entries    bigint NOT NULL DEFAULT 0,
    shared     bigint NOT NULL DEFAULT 0,
    polls      bigint NOT NULL DEFAULT 0,
    unmodified bigint NOT NULL DEFAULT 0,
    failed     bigint NOT NULL DEFAULT 0,
    bytes      numeric NOT NULL DEFAULT 0
);
COMMENT ON TABLE feed_tallies IS 'Counts of each feed as of the last maintenance; feed_counts adds what came since.';
COMMENT ON COLUMN feed_tallies.feed_id IS 'feeds.id';
COMMENT ON COLUMN feed_tallies.entries IS 'Its entries.';
COMMENT ON COLUMN feed_tallies.shared IS 'Of its entries, those whose address another entry has, too.';
COMMENT ON COLUMN feed_tallies.polls IS 'Its requests that are kept.';
COMMENT ON COLUMN feed_tallies.unmodified IS 'Of these, those that brought nothing new.';
COMMENT ON COLUMN feed_tallies.failed IS 'Of these, those that failed.';
COMMENT ON COLUMN feed_tallies.bytes IS 'What they brought, in bytes.';

CREATE TABLE entry_news (feed_id bigint NOT NULL, entry_id bigint NOT NULL, url text, change smallint NOT NULL);
COMMENT ON TABLE entry_news IS 'Entries that came (1) or went (-1), or changed their address (both), since feed_tallies.';
COMMENT ON COLUMN entry_news.feed_id IS 'entries.feed_id';
COMMENT ON COLUMN entry_news.entry_id IS 'entries.id';
COMMENT ON COLUMN entry_news.url IS 'entries.canonical_url; null where it had none.';
COMMENT ON COLUMN entry_news.change IS '1 or -1.';
CREATE TABLE poll_news (feed_id bigint NOT NULL, polls bigint NOT NULL, unmodified bigint NOT NULL, failed bigint NOT NULL,
                        bytes numeric NOT NULL);
COMMENT ON TABLE poll_news IS 'What is to be added to the counts of requests in feed_tallies; below zero where old requests were forgotten.';
COMMENT ON COLUMN poll_news.feed_id IS 'fetches.feed_id';
COMMENT ON COLUMN poll_news.polls IS 'As in feed_tallies.';
COMMENT ON COLUMN poll_news.unmodified IS 'As in feed_tallies.';
COMMENT ON COLUMN poll_news.failed IS 'As in feed_tallies.';
COMMENT ON COLUMN poll_news.bytes IS 'As in feed_tallies.';

CREATE FUNCTION note_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN INSERT INTO entry_news VALUES (OLD.feed_id, OLD.id, OLD.canonical_url, -1); END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO entry_news VALUES (NEW.feed_id, NEW.id, NEW.canonical_url, 1); END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_entry IS 'Notes in entry_news what came, went or changed its address.';
CREATE TRIGGER entry_came_or_went AFTER INSERT OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION note_entry();
CREATE TRIGGER entry_moved AFTER UPDATE OF feed_id, canonical_url ON entries FOR EACH ROW
    WHEN (OLD.feed_id <> NEW.feed_id OR OLD.canonical_url IS DISTINCT FROM NEW.canonical_url) EXECUTE FUNCTION note_entry();

CREATE FUNCTION note_polls() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign constant integer := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
    INSERT INTO poll_news
    SELECT feed_id, sign * count(*), sign * count(*) FILTER (WHERE outcome IN ('not-modified', 'unchanged')),
           sign * count(*) FILTER (WHERE outcome NOT IN ('ok', 'not-modified', 'unchanged')), sign * sum(bytes)
    FROM changed WHERE kind = 'feed' AND feed_id IS NOT NULL GROUP BY feed_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_polls IS 'Notes in poll_news the requests for feeds that came or were forgotten; a request never changes.';
CREATE TRIGGER polls_came AFTER INSERT ON fetches REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_polls();
CREATE TRIGGER polls_went AFTER DELETE ON fetches REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_polls();

INSERT INTO feed_tallies (feed_id, entries, shared, polls, unmodified, failed, bytes)
SELECT f.id, coalesce(e.entries, 0), coalesce(e.shared, 0), coalesce(p.polls, 0), coalesce(p.unmodified, 0),
       coalesce(p.failed, 0), coalesce(p.bytes, 0)
FROM feeds f
LEFT JOIN (
    SELECT feed_id, count(*) AS entries, count(*) FILTER (WHERE times > 1 AND canonical_url IS NOT NULL) AS shared
    FROM (SELECT feed_id, canonical_url, count(*) OVER (PARTITION BY canonical_url) AS times FROM entries) each
    GROUP BY feed_id) e ON e.feed_id = f.id
LEFT JOIN (
    SELECT feed_id, count(*) AS polls, count(*) FILTER (WHERE outcome IN ('not-modified', 'unchanged')) AS unmodified,
           count(*) FILTER (WHERE outcome NOT IN ('ok', 'not-modified', 'unchanged')) AS failed, sum(bytes) AS bytes
    FROM fetches WHERE kind = 'feed' GROUP BY feed_id) p ON p.feed_id = f.id;

CREATE VIEW entry_changes AS
WITH news AS (SELECT feed_id, entry_id, url, sum(change) AS change FROM entry_news GROUP BY feed_id, entry_id, url),
-- OFFSET 0 holds each address to the index: the news are few beside the entries.
here AS (
    SELECT e.feed_id, e.id AS entry_id, u.url FROM (SELECT DISTINCT url FROM news WHERE url IS NOT NULL) u
    CROSS JOIN LATERAL (SELECT feed_id, id FROM entries WHERE canonical_url = u.url OFFSET 0) e),
before AS (
    SELECT feed_id, entry_id, url FROM (
        SELECT feed_id, entry_id, url, 1 AS change FROM here
        UNION ALL SELECT feed_id, entry_id, url, -change FROM news WHERE url IS NOT NULL) undone
    GROUP BY feed_id, entry_id, url HAVING sum(change) > 0),
counted AS (
    SELECT feed_id, 0 AS entries, CASE WHEN count(*) OVER (PARTITION BY url) > 1 THEN 1 ELSE 0 END AS shared FROM here
    UNION ALL SELECT feed_id, 0, CASE WHEN count(*) OVER (PARTITION BY url) > 1 THEN -1 ELSE 0 END FROM before
    UNION ALL SELECT feed_id, change, 0 FROM news)
SELECT feed_id, sum(entries) AS entries, sum(shared) AS shared FROM counted GROUP BY feed_id;
COMMENT ON VIEW entry_changes IS 'What the news of entries add to feed_tallies: the entries of each address as they are, less as they were.';
COMMENT ON COLUMN entry_changes.feed_id IS 'feeds.id';
COMMENT ON COLUMN entry_changes.entries IS 'To be added to feed_tallies.entries.';
COMMENT ON COLUMN entry_changes.shared IS 'To be added to feed_tallies.shared.';

CREATE VIEW feed_counts AS
SELECT feed_id, sum(entries)::bigint AS entries, sum(shared)::bigint AS shared, sum(polls)::bigint AS polls,
       sum(unmodified)::bigint AS unmodified, sum(failed)::bigint AS failed, sum(bytes) AS bytes
FROM (SELECT feed_id, entries, shared, polls, unmodified, failed, bytes FROM feed_tallies
      UNION ALL SELECT feed_id, entries, shared, 0, 0, 0, 0 FROM entry_changes
      UNION ALL SELECT feed_id, 0, 0, polls, unmodified, failed, bytes FROM poll_news) counted
GROUP BY feed_id;
COMMENT ON VIEW feed_counts IS 'One row per feed: the counts of feed_tallies as of now.';
COMMENT ON COLUMN feed_counts.feed_id IS 'feeds.id';
COMMENT ON COLUMN feed_counts.entries IS 'As in feed_tallies.';
COMMENT ON COLUMN feed_counts.shared IS 'As in feed_tallies.';
COMMENT ON COLUMN feed_counts.polls IS 'As in feed_tallies.';
COMMENT ON COLUMN feed_counts.unmodified IS 'As in feed_tallies.';
COMMENT ON COLUMN feed_counts.failed IS 'As in feed_tallies.';
COMMENT ON COLUMN feed_counts.bytes IS 'As in feed_tallies.';

CREATE FUNCTION fold_feed_news() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306420);  -- two at once would both add the same news
    -- One statement, so that what is added and what is deleted are the same rows.
    WITH news AS MATERIALIZED (
        SELECT feed_id, sum(entries) AS entries, sum(shared) AS shared, sum(polls) AS polls, sum(unmodified) AS unmodified,
               sum(failed) AS failed, sum(bytes) AS bytes
        FROM (SELECT feed_id, entries, shared, 0 AS polls, 0 AS unmodified, 0 AS failed, 0 AS bytes FROM entry_changes
              UNION ALL SELECT feed_id, 0, 0, polls, unmodified, failed, bytes FROM poll_news) came
        GROUP BY feed_id),
    entries_told AS (DELETE FROM entry_news), polls_told AS (DELETE FROM poll_news)
    INSERT INTO feed_tallies AS t (feed_id, entries, shared, polls, unmodified, failed, bytes)
    SELECT n.feed_id, n.entries, n.shared, n.polls, n.unmodified, n.failed, n.bytes FROM news n JOIN feeds f ON f.id = n.feed_id
    ON CONFLICT (feed_id) DO UPDATE SET entries = t.entries + excluded.entries, shared = t.shared + excluded.shared,
        polls = t.polls + excluded.polls, unmodified = t.unmodified + excluded.unmodified,
        failed = t.failed + excluded.failed, bytes = t.bytes + excluded.bytes;
END $$;
COMMENT ON FUNCTION fold_feed_news IS 'Adds the news of entries and requests to feed_tallies; by maintenance.';

CREATE OR REPLACE VIEW wirewatch.feed_health AS
SELECT f.id AS feed_id, f.outlet, f.url, f.state, f.state_reason, f.last_polled_at, f.last_new_at, f.next_poll_at,
       (f.poll_state ->> 'interval')::real AS interval_seconds,
       coalesce(n.entries, 0) AS entries,
       (SELECT max(published) FROM entries WHERE feed_id = f.id) AS newest_published,
       round(coalesce(n.shared, 0)::numeric / nullif(n.entries, 0), 3) AS duplicate_share,
       coalesce(n.polls, 0) AS polls,
       round(coalesce(n.unmodified, 0)::numeric / nullif(n.polls, 0), 3) AS unmodified_share,
       coalesce(n.failed, 0) AS failed_polls,
       coalesce(n.bytes, 0) AS bytes,
       last_error.outcome AS last_error, last_error.detail AS last_error_detail, last_error.at AS last_error_at,
       coalesce(g.gaps, 0) AS gaps, g.missed
FROM feeds f
LEFT JOIN feed_counts n ON n.feed_id = f.id
LEFT JOIN LATERAL (
    SELECT outcome, detail, at FROM fetches
    WHERE feed_id = f.id AND kind = 'feed' AND outcome NOT IN ('ok', 'not-modified', 'unchanged')
    ORDER BY at DESC LIMIT 1) last_error ON true
LEFT JOIN LATERAL (SELECT count(*) AS gaps, sum(until - since) AS missed FROM gaps WHERE feed_id = f.id) g ON true;
