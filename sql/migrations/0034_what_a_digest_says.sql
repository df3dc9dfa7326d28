-- What a digest says of a story beyond its headline, and of the digest that was published before it.
ALTER TABLE digest_items ADD COLUMN details jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN digest_items.details IS
    'sentences: the cited sentences of the summary, with article, outlet and address; first: who told the story first; grown: the sentence that is new in it; gloss: its headline as a machine translated it. Empty for digests drafted before version 0034.';
COMMENT ON COLUMN digest_items.status IS
    'new, grown, corrected or continuing beside the digest published before; developing in digests drafted before version 0034, for more articles.';

ALTER TABLE digests ADD COLUMN changes jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN digests.changes IS
    'since: the published digest that this one is compared with; ended: stories of that one that no article of the day tells on; corrections: articles of published digests that were corrected after it, with copies that still say the old.';
