-- Whether a day or an instant is known of a publication is kept as whoever read the date found it. Until now it followed
-- from the time alone, and nine in the morning in Seoul, which is midnight UTC, counted as a day without an hour. Rows of
-- before keep what they have: their strings are there no more. What is written without it is a day at midnight UTC.

ALTER TABLE entries ALTER COLUMN published_precision DROP EXPRESSION;
ALTER TABLE entry_revisions ALTER COLUMN published_precision DROP EXPRESSION;
ALTER TABLE articles ALTER COLUMN published_precision DROP EXPRESSION;

CREATE FUNCTION precision_of(published timestamptz, published_rule text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN published IS NULL THEN NULL
                WHEN coalesce(published_rule, '') NOT LIKE 'first-seen%'
                     AND date_trunc('day', published AT TIME ZONE 'UTC') = published AT TIME ZONE 'UTC' THEN 'day'
                ELSE 'instant' END
$$;
COMMENT ON FUNCTION precision_of IS
    'day or instant, where nobody said: midnight UTC is how many systems write a day, and a first sighting is an instant.';

CREATE FUNCTION keep_precision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A row that says nothing of it, or still says what held for the date before.
    IF NEW.published IS NULL OR NEW.published_precision IS NULL
       OR (TG_OP = 'UPDATE' AND NEW.published_precision = 'day' AND OLD.published_precision = 'day') THEN
        NEW.published_precision := precision_of(NEW.published, NEW.published_rule);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_precision IS 'Gives a date of publication its precision where the statement that writes it says none.';
CREATE TRIGGER precision_of_new BEFORE INSERT ON entries
    FOR EACH ROW WHEN (NEW.published_precision IS NULL) EXECUTE FUNCTION keep_precision();
CREATE TRIGGER precision_of_changed BEFORE UPDATE OF published, published_rule, published_precision ON entries
    FOR EACH ROW EXECUTE FUNCTION keep_precision();
CREATE TRIGGER precision_of_new BEFORE INSERT ON entry_revisions
    FOR EACH ROW WHEN (NEW.published_precision IS NULL) EXECUTE FUNCTION keep_precision();
CREATE TRIGGER precision_of_new BEFORE INSERT ON articles
    FOR EACH ROW WHEN (NEW.published IS NOT NULL AND NEW.published_precision IS NULL) EXECUTE FUNCTION keep_precision();
CREATE TRIGGER precision_of_changed BEFORE UPDATE OF published, published_rule, published_precision ON articles
    FOR EACH ROW EXECUTE FUNCTION keep_precision();

-- A date has one, and a day stands at midnight UTC.
ALTER TABLE entries ADD CONSTRAINT entries_precision_is_true CHECK (
    (published_precision = 'instant' OR (published_precision = 'day' AND precision_of(published, published_rule) = 'day'))
    IS TRUE) NOT VALID;
ALTER TABLE entry_revisions ADD CONSTRAINT entry_revisions_precision_is_true CHECK (
    (published_precision = 'instant' OR (published_precision = 'day' AND precision_of(published, published_rule) = 'day'))
    IS TRUE) NOT VALID;
ALTER TABLE articles ADD CONSTRAINT articles_precision_is_true CHECK (
    CASE WHEN published IS NULL THEN published_precision IS NULL
         ELSE (published_precision = 'instant'
               OR (published_precision = 'day' AND precision_of(published, published_rule) = 'day')) IS TRUE END) NOT VALID;
ALTER TABLE entries VALIDATE CONSTRAINT entries_precision_is_true;
ALTER TABLE entry_revisions VALIDATE CONSTRAINT entry_revisions_precision_is_true;
ALTER TABLE articles VALIDATE CONSTRAINT articles_precision_is_true;

COMMENT ON COLUMN entries.published_precision IS
    'day: only the day is known, and published is its midnight UTC; instant: the time is known, or it is the first sighting''s. Of rows from before version 0058 each midnight UTC is a day.';
COMMENT ON COLUMN entry_revisions.published_precision IS 'As in entries.';
COMMENT ON COLUMN articles.published_precision IS
    'day: only the day is known, and published is its midnight UTC; instant: the time is known, or it is the first sighting''s. Of rows from before version 0058 each midnight UTC is a day. null: no date, as there is no text.';
