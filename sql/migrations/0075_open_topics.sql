-- A topic may have no end, and one that is over is not asked of every entry for ever.
COMMENT ON TABLE entry_topics IS
    'The verdict on an entry by its headline and summary: the terms found, the score, and the rule that decided. One row for each topic whose window holds the entry; where none does, one for each topic, by the rule window.';
COMMENT ON COLUMN topics.definition IS
    'The topic file as JSON: description, groups of terms, not, start and end of the window (UTC; end is null where the topic is ongoing), hour of the digest, the beginning of each seed document, weights.';
