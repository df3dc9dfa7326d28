-- Who holds each lease: what a worker that is gone had claimed is free at once, and not when its time has run out.

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
COMMENT ON COLUMN articles.leased_until IS
    'Until when a worker has claimed the row; after that another may, also where its owner (leased_by) still lives.';
