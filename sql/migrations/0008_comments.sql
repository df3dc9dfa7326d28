-- What a column means, for whoever reads it in psql (\d+ articles). Nothing but comments changes; 'per' says a rate.

COMMENT ON TABLE feeds IS 'One row per feed: who publishes it, how its polling stands, when it is asked next.';
COMMENT ON COLUMN feeds.outlet IS 'Who publishes it; an outlet may have several feeds.';
COMMENT ON COLUMN feeds.ownership IS 'Who owns the outlet: state, public, private, or agency for a news agency.';
COMMENT ON COLUMN feeds.state IS 'active; paused: failed for long and is asked rarely; retired: asked no more.';
COMMENT ON COLUMN feeds.leased_until IS 'Until when a worker has claimed the row; after that another may.';

COMMENT ON TABLE articles IS 'One row per page: the newest text, where each field came from, and how far it got.';
COMMENT ON COLUMN articles.canonical_url IS 'The address that a reader may click, without tracking parameters.';
COMMENT ON COLUMN articles.state IS
    'pending: the page is to be fetched; extracted: there is a text; failed: there will be none, see reason.';
COMMENT ON COLUMN articles.reason IS 'Why the last try gave no article; detail says more.';
COMMENT ON COLUMN articles.next_try_at IS 'When a pending page is tried again.';
COMMENT ON COLUMN articles.published_rule IS 'Where the time of publication was found.';
COMMENT ON COLUMN articles.text_source IS 'page, or feed where the page gave no text; text_reason then says why.';
COMMENT ON COLUMN articles.kind IS 'article, teaser (only the beginning is free to read), or liveblog.';
COMMENT ON COLUMN articles.revision IS 'The number of its wording: 1 as first read, one more with each change.';
COMMENT ON COLUMN articles.next_refetch_at IS 'When a young article is looked at again for corrections.';
COMMENT ON COLUMN articles.copies_at IS 'When its origin was looked for.';
COMMENT ON COLUMN articles.embedded_at IS 'When it got its vector and its verdict on the full text.';
COMMENT ON COLUMN articles.clustered_at IS 'When it got its story.';
COMMENT ON TABLE article_revisions IS
    'Each wording of an article, the newest too; kind says how much it changed, diff what.';

COMMENT ON TABLE entries IS 'One row per item of a feed; the same page in two feeds is two entries and one article.';
COMMENT ON COLUMN entries.key IS
    'What the item is known by within its feed: its id, else its address, else a hash of its text.';
COMMENT ON COLUMN entries.published_rule IS
    'Where the time came from: published, updated, url; else why it is the first sighting''s.';
COMMENT ON COLUMN entries.problems IS 'What had to be assumed or mended to read it.';
COMMENT ON COLUMN entries.absent_since IS 'Since when the feed lists it no more.';
COMMENT ON COLUMN entries.returned IS 'How often it came back after it was gone.';
COMMENT ON TABLE entry_topics IS
    'The verdict on an entry by its headline and summary: the terms found, the score, and the rule that decided.';

COMMENT ON TABLE copies IS 'article_id is a syndicated copy of origin_id.';
COMMENT ON COLUMN copies.containment IS 'The share of the copy''s text that stands in the origin, 0 to 1.';
COMMENT ON COLUMN copies.resemblance IS 'What both texts share, of all that stands in either, 0 to 1 (Jaccard).';
COMMENT ON COLUMN copies.rule IS 'What named the origin: canonical, source, agency-line, or earliest.';
COMMENT ON TABLE vectors IS 'One vector per article and model.';
COMMENT ON COLUMN vectors.borrowed_from IS 'The origin whose vector a copy uses; null where the vector is its own.';

COMMENT ON COLUMN memberships.until IS 'When the article left the story; null while it is in it.';
COMMENT ON COLUMN memberships.score IS 'Log odds that article and story are one development, as decided then.';
COMMENT ON COLUMN memberships.threshold IS 'The score that had to be reached.';
COMMENT ON COLUMN memberships.actor IS 'pipeline, or the person who decided.';
COMMENT ON TABLE story_events IS
    'What happened to a story: opened, merged, split, moved, or decided by a person; with the reason.';

COMMENT ON TABLE digests IS 'One row per topic, day and version of the draft.';
COMMENT ON COLUMN digests.state IS
    'draft: waits for a person; published; rejected; superseded: a newer version took its place.';
COMMENT ON TABLE digest_items IS 'One row per story of a digest, as it was drafted.';
COMMENT ON COLUMN digest_items.status IS
    'new; developing: more articles than in the digest before; continuing: not more.';
COMMENT ON COLUMN digest_items.independent IS 'Outlets that told it in a text of their own: a copy confirms nothing.';

COMMENT ON VIEW feed_health IS 'One row per feed: state, pace, share of repeats, failures, gaps, next try.';
COMMENT ON VIEW source_health IS
    'One row per outlet: what its pages gave, how much of it was copied, what went wrong most.';
COMMENT ON VIEW story_overview IS
    'One row per living story: size, outlets, independent outlets (those with a text of their own), headline.';
