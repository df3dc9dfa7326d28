-- Which model vectors are made with now: going back to an earlier revision of a model makes that one current again.
ALTER TABLE embedding_models ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN embedding_models.used_at IS 'When articles were last embedded with it; the latest of a name is the current one.';
