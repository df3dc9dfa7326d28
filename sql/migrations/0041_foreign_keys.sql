-- An index for each foreign key that had none: where a row ends or changes its key, Postgres looks for what points at
-- it, and read whole tables for that. Most are partial, as most rows point at nothing there.
CREATE INDEX article_topics_of_topic ON article_topics (topic);
CREATE INDEX digest_drops_of_story ON digest_drops (story_id);
CREATE INDEX entry_topics_of_topic ON entry_topics (topic);
CREATE INDEX gaps_of_feed ON gaps (feed_id);
CREATE INDEX memberships_of_article ON memberships (article_id, since);
CREATE INDEX memberships_of_model ON memberships (model_id) WHERE model_id IS NOT NULL;
CREATE INDEX memberships_of_story ON memberships (story_id);
CREATE INDEX overrides_of_article ON overrides (article_id);
CREATE INDEX overrides_of_story ON overrides (story_id);
CREATE INDEX review_words_of_story ON review_words (story_id);
CREATE INDEX stories_merged ON stories (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX story_events_of_article ON story_events (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX story_events_of_other ON story_events (other_id) WHERE other_id IS NOT NULL;
CREATE INDEX vectors_borrowed ON vectors (borrowed_from) WHERE borrowed_from IS NOT NULL;
CREATE INDEX vectors_of_model ON vectors (model_id);

-- Those of the log of requests said `kind`, which a foreign key does not ask by; now they serve it as well.
DROP INDEX fetches_feed;
DROP INDEX fetches_article;
CREATE INDEX fetches_feed ON fetches (feed_id, at DESC) WHERE feed_id IS NOT NULL;
CREATE INDEX fetches_article ON fetches (article_id, at DESC) WHERE article_id IS NOT NULL;
