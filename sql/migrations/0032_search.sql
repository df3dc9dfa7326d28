-- Search over all articles: their words in a table of their own, as the rows of articles change too often for an index
-- of this size; the nearest vectors of a model by an index of its own. Filling both takes about 2 minutes for 100,000
-- articles.

CREATE FUNCTION search_words(raw text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(regexp_replace(
    normalize(regexp_replace(normalize(lower(left(raw, 100000)), NFKD), U&'[\0300-\036F]+', '', 'g'), NFKC),
    U&'[\0001-\002F\003A-\0040\005B-\0060\007B-\00BF\2000-\206F\2190-\27BF\3000-\303F\FE30-\FE4F\FF00-\FF0F\FF1A-\FF20]+',
    ' ', 'g'),
    U&'([\0E00-\0EFF\1000-\109F\1780-\17FF\3040-\30FF\3400-\9FFF\AC00-\D7AF\F900-\FAFF])', ' \1 ', 'g');
COMMENT ON FUNCTION search_words IS
    'A text as search compares it: without case, accents and signs; of scripts without blanks, and of Korean, which joins its particles to words, each character is a word, so that a phrase of them finds any part.';

CREATE FUNCTION search_vector(title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector('pg_catalog.simple', search_words(coalesce(title, ''))), 'A')
    || setweight(to_tsvector('pg_catalog.simple', search_words(coalesce(body, ''))), 'D');
COMMENT ON FUNCTION search_vector IS 'The words of an article with their places, those of the title weighing more.';

CREATE FUNCTION search_query(wanted text[], unwanted text[]) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    piece text;
    asked tsquery := ''::tsquery;
    phrase tsquery;
BEGIN
    FOREACH piece IN ARRAY wanted LOOP
        phrase := phraseto_tsquery('pg_catalog.simple', search_words(piece));
        asked := CASE WHEN numnode(asked) = 0 THEN phrase WHEN numnode(phrase) = 0 THEN asked ELSE asked && phrase END;
    END LOOP;
    FOREACH piece IN ARRAY unwanted LOOP
        phrase := phraseto_tsquery('pg_catalog.simple', search_words(piece));
        IF numnode(phrase) > 0 AND numnode(asked) > 0 THEN asked := asked && !!phrase; END IF;
    END LOOP;
    RETURN asked;
END $$;
COMMENT ON FUNCTION search_query IS 'Every wanted phrase and no unwanted one; empty where nothing is wanted, which finds nothing.';

CREATE TABLE article_words (
    article_id bigint PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    words      tsvector NOT NULL
);
COMMENT ON TABLE article_words IS 'The words of title and text of each article, for search; kept by a trigger of articles.';
COMMENT ON COLUMN article_words.words IS 'As search_vector makes them.';
INSERT INTO article_words (article_id, words)
SELECT id, search_vector(title, text) FROM articles WHERE title IS NOT NULL OR text IS NOT NULL;
CREATE INDEX article_words_found ON article_words USING gin (words);

CREATE FUNCTION keep_article_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO article_words (article_id, words) VALUES (NEW.id, search_vector(NEW.title, NEW.text))
    ON CONFLICT (article_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$;
CREATE TRIGGER article_words_new AFTER INSERT ON articles
    FOR EACH ROW WHEN (NEW.title IS NOT NULL OR NEW.text IS NOT NULL) EXECUTE FUNCTION keep_article_words();
CREATE TRIGGER article_words_changed AFTER UPDATE OF title, text ON articles
    FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.text IS DISTINCT FROM NEW.text)
    EXECUTE FUNCTION keep_article_words();

CREATE FUNCTION index_vectors(model integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (
        SELECT format('CREATE INDEX IF NOT EXISTS %I ON vectors USING hnsw ((embedding::vector(%s)) vector_cosine_ops) '
                      'WHERE model_id = %s', format('vectors_near_%s', model), dimension, model)
        FROM embedding_models WHERE id = model);
END $$;
COMMENT ON FUNCTION index_vectors IS 'Makes the index that finds the nearest articles of a model: vectors of two models never meet.';
CREATE FUNCTION index_vectors_of_new() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM index_vectors(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER embedding_models_index AFTER INSERT ON embedding_models
    FOR EACH ROW EXECUTE FUNCTION index_vectors_of_new();
SELECT index_vectors(id) FROM embedding_models;
