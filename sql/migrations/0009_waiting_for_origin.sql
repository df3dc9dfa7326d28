-- What waits for its origin is found without a look at every article there ever was.
CREATE INDEX articles_uncopied ON articles (published, id) WHERE state = 'extracted' AND copies_at IS NULL;
