-- What the pages ask of the rows by, beyond what the pipeline does.

CREATE INDEX digest_items_story ON digest_items (story_id);
CREATE INDEX article_topics_on ON article_topics (topic, article_id) WHERE on_topic;
CREATE INDEX articles_language ON articles (language);
CREATE INDEX entries_published ON entries (feed_id, published);
