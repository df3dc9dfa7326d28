-- Whether every article has its vector was asked every few minutes, by all articles and all vectors: 2 s of a million. It
-- is so once for all as long as no other model makes vectors, so the answer is kept.
ALTER TABLE public.embedding_models ADD COLUMN complete boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN public.embedding_models.complete IS
    'Whether every article that was ever embedded has its vector; false again as soon as another model makes one for an article without. Whoever deletes vectors by hand sets it to false.';

CREATE FUNCTION public.note_other_model() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.embedding_models m SET complete = false
    WHERE m.complete AND EXISTS (
        SELECT 1 FROM made WHERE made.model_id <> m.id
          AND NOT EXISTS (SELECT 1 FROM public.vectors v WHERE v.article_id = made.article_id AND v.model_id = m.id));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION public.note_other_model IS 'Keeps embedding_models.complete: a vector of one model is of an article that may have none of another.';
CREATE TRIGGER other_model AFTER INSERT ON public.vectors REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION public.note_other_model();
