-- A verdict names one of the rules that docs/topics.md explains; since 0.3 closeness may stand in for missing words.
ALTER TABLE entry_topics ADD CONSTRAINT entry_topics_rule
    CHECK (rule IN ('query+seed', 'query', 'seed', 'groups', 'elsewhere', 'window')) NOT VALID;
ALTER TABLE article_topics ADD CONSTRAINT article_topics_rule
    CHECK (rule IN ('query+seed', 'query', 'seed', 'groups', 'elsewhere', 'window', 'person')) NOT VALID;
COMMENT ON COLUMN entry_topics.rule IS
    'query+seed: words and closeness; query: words, the model does not read the language; seed: closeness, the topic has no terms in the language; groups: a required group is missing; elsewhere: [not] terms tipped it; window: published outside the topic''s days.';
COMMENT ON COLUMN article_topics.rule IS
    'As in entry_topics; person: somebody''s word.';
