-- Placing an article costs the same however old the store is: the articles placed lately are found by an index, stories
-- within their period and terms within their weeks; a story's sums travel as arrays, which are read in half the time
-- that jsonb takes.

CREATE INDEX memberships_since ON memberships (since) WHERE until IS NULL;

CREATE FUNCTION story_period(day double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN floor(day / 28)::integer;
COMMENT ON FUNCTION story_period IS
    'The period of a day (both since 1970): an index of vectors covers one, so that what is out of the window is not searched.';

ALTER TABLE story_profiles RENAME TO former_profiles;
CREATE TABLE story_profiles (
    story_id  bigint NOT NULL,
    model_id  integer NOT NULL,
    size      integer NOT NULL,
    dense     vector NOT NULL,
    scaled    vector NOT NULL,
    terms     text[] NOT NULL,
    weights   real[] NOT NULL,
    scaled_weights real[] NOT NULL,
    lengths   double precision NOT NULL,
    dated     integer NOT NULL,
    times     double precision NOT NULL,
    first_day double precision NOT NULL,
    last_day  double precision NOT NULL,
    languages jsonb NOT NULL,
    changed   timestamptz NOT NULL DEFAULT clock_timestamp(),
    period    integer NOT NULL GENERATED ALWAYS AS (story_period(last_day)) STORED
);
INSERT INTO story_profiles
SELECT p.story_id, p.model_id, p.size, p.dense, p.scaled, sums.terms, sums.weights, sums.scaled_weights, p.lengths,
       p.dated, p.times, p.first_day, p.last_day, p.languages, p.changed
FROM former_profiles p CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(key), '{}') AS terms, coalesce(array_agg((value ->> 0)::real), '{}') AS weights,
           coalesce(array_agg((value ->> 1)::real), '{}') AS scaled_weights
    FROM jsonb_each(p.terms)) sums;
DROP TABLE former_profiles;
ALTER TABLE story_profiles
    ADD PRIMARY KEY (story_id, model_id),
    ADD FOREIGN KEY (story_id) REFERENCES stories ON DELETE CASCADE,
    ADD FOREIGN KEY (model_id) REFERENCES embedding_models;
CREATE INDEX story_profiles_period ON story_profiles (model_id, period);
COMMENT ON TABLE story_profiles IS
    'Sums over the articles of a living story that decide who joins it; derived, rebuilt from its members.';
COMMENT ON COLUMN story_profiles.changed IS 'The version of the row: no two writes of a story have the same.';

CREATE FUNCTION story_profiles_index(model integer, of_period integer) RETURNS text
LANGUAGE sql IMMUTABLE RETURN format('story_profiles_near_%s_%s', model, replace(of_period::text, '-', 'm'));

CREATE FUNCTION index_story_profiles(model integer, of_period integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass(story_profiles_index(model, of_period)) IS NULL THEN
        EXECUTE (
            SELECT format('CREATE INDEX %I ON story_profiles USING hnsw ((dense::vector(%s)) vector_cosine_ops) '
                          'WHERE model_id = %s AND period = %s',
                          story_profiles_index(model, of_period), dimension, model, of_period)
            FROM embedding_models WHERE id = model);
    END IF;
END $$;
COMMENT ON FUNCTION index_story_profiles IS
    'Makes the index that finds the nearest stories of a model and period, once: vectors of two models never meet.';

CREATE FUNCTION forget_story_profile_indexes() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    empty regclass[] := ARRAY(
        SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'story_profiles'::regclass AND c.relname LIKE 'story\_profiles\_near\_%'
          AND c.relname NOT IN (SELECT story_profiles_index(model_id, period) FROM story_profiles));
    name regclass;
BEGIN
    FOREACH name IN ARRAY empty LOOP
        EXECUTE format('DROP INDEX %s', name);
    END LOOP;
END $$;
COMMENT ON FUNCTION forget_story_profile_indexes IS 'Drops the indexes of periods that no story is in any more.';

DO $$
DECLARE
    used jsonb := (SELECT jsonb_agg(DISTINCT jsonb_build_object('model', model_id, 'period', period)) FROM story_profiles);
    pair record;
BEGIN
    FOR pair IN SELECT * FROM jsonb_to_recordset(used) AS pairs (model integer, period integer) LOOP
        PERFORM index_story_profiles(pair.model, pair.period);
    END LOOP;
END $$;

-- The heaviest terms of each article, as `heaviest` has them, under the week of its publication.
DROP TABLE story_terms;
CREATE TABLE story_terms (
    term     text NOT NULL,
    week     integer NOT NULL,
    story_id bigint NOT NULL REFERENCES stories ON DELETE CASCADE,
    count    integer NOT NULL,
    PRIMARY KEY (term, week, story_id)
);
INSERT INTO story_terms
SELECT heavy.term, floor(extract(epoch FROM a.published) / 604800)::integer, m.story_id, count(*)
FROM memberships m JOIN articles a ON a.id = m.article_id JOIN article_terms t ON t.article_id = a.id
CROSS JOIN LATERAL (SELECT key AS term FROM jsonb_each(t.weights)
                    ORDER BY value::double precision DESC, key COLLATE "C" LIMIT 16) heavy
WHERE m.until IS NULL AND m.story_id IN (SELECT story_id FROM story_profiles)
GROUP BY 1, 2, 3;
CREATE INDEX story_terms_story ON story_terms (story_id);
COMMENT ON TABLE story_terms IS
    'The heaviest terms of each living story''s articles, by the week since 1970: finds what the vectors cannot read.';
