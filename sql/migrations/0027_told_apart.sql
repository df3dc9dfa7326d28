-- Reports of two events in one form of words are no copies, and no one story either, however alike they read.

CREATE TABLE told_apart (
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    other_id   bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    PRIMARY KEY (article_id, other_id),
    CHECK (article_id <> other_id)
);
CREATE INDEX told_apart_other ON told_apart (other_id);
COMMENT ON TABLE told_apart IS
    'Two articles that report two events in one form of words, told of both: they are never in one story, unless a person says so.';
COMMENT ON COLUMN told_apart.article_id IS 'The one article.';
COMMENT ON COLUMN told_apart.other_id IS 'The other, whose text shares the form of words but neither names nor numbers.';
