-- One search for the pages, the terminal and SQL: words with their stems by language, meaning, and both ranks as one.
-- Articles of before get their stems by migration 0060, in steps; until then search finds them by their words as they stand.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE FUNCTION search_configuration(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE lower(split_part(language, '-', 1))
    WHEN 'ar' THEN 'pg_catalog.arabic'::regconfig WHEN 'ca' THEN 'pg_catalog.catalan'::regconfig
    WHEN 'da' THEN 'pg_catalog.danish'::regconfig WHEN 'de' THEN 'pg_catalog.german'::regconfig
    WHEN 'el' THEN 'pg_catalog.greek'::regconfig WHEN 'en' THEN 'pg_catalog.english'::regconfig
    WHEN 'es' THEN 'pg_catalog.spanish'::regconfig WHEN 'eu' THEN 'pg_catalog.basque'::regconfig
    WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig WHEN 'fr' THEN 'pg_catalog.french'::regconfig
    WHEN 'ga' THEN 'pg_catalog.irish'::regconfig WHEN 'hi' THEN 'pg_catalog.hindi'::regconfig
    WHEN 'hu' THEN 'pg_catalog.hungarian'::regconfig WHEN 'hy' THEN 'pg_catalog.armenian'::regconfig
    WHEN 'id' THEN 'pg_catalog.indonesian'::regconfig WHEN 'it' THEN 'pg_catalog.italian'::regconfig
    WHEN 'lt' THEN 'pg_catalog.lithuanian'::regconfig WHEN 'ne' THEN 'pg_catalog.nepali'::regconfig
    WHEN 'nl' THEN 'pg_catalog.dutch'::regconfig WHEN 'nb' THEN 'pg_catalog.norwegian'::regconfig
    WHEN 'nn' THEN 'pg_catalog.norwegian'::regconfig WHEN 'no' THEN 'pg_catalog.norwegian'::regconfig
    WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig WHEN 'ro' THEN 'pg_catalog.romanian'::regconfig
    WHEN 'ru' THEN 'pg_catalog.russian'::regconfig WHEN 'sr' THEN 'pg_catalog.serbian'::regconfig
    WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig WHEN 'ta' THEN 'pg_catalog.tamil'::regconfig
    WHEN 'tr' THEN 'pg_catalog.turkish'::regconfig WHEN 'yi' THEN 'pg_catalog.yiddish'::regconfig END;
COMMENT ON FUNCTION search_configuration IS
    'The text search configuration of a language (ISO 639-1, a region after it ignored) that stems its words; null where Postgres 16 has none.';

CREATE FUNCTION search_stems(raw text, language text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN search_configuration(language) IS NULL THEN '{}'::text[] ELSE ARRAY(
    SELECT DISTINCT stem FROM regexp_split_to_table(search_words(array_to_string(tsvector_to_array(
        to_tsvector(search_configuration(language), lower(left(raw, 100000)))), ' ')), ' +') AS said (stem)
    WHERE stem <> '' AND length(stem) < 100) END;
COMMENT ON FUNCTION search_stems IS
    'The stems of a text''s words in its language, folded as search_words folds; words that tell nothing (the, and) have none.';

DROP FUNCTION search_query(text[], text[]);
CREATE FUNCTION search_vector(title text, body text, language text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_vector(title, body) || array_to_tsvector(ARRAY(
    SELECT stem || '/' || lower(split_part(language, '-', 1))
    FROM unnest(search_stems(coalesce(title, '') || ' ' || coalesce(body, ''), language)) stem));
COMMENT ON FUNCTION search_vector(text, text, text) IS
    'As search_vector of title and body, with the stems of its words under its language, as in treati/en.';

COMMENT ON COLUMN article_words.words IS 'As search_vector makes them of title, text and language.';

CREATE OR REPLACE FUNCTION keep_article_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO article_words (article_id, words) VALUES (NEW.id, search_vector(NEW.title, NEW.text, NEW.language))
    ON CONFLICT (article_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_article_words IS 'Keeps article_words as title, text and language of an article change.';
DROP TRIGGER article_words_changed ON articles;
CREATE TRIGGER article_words_changed AFTER UPDATE OF title, text, language ON articles
    FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.text IS DISTINCT FROM NEW.text
                       OR OLD.language IS DISTINCT FROM NEW.language)
    EXECUTE FUNCTION keep_article_words();

CREATE FUNCTION search_pieces(question text)
RETURNS TABLE (place bigint, piece text, unwanted boolean, phrase boolean, prefix boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT nth, coalesce(found[2], rtrim(found[3], '*')), found[1] IS NOT NULL, found[2] IS NOT NULL,
           found[3] LIKE '_%*'
    FROM regexp_matches(left(question, 1000), '((?<!\S)-)?(?:"([^"]*)"?|([^\s"]+))', 'g') WITH ORDINALITY AS m (found, nth)
    WHERE nth <= 32
$$;
COMMENT ON FUNCTION search_pieces IS
    'The words and quoted phrases of a question, at most 32: a minus before one makes it unwanted, a star after one the beginning of a word.';

CREATE FUNCTION search_term(piece text, phrase boolean, prefix boolean, languages text[] DEFAULT '{}') RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN numnode(plain) = 0 THEN NULL
                WHEN prefix THEN (plain::text || ':*')::tsquery
                WHEN phrase OR numnode(plain) > 1 THEN plain
                ELSE (SELECT (plain::text || coalesce(string_agg(format(' | ''%s/%s''', stem, language), ''), ''))::tsquery
                      FROM unnest(languages) AS language, unnest(search_stems(piece, language)) AS stem) END
    FROM (SELECT phraseto_tsquery('pg_catalog.simple', search_words(piece)) AS plain OFFSET 0) said
$$;
COMMENT ON FUNCTION search_term IS
    'What article_words are asked by for a piece of a question: a word in any form that shares its stem in a language, a phrase or a beginning as it stands; null where it has no letters.';

CREATE FUNCTION languages_there() RETURNS TABLE (language text) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE found AS (
        (SELECT a.language FROM articles a WHERE a.language IS NOT NULL ORDER BY a.language LIMIT 1)
        UNION ALL
        SELECT (SELECT a.language FROM articles a WHERE a.language > f.language ORDER BY a.language LIMIT 1)
        FROM found f WHERE f.language IS NOT NULL)
    SELECT f.language FROM found f WHERE f.language IS NOT NULL
$$;
COMMENT ON FUNCTION languages_there IS
    'Each language of the articles once, by a walk along the index that skips from one to the next.';

CREATE FUNCTION search_asked(question text) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (string_agg('(' || term || ')', ' & ' ORDER BY place) FILTER (WHERE NOT unwanted)
            || coalesce(string_agg(' & !(' || term || ')', '' ORDER BY place) FILTER (WHERE unwanted), ''))::tsquery
    FROM (SELECT place, unwanted, search_term(piece, phrase, prefix, spoken.languages)::text AS term
          FROM search_pieces(question), (
              SELECT array_agg(DISTINCT lower(split_part(language, '-', 1))) AS languages FROM languages_there()
              WHERE search_configuration(language) IS NOT NULL) spoken) said
    WHERE term IS NOT NULL
$$;
COMMENT ON FUNCTION search_asked IS
    'What article_words are asked by: every word in any form that shares its stem, every phrase and beginning as it stands, nothing unwanted; null where nothing is wanted.';

CREATE FUNCTION search_snippet(body text, language text, question text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    configuration regconfig := coalesce(search_configuration(language), 'pg_catalog.simple');
    said text := translate(left(body, 20000), '⟦⟧', '[]');
    pieces text[] := ARRAY(SELECT p.piece FROM search_pieces(question) p WHERE NOT p.unwanted AND p.piece <> '' ORDER BY place);
    sought tsquery;
    each text;
    at integer;
BEGIN
    IF said IS NULL THEN RETURN NULL; END IF;
    IF lower(split_part(language, '-', 1)) IN ('ja', 'km', 'ko', 'lo', 'my', 'th', 'zh') THEN
        -- The parser of Postgres takes a run of such signs for one word, so its headline would find nothing.
        at := coalesce((SELECT min(strpos(lower(said), lower(p))) FROM unnest(pieces) p WHERE strpos(lower(said), lower(p)) > 0), 1);
        said := CASE WHEN at > 31 THEN '…' ELSE '' END || substr(said, greatest(1, at - 30), 140);
        FOREACH each IN ARRAY pieces LOOP said := replace(said, each, '⟦' || each || '⟧'); END LOOP;
        RETURN said;
    END IF;
    SELECT string_agg('(' || term || ')', ' | ')::tsquery INTO sought
    FROM (SELECT phraseto_tsquery(configuration, p)::text AS term FROM unnest(pieces) p) said WHERE term <> '';
    RETURN ts_headline(configuration, said, coalesce(sought, plainto_tsquery('')),
        'StartSel="⟦", StopSel="⟧", MaxFragments=2, MaxWords=24, MinWords=10, FragmentDelimiter=" … "');
END $$;
COMMENT ON FUNCTION search_snippet IS
    'Where a text has what was asked: up to two stretches, found words between ⟦ and ⟧; of the first 20,000 characters, and its beginning where none has them.';
