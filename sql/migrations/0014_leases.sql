-- Who holds each lease: what a worker that is gone had claimed is free at once, and not when its time has run out.
-- And what a feed held when: a document of the past is put where its time is, whenever it is read.

CREATE FUNCTION living_owners() RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(l.classid::bigint << 32 | l.objid::bigint), '{}') FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
$$;
COMMENT ON FUNCTION living_owners IS
    'Keys of the advisory locks that are held in this database: an owner of leases lives while its own is among them.';

ALTER TABLE feeds ADD COLUMN leased_by bigint;
ALTER TABLE articles ADD COLUMN leased_by bigint;
COMMENT ON COLUMN feeds.leased_by IS
    'Which owner has claimed the row (living_owners); the row is free at once where that one is gone.';
COMMENT ON COLUMN feeds.leased_until IS
    'Until when a worker has claimed the row; after that another may, also where its owner (leased_by) still lives.';
COMMENT ON COLUMN articles.leased_by IS
    'Which owner has claimed the row (living_owners); the row is free at once where that one is gone.';

ALTER TABLE digests ADD COLUMN pending integer NOT NULL DEFAULT 0, ADD COLUMN pending_why jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN digests.pending IS 'On-topic articles of the day that were still on the way when it was drafted.';
COMMENT ON COLUMN digests.pending_why IS
    'How many of them were held (being fetched), to_fetch, to_retry, to_place (no story yet), set_aside; and unjudged: '
    'entries of the day of which it was not known whether they are on topic.';

CREATE TABLE feed_documents (
    feed_id    bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    seen_at    timestamptz NOT NULL,
    entry_ids  bigint[] NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (feed_id, seen_at)
);
CREATE INDEX feed_documents_arrived ON feed_documents (arrived_at);
COMMENT ON TABLE feed_documents IS
    'Which entries each document of a feed held; the order in which documents are read changes nothing by it.';
COMMENT ON COLUMN feed_documents.seen_at IS 'The moment that the document is of: the capture''s in a backfill.';
COMMENT ON COLUMN feed_documents.entry_ids IS 'The ids of its entries'' rows; one that was deleted since may be among them.';
COMMENT ON COLUMN feed_documents.arrived_at IS 'When it was read; retention counts from here.';
ALTER TABLE entry_revisions ADD COLUMN published_rule text;
COMMENT ON COLUMN entry_revisions.published_rule IS
    'Which rule gave the date of this wording; first-seen: the feed gave none. Empty for revisions of before it was kept.';
COMMENT ON COLUMN entry_revisions.revision IS 'From 0, by time: a document of the past that is read late is counted in.';

COMMENT ON COLUMN articles.leased_until IS
    'Until when a worker has claimed the row; after that another may, also where its owner (leased_by) still lives.';
