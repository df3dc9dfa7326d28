-- When a row was first had, by the database's clock. Coverage of long ago that was collected today is young: retention
-- counts from here, and not from when it was published, seen or asked for as of.
-- What stood before counts as arrived with this migration.

ALTER TABLE fetches ADD COLUMN arrived_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE fetches ALTER COLUMN arrived_at SET DEFAULT clock_timestamp();
CREATE INDEX fetches_arrived ON fetches (arrived_at);
COMMENT ON COLUMN fetches.arrived_at IS 'When the row was written, by the clock; retention counts from here.';

ALTER TABLE entries ADD COLUMN arrived_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE entries ALTER COLUMN arrived_at SET DEFAULT clock_timestamp();
COMMENT ON COLUMN entries.arrived_at IS
    'When the row was first written, by the clock; first_seen_at is the capture''s moment in a backfill.';

ALTER TABLE articles ADD COLUMN arrived_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE articles ALTER COLUMN arrived_at SET DEFAULT clock_timestamp();
COMMENT ON COLUMN articles.arrived_at IS
    'When the row was first written, by the clock; first_seen_at is the capture''s moment in a backfill.';

-- Which articles were told once more together with all of their days, so that their stories no longer depend on the
-- order in which they came. What stood before counts as done.
ALTER TABLE articles ADD COLUMN settled_at timestamptz DEFAULT 'epoch';
ALTER TABLE articles ALTER COLUMN settled_at DROP DEFAULT;
CREATE INDEX articles_unsettled ON articles (first_seen_at) WHERE clustered_at IS NOT NULL AND settled_at IS NULL;
COMMENT ON COLUMN articles.settled_at IS
    'When its place was last settled together with all of its days; null while that is to come.';
COMMENT ON COLUMN memberships.method IS
    'mix, words or vectors: the rule that matched; first: nothing to compare with; copy: with its origin; merge, split, '
    'reassign, settle: the pass that moved it; must-link: a person.';
COMMENT ON COLUMN item_faults.step IS
    'The step that failed: poll, match, extract, copies, embed, place, reassign, settle, draft, publish, deliver-….';

-- An article that turns out to be the same page as another leaves its story; the sums of that are made anew by whoever
-- holds the clustering lock next.
CREATE TABLE stories_to_rebuild (
    story_id bigint PRIMARY KEY REFERENCES stories ON DELETE CASCADE
);
COMMENT ON TABLE stories_to_rebuild IS
    'Stories that lost an article which was the same page as another; the next reassignment makes their sums anew.';
