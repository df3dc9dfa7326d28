-- What no row may say. Rows of before that say it are put right first, where one right reading is left, and one line
-- tells how many; then each rule is made without and looked at with a lighter lock.

CREATE FUNCTION pg_temp.told(what text, rows bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF rows > 0 THEN RAISE WARNING '% row(s) put right: %', rows, what; END IF;
END $$;

WITH done AS (UPDATE gaps SET until = since WHERE until < since RETURNING 1)
SELECT pg_temp.told('gaps that ended before they began end as they begin', count(*)) FROM done;
WITH done AS (UPDATE memberships SET until = since WHERE until < since RETURNING 1)
SELECT pg_temp.told('memberships that ended before they began end as they begin', count(*)) FROM done;
WITH done AS (UPDATE stories SET merged_into = NULL WHERE merged_into = id RETURNING 1)
SELECT pg_temp.told('stories merged into themselves stand for themselves', count(*)) FROM done;
WITH done AS (UPDATE digest_items SET independent = outlets WHERE independent > outlets RETURNING 1)
SELECT pg_temp.told('stories of digests with more independent outlets than outlets have as many', count(*)) FROM done;
WITH done AS (UPDATE digests SET reviewed_by = 'unknown' WHERE state = 'published' AND reviewed_by IS NULL RETURNING 1)
SELECT pg_temp.told('published digests without a reviewer name "unknown"', count(*)) FROM done;
WITH done AS (UPDATE articles SET ownership = NULL WHERE ownership NOT IN ('state', 'public', 'private', 'agency') RETURNING 1)
SELECT pg_temp.told('articles of an ownership that there is not have none', count(*)) FROM done;

ALTER TABLE gaps ADD CONSTRAINT gaps_end_after_they_begin CHECK (until >= since) NOT VALID;
ALTER TABLE memberships ADD CONSTRAINT memberships_end_after_they_begin CHECK (until >= since) NOT VALID;
ALTER TABLE stories ADD CONSTRAINT stories_merge_into_others CHECK (merged_into <> id) NOT VALID;
ALTER TABLE digest_items ADD CONSTRAINT digest_items_independent_are_outlets CHECK (independent <= outlets) NOT VALID;
ALTER TABLE digests ADD CONSTRAINT digests_published_by_somebody
    CHECK (state <> 'published' OR reviewed_by IS NOT NULL) NOT VALID;
ALTER TABLE articles ADD CONSTRAINT articles_ownership_is_known
    CHECK (ownership IN ('state', 'public', 'private', 'agency')) NOT VALID;

ALTER TABLE gaps VALIDATE CONSTRAINT gaps_end_after_they_begin;
ALTER TABLE memberships VALIDATE CONSTRAINT memberships_end_after_they_begin;
ALTER TABLE stories VALIDATE CONSTRAINT stories_merge_into_others;
ALTER TABLE digest_items VALIDATE CONSTRAINT digest_items_independent_are_outlets;
ALTER TABLE digests VALIDATE CONSTRAINT digests_published_by_somebody;
ALTER TABLE articles VALIDATE CONSTRAINT articles_ownership_is_known;
