-- Which coverage a database holds, so that the invented outlets of the recorded web never mix with real ones.

CREATE TABLE coverage (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    kind  text NOT NULL CHECK (kind IN ('recorded', 'live')),
    since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE coverage IS 'Which coverage this database holds; no row until `wirewatch run` first used it.';
COMMENT ON COLUMN coverage.one IS 'Always true: the table has one row at most.';
COMMENT ON COLUMN coverage.kind IS 'recorded: the invented outlets of `wirewatch run`; live: real feeds.';
COMMENT ON COLUMN coverage.since IS 'When `wirewatch run` first used the database.';
