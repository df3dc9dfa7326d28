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
