-- What every table and column is, with its unit, who writes it, and what null means. Nothing but comments changes: it is
-- quick on any database and may run again. tests/db/test_comments.py finds what has none.

COMMENT ON SCHEMA public IS
    'The working tables of Wirewatch, written by the pipeline. Ask the views and functions of the schema wirewatch first; docs/schema.md lists both.';

-- What is watched.

COMMENT ON TABLE public.schema_migrations IS 'Which migrations of sql/migrations this database has; written by wirewatch db migrate.';
COMMENT ON COLUMN public.schema_migrations.number IS 'The number at the beginning of the file''s name.';
COMMENT ON COLUMN public.schema_migrations.name IS 'The rest of the file''s name.';
COMMENT ON COLUMN public.schema_migrations.applied_at IS 'When it ran, by the database''s clock.';

COMMENT ON TABLE public.topics IS 'One row per topic file of the desk, as each collection and draft last read it.';
COMMENT ON COLUMN public.topics.slug IS 'The name of its file without .toml; what other tables call the topic by.';
COMMENT ON COLUMN public.topics.name IS 'Its name for people.';
COMMENT ON COLUMN public.topics.definition IS
    'The content of its file: description, terms by group, not (what speaks against it), start, end, hour of the digest, the first 200 characters of each seed document, weights.';
COMMENT ON COLUMN public.topics.digest_zone IS 'The time zone of its days, an IANA name such as Asia/Pyongyang.';
COMMENT ON COLUMN public.topics.updated_at IS 'When definition or name last changed, by the database''s clock.';

COMMENT ON COLUMN public.feeds.id IS 'Number of the feed; given when it is added.';
COMMENT ON COLUMN public.feeds.url IS 'Where it is asked for; a feed that moved for good has its new address here.';
COMMENT ON COLUMN public.feeds.title IS 'What the feed list or else the feed calls itself; empty where neither did.';
COMMENT ON COLUMN public.feeds.home_url IS 'The outlet''s home page, from the feed list or else the feed; null where neither names one.';
COMMENT ON COLUMN public.feeds.format IS 'rss2, rss1, rss0, atom, json or sitemap, as its last readable document was; null until one was read.';
COMMENT ON COLUMN public.feeds.country IS 'The outlet''s country, ISO 3166-1 alpha-2, or EU or UN, from the feed list; null where that names none.';
COMMENT ON COLUMN public.feeds.language IS 'The language of its texts, BCP 47, from the feed list; null where that names none.';
COMMENT ON COLUMN public.feeds.tags IS 'Words of the feed list to group feeds by; empty where there are none.';
COMMENT ON COLUMN public.feeds.state_reason IS 'Why it is paused or retired; null while it is active.';
COMMENT ON COLUMN public.feeds.poll_state IS
    'What its polling remembers: interval (seconds), validators, body_hash, times of its newest entries, failures and since when, moves. What is empty is left out; {} before the first poll.';
COMMENT ON COLUMN public.feeds.next_poll_at IS 'When it is due next; the year 1970 means at once.';
COMMENT ON COLUMN public.feeds.leased_by IS
    'Which owner has claimed the row (living_owners); null while none has. The row is free at once where that one is gone.';
COMMENT ON COLUMN public.feeds.last_polled_at IS
    'The latest moment it was asked as of, the capture''s in a backfill; null before the first.';
COMMENT ON COLUMN public.feeds.last_new_at IS 'When an entry was last new; null where none was yet.';
COMMENT ON COLUMN public.feeds.added_at IS 'When the row was made, by the database''s clock.';

COMMENT ON COLUMN public.hosts.host IS 'The host.';
COMMENT ON COLUMN public.hosts.next_request_at IS 'From when on it may be asked again, by the database''s clock; maintenance deletes the row a day later.';

COMMENT ON COLUMN public.robots.origin IS 'Scheme and host, as in https://outlet.example.';
COMMENT ON COLUMN public.robots.status IS 'The HTTP status of the answer, after redirects.';
COMMENT ON COLUMN public.robots.text IS 'The rules as answered; empty where the status gives none.';
COMMENT ON COLUMN public.robots.fetched IS 'When it was asked for.';
COMMENT ON COLUMN public.robots.expires IS 'When it has to be asked for again.';

-- What feeds said.

COMMENT ON COLUMN public.entries.id IS 'Number of the entry.';
COMMENT ON COLUMN public.entries.feed_id IS 'The feed that listed it.';
COMMENT ON COLUMN public.entries.guid IS 'The id that the feed gave it; null where it gave none.';
COMMENT ON COLUMN public.entries.url IS 'The address it links to, as the feed wrote it; null where there is none that can be asked for.';
COMMENT ON COLUMN public.entries.canonical_url IS 'That address without tracking parameters; null where url is.';
COMMENT ON COLUMN public.entries.title IS 'Its headline as plain text, of the newest wording; empty where it had none.';
COMMENT ON COLUMN public.entries.text IS 'Its content or summary as plain text, of the newest wording; empty where it had none.';
COMMENT ON COLUMN public.entries.summary_html IS 'Its summary as markup, as it came; empty where it had none or retention has taken it.';
COMMENT ON COLUMN public.entries.content_html IS 'Its content as markup, as it came; empty where it had none or retention has taken it.';
COMMENT ON COLUMN public.entries.authors IS 'The names that the feed gives; empty where it gives none.';
COMMENT ON COLUMN public.entries.language IS 'BCP 47, from the entry or its feed''s document; null where neither says.';
COMMENT ON COLUMN public.entries.tags IS 'The categories that the feed gives; empty where it gives none.';
COMMENT ON COLUMN public.entries.image IS 'Address of its picture; null where it has none.';
COMMENT ON COLUMN public.entries.source_name IS 'Whose text it is, where the feed names another source; null where it does not.';
COMMENT ON COLUMN public.entries.source_url IS 'Address of that source; null where none is given.';
COMMENT ON COLUMN public.entries.published IS
    'When it was published, by the feed; where that is not known, the moment of the first sighting (see published_rule).';
COMMENT ON COLUMN public.entries.first_seen_at IS 'The moment of the earliest document that held it, the capture''s in a backfill.';
COMMENT ON COLUMN public.entries.last_seen_at IS 'The moment of the latest document that held it.';
COMMENT ON COLUMN public.entries.absent_since IS 'Since when the feed lists it no more; null while it does.';
COMMENT ON COLUMN public.entries.revision IS 'How often its wording or date changed since it was first seen; entry_revisions has what was before.';
COMMENT ON COLUMN public.entries.article_id IS 'The article of its page; null while it is on no topic, or not judged.';
COMMENT ON COLUMN public.entries.matched_at IS 'When headline and summary were judged for every topic; null while that is to come, as after an edit.';

COMMENT ON COLUMN public.entry_revisions.entry_id IS 'Whose former wording it is.';
COMMENT ON COLUMN public.entry_revisions.seen_at IS 'The moment of the document that first said otherwise: until then it said this.';
COMMENT ON COLUMN public.entry_revisions.changed IS 'What that document changed: title, text, published.';
COMMENT ON COLUMN public.entry_revisions.title IS 'The headline until then.';
COMMENT ON COLUMN public.entry_revisions.text IS 'The plain text until then.';
COMMENT ON COLUMN public.entry_revisions.published IS 'The publication time until then.';
COMMENT ON COLUMN public.entry_revisions.published_rule IS
    'Which rule gave the date of this wording; first-seen: the feed gave none. Null for revisions of before it was kept.';

COMMENT ON COLUMN public.feed_documents.feed_id IS 'Whose document it is.';

COMMENT ON COLUMN public.fetches.id IS 'Number of the request.';
COMMENT ON COLUMN public.fetches.at IS 'The moment of the run that asked; in a backfill the past moment that is worked as of.';
COMMENT ON COLUMN public.fetches.as_of IS 'The past moment that a web archive was asked for; null where the live web was.';
COMMENT ON COLUMN public.fetches.captured IS 'When the archive had captured its answer; null where the live web was asked, or no answer came.';
COMMENT ON COLUMN public.fetches.kind IS 'feed or page.';
COMMENT ON COLUMN public.fetches.feed_id IS 'The feed that was asked; null where a page was.';
COMMENT ON COLUMN public.fetches.article_id IS 'The article whose page was asked for; null where a feed was.';
COMMENT ON COLUMN public.fetches.url IS 'The address that was asked.';
COMMENT ON COLUMN public.fetches.status IS 'The last HTTP status, after redirects; null where the request ended without a document.';
COMMENT ON COLUMN public.fetches.outcome IS
    'ok; not-modified; unchanged (the same bytes again) or empty (no entry), of feeds; else why it failed, as http-404, timeout-read, robots, internal.';
COMMENT ON COLUMN public.fetches.detail IS 'What there is to say of a failure, for people; null where there is nothing.';
COMMENT ON COLUMN public.fetches.bytes IS 'Bytes of the answer''s body as they came over the wire, compressed where they were; 0 where none came.';
COMMENT ON COLUMN public.fetches.elapsed IS 'Seconds from the request to the end of the answer; 0 where none came.';
COMMENT ON COLUMN public.fetches.entries IS 'Entries in the document; null where a page was asked, or no new document was read.';
COMMENT ON COLUMN public.fetches.new_entries IS 'Of these, entries that were not known; null where a page was asked, or our own code failed.';

COMMENT ON COLUMN public.gaps.id IS 'Number of the gap.';
COMMENT ON COLUMN public.gaps.feed_id IS 'The feed that showed nothing of it.';
COMMENT ON COLUMN public.gaps.seen_at IS 'The moment of the document that showed it.';
COMMENT ON COLUMN public.gaps.since IS 'The newest publication time that was known before.';
COMMENT ON COLUMN public.gaps.until IS 'The oldest publication time in that document.';

COMMENT ON COLUMN public.subscriptions.feed_id IS 'The feed that names the hub.';
COMMENT ON COLUMN public.subscriptions.hub_url IS 'The address of the hub, as the feed or its answer names it.';
COMMENT ON COLUMN public.subscriptions.asked_at IS 'When the hub was last asked; null before.';
COMMENT ON COLUMN public.subscriptions.lease_until IS 'Until when the hub agreed to push; null where it has not agreed, or refused.';
COMMENT ON COLUMN public.subscriptions.reason IS
    'Why the hub refused or could not be asked, or what was wrong with its last push; null where nothing was.';
COMMENT ON COLUMN public.subscriptions.pushed_at IS 'When a push of it was last read; null before the first.';
COMMENT ON COLUMN public.subscriptions.pushes IS 'How many pushes of it were read.';
COMMENT ON COLUMN public.left_subscriptions.hub_url IS 'As subscriptions.hub_url.';
COMMENT ON COLUMN public.left_subscriptions.topic_url IS 'As subscriptions.topic_url.';
COMMENT ON COLUMN public.left_subscriptions.reason IS 'Why it could not be asked; null where it could, or was not yet.';
COMMENT ON COLUMN public.pushes.id IS 'Number of the push.';
COMMENT ON COLUMN public.pushes.feed_id IS 'The feed that it is of.';
COMMENT ON COLUMN public.pushes.received_at IS 'When it came.';
COMMENT ON COLUMN public.pushes.content_type IS 'The media type that the hub named; null where it named none.';
COMMENT ON COLUMN public.pushes.body IS 'The document, byte for byte.';

-- What topics are asked.

COMMENT ON COLUMN public.entry_topics.entry_id IS 'The entry that was judged.';
COMMENT ON COLUMN public.entry_topics.topic IS 'topics.slug';
COMMENT ON COLUMN public.entry_topics.on_topic IS 'The verdict on headline and summary; where it is true, the page is fetched.';
COMMENT ON COLUMN public.entry_topics.terms IS 'The first term that was found of each group, and the one that spoke against it with a minus.';
COMMENT ON COLUMN public.entry_topics.similarity IS
    'Cosine to the nearest seed document, -1 to 1; null where it could not decide, or the model does not read the language.';
COMMENT ON COLUMN public.entry_topics.score IS 'What words and closeness add up to, in the topic''s weights.';
COMMENT ON COLUMN public.entry_topics.threshold IS 'The score that had to be reached.';
COMMENT ON COLUMN public.entry_topics.model IS 'embedding_models.name of the model that closeness is measured with; null in no row that the pipeline writes.';
COMMENT ON COLUMN public.entry_topics.decided_at IS 'The moment of the run that judged.';
COMMENT ON COLUMN public.article_topics.article_id IS 'The article that was judged.';
COMMENT ON COLUMN public.article_topics.topic IS 'topics.slug';
COMMENT ON COLUMN public.article_topics.on_topic IS 'The verdict on the full text: whether stories and digests of the topic take it.';
COMMENT ON COLUMN public.article_topics.terms IS 'As entry_topics.terms, of the full text; where a person overruled, those of before.';
COMMENT ON COLUMN public.article_topics.similarity IS
    'Cosine to the nearest seed document, -1 to 1; null where the model does not read the language, or a person judged first.';
COMMENT ON COLUMN public.article_topics.score IS 'As entry_topics.score; 1 where a person judged first.';
COMMENT ON COLUMN public.article_topics.threshold IS 'The score that had to be reached; 0 where a person judged first.';
COMMENT ON COLUMN public.article_topics.model IS
    'embedding_models.name of the model that closeness is measured with; null where a person judged first.';
COMMENT ON COLUMN public.article_topics.actor IS 'pipeline, or the person whose word it is.';
COMMENT ON COLUMN public.article_topics.decided_at IS 'The moment of the run that judged, or of the person''s word.';

-- What pages gave.

COMMENT ON COLUMN public.articles.id IS 'Number of the article.';
COMMENT ON COLUMN public.articles.url IS 'The address that is asked for, that of the entry that first led to it; empty where that had none.';
COMMENT ON COLUMN public.articles.outlet IS 'feeds.outlet of the feed that first led to it.';
COMMENT ON COLUMN public.articles.country IS 'feeds.country of the feed that first led to it; null where that names none.';
COMMENT ON COLUMN public.articles.ownership IS
    'feeds.ownership of the feed that first led to it: state, public, private or agency; null where it is not known.';
COMMENT ON COLUMN public.articles.reason IS 'Why the last try gave no article, as a code; null where no try failed since the newest text, or none was made.';
COMMENT ON COLUMN public.articles.detail IS 'What there is to say of reason, for people; null where there is nothing.';
COMMENT ON COLUMN public.articles.attempts IS 'How often its page was asked for, later looks included; what our own code failed on does not count.';
COMMENT ON COLUMN public.articles.leased_by IS
    'Which owner has claimed the row (living_owners); null while none has. The row is free at once where that one is gone.';
COMMENT ON COLUMN public.articles.first_seen_at IS 'The moment at which a feed first showed it, the capture''s in a backfill.';
COMMENT ON COLUMN public.articles.title IS 'The headline of the newest wording; null until there is a text.';
COMMENT ON COLUMN public.articles.text IS 'The plain text of the newest wording, a line for each paragraph; null until there is one.';
COMMENT ON COLUMN public.articles.authors IS 'Names of the writers (see author_rule); empty where none was found.';
COMMENT ON COLUMN public.articles.published IS
    'When it was published (see published_rule and published_precision); null until there is a text.';
COMMENT ON COLUMN public.articles.published_rule IS
    'Where the time of publication was found: json-ld, meta, url, feed, headline, script, text; updated where the page names only the day of a change; first-seen where nowhere; null until there is a text.';
COMMENT ON COLUMN public.articles.language IS
    'The language of the text, the first part of its BCP 47 tag; null where it is not known, or there is no text yet.';
COMMENT ON COLUMN public.articles.language_rule IS
    'script; agreed (page or feed and detector); detected; declared (by the page); feed; missing; null until there is a text.';
COMMENT ON COLUMN public.articles.author_rule IS
    'Where authors were found: json-ld, meta, markup, feed, byline; desk where the newsroom alone is credited; missing; null until there is a text.';
COMMENT ON COLUMN public.articles.section IS 'The section that the page names; null where it names none.';
COMMENT ON COLUMN public.articles.image IS 'Address of its main picture; null where it names none.';
COMMENT ON COLUMN public.articles.site_name IS 'What the page calls its site; null where it does not say.';
COMMENT ON COLUMN public.articles.text_source IS
    'page, or feed where the page gave no text (text_reason then says why); null until there is a text.';
COMMENT ON COLUMN public.articles.text_reason IS
    'Why the feed''s text stands in place of the page''s, as a code such as http-403, no-text or shared-link; null where the page''s stands.';
COMMENT ON COLUMN public.articles.text_detail IS
    'What on the page made the feed''s text stand, for people; null where nothing on it did. text_reason is its code.';
COMMENT ON COLUMN public.articles.kind IS
    'article, teaser (only the beginning is free to read), liveblog, or roundup (several subjects; in no story); null until there is a text.';
COMMENT ON COLUMN public.articles.words IS
    'Words of the text; two characters of Japanese, Chinese or Thai count as one. Null until there is a text.';
COMMENT ON COLUMN public.articles.revision IS 'The number of its wording: 1 as first read, one more with each change; 0 until there is a text.';
COMMENT ON COLUMN public.articles.body_hash IS
    'BLAKE2b hash, 16 bytes, of the page that the text is of; null where the page gave no answer, or is to be read anew.';
COMMENT ON COLUMN public.articles.etag IS 'The page''s ETag, sent with the next request; null where it gave none.';
COMMENT ON COLUMN public.articles.last_modified IS 'The page''s Last-Modified, as it wrote it; null where it gave none.';
COMMENT ON COLUMN public.articles.page_text IS
    'Hash of the letters of the text that the page gave, also where the feed''s text stands in for it; what two addresses of an outlet share is a notice unless each answers its feed. Null where the page gave none.';
COMMENT ON COLUMN public.articles.extracted_at IS 'The moment of the run that wrote the newest text; null until there is one.';
COMMENT ON COLUMN public.articles.next_refetch_at IS
    'When a young article is looked at again for corrections; null where that is over, or there is no text.';
COMMENT ON COLUMN public.articles.copies_at IS 'When its origin was looked for; null while that is to come, as after a change of its text.';
COMMENT ON COLUMN public.articles.embedded_at IS
    'When it got its vector and its verdict on the full text; null while that is to come, as after a change of its text.';
COMMENT ON COLUMN public.articles.clustered_at IS
    'When it got its story, or was found to be of none: of no topic, or a round-up; null while that is to come.';

COMMENT ON COLUMN public.article_revisions.article_id IS 'Whose wording it is.';
COMMENT ON COLUMN public.article_revisions.revision IS 'From 1, by time; the highest is the article''s own.';
COMMENT ON COLUMN public.article_revisions.seen_at IS 'The moment at which it was first read.';
COMMENT ON COLUMN public.article_revisions.kind IS
    'first; correction (the outlet says so); update (it tells more or other things); minor (at least 99 % of the words stay, and all facts).';
COMMENT ON COLUMN public.article_revisions.title IS 'Its headline.';
COMMENT ON COLUMN public.article_revisions.text IS 'Its plain text.';
COMMENT ON COLUMN public.article_revisions.diff IS 'What changed from the wording before, as a unified diff by paragraphs; null for the first.';

COMMENT ON COLUMN public.article_words.article_id IS 'The article whose words they are.';

COMMENT ON COLUMN public.glosses.original IS 'The headline as it stands.';
COMMENT ON COLUMN public.glosses.source IS 'Its language, BCP 47.';
COMMENT ON COLUMN public.glosses.target IS 'The language of the gloss, BCP 47.';
COMMENT ON COLUMN public.glosses.service IS 'Name of the translation service.';
COMMENT ON COLUMN public.glosses.gloss IS 'What it answered.';
COMMENT ON COLUMN public.glosses.made_at IS 'The moment of the draft that asked.';

-- Copies and vectors.

COMMENT ON COLUMN public.copy_keys.key IS 'Hash of a run of words of the text, chosen so that texts which share enough words in a row share one.';
COMMENT ON COLUMN public.copy_keys.article_id IS 'The article whose text has it.';
COMMENT ON COLUMN public.copy_keys.published IS 'articles.published of that article; keys past the retention are deleted.';
COMMENT ON COLUMN public.copies.article_id IS 'The copy.';
COMMENT ON COLUMN public.copies.origin_id IS 'Whose text it is.';
COMMENT ON COLUMN public.copies.decided_at IS 'The moment of the run that last said so.';

COMMENT ON COLUMN public.embedding_models.id IS 'Number of the model''s revision.';
COMMENT ON COLUMN public.embedding_models.name IS 'Name of the model.';
COMMENT ON COLUMN public.embedding_models.revision IS 'Its revision: another one is another model, and embeds everything anew.';
COMMENT ON COLUMN public.embedding_models.dimension IS 'Numbers in each of its vectors.';
COMMENT ON COLUMN public.embedding_models.languages IS 'First parts of the BCP 47 tags of the languages that it reads.';
COMMENT ON COLUMN public.embedding_models.parameters IS
    'The weights and thresholds of the story decisions that were fitted to it (wirewatch calibrate); {} where the packaged ones hold.';
COMMENT ON COLUMN public.embedding_models.added_at IS 'When the row was made, by the database''s clock.';

COMMENT ON COLUMN public.vectors.article_id IS 'The article that it stands for.';
COMMENT ON COLUMN public.vectors.model_id IS 'The model that made it.';
COMMENT ON COLUMN public.vectors.embedding IS 'The vector, of unit length, of embedding_models.dimension numbers.';
COMMENT ON COLUMN public.vectors.revision IS 'articles.revision of the wording that it is of.';

-- Stories.

COMMENT ON COLUMN public.stories.id IS 'Number of the story; it stays as the story grows.';
COMMENT ON COLUMN public.stories.opened_at IS 'The moment of the run that opened it.';
COMMENT ON COLUMN public.stories.merged_into IS 'The living story that took it in; null while it stands for itself.';
COMMENT ON COLUMN public.stories.first_published IS 'The earliest articles.published of its articles.';
COMMENT ON COLUMN public.stories.last_published IS 'The latest articles.published of its articles.';

COMMENT ON COLUMN public.memberships.id IS 'Number of the membership.';
COMMENT ON COLUMN public.memberships.article_id IS 'The article.';
COMMENT ON COLUMN public.memberships.story_id IS 'The story.';
COMMENT ON COLUMN public.memberships.since IS 'The moment of the run, or of the person''s word, that put it there; in a backfill the past moment that is worked as of.';
COMMENT ON COLUMN public.memberships.score IS
    'How probably article and story are one development, 0 to 1, as decided then; 1 where it came with its origin or by a person, 0 where there was nothing to compare with.';
COMMENT ON COLUMN public.memberships.threshold IS
    'What the score had to reach, on the same scale; a score below it opened the story, or split it off another.';
COMMENT ON COLUMN public.memberships.model_id IS 'Whose vectors were compared; null in no row that the pipeline writes.';
COMMENT ON COLUMN public.memberships.features IS
    'runner_up: the story that came second, or the best one that fell short where it opened a story of its own. {} where there was none.';

COMMENT ON COLUMN public.story_events.id IS 'Number of the event.';
COMMENT ON COLUMN public.story_events.at IS 'The moment of the run, or of the person''s word.';
COMMENT ON COLUMN public.story_events.kind IS
    'open; merge (other_id went into story_id); split (other_id came out of story_id); move (from other_id to story_id); must-link (article_id was put into story_id by a person''s word, other_id where it came from if the pipeline carried that out); not-topic (a person took article_id off a topic).';
COMMENT ON COLUMN public.story_events.story_id IS 'The story that it happened to, as kind says.';
COMMENT ON COLUMN public.story_events.other_id IS 'The other story, as kind says; null where only one is concerned.';
COMMENT ON COLUMN public.story_events.article_id IS 'The article, of several the first; null where whole stories are concerned, or it is gone.';
COMMENT ON COLUMN public.story_events.actor IS 'pipeline, or the person who decided.';
COMMENT ON COLUMN public.story_events.reason IS 'Why, for people.';

COMMENT ON COLUMN public.overrides.id IS 'Number of the word.';
COMMENT ON COLUMN public.overrides.kind IS 'must-link: the article belongs to that story; cannot-link: it does not.';
COMMENT ON COLUMN public.overrides.article_id IS 'The article.';
COMMENT ON COLUMN public.overrides.story_id IS 'The story, as it was then; where it was merged since, the word holds for the one that took it in.';
COMMENT ON COLUMN public.overrides.actor IS 'Who said so.';
COMMENT ON COLUMN public.overrides.reason IS 'Why, in that person''s words.';
COMMENT ON COLUMN public.overrides.at IS 'When, by the database''s clock.';

COMMENT ON COLUMN public.stories_to_rebuild.story_id IS 'The story.';

COMMENT ON COLUMN public.article_terms.article_id IS 'The article.';
COMMENT ON COLUMN public.article_terms.weights IS 'Term to weight, 5 decimals; the squares of the weights add up to 1.';
COMMENT ON COLUMN public.article_terms.words IS 'Number of its terms, repeats counted.';
COMMENT ON COLUMN public.term_stats.language IS 'The language that its documents are of; empty where it is not known.';
COMMENT ON COLUMN public.term_stats.term IS 'The term; empty in the row that counts documents.';
COMMENT ON COLUMN public.term_stats.count IS
    'Documents with it, each counted as 2 to the power of (days from 2020-01-01 to its arrival / the model''s half-life in days), so that older ones fade beside newer ones.';

COMMENT ON COLUMN public.story_profiles.story_id IS 'The living story.';
COMMENT ON COLUMN public.story_profiles.model_id IS 'Whose vectors were added up.';
COMMENT ON COLUMN public.story_profiles.size IS 'Its articles.';
COMMENT ON COLUMN public.story_profiles.dense IS 'Sum of their unit vectors.';
COMMENT ON COLUMN public.story_profiles.scaled IS 'Sum of their unit vectors, each times the logarithm of its article''s length in words.';
COMMENT ON COLUMN public.story_profiles.terms IS 'All terms of its articles; weights and scaled_weights have the same order.';
COMMENT ON COLUMN public.story_profiles.weights IS 'Sums of the terms'' weights.';
COMMENT ON COLUMN public.story_profiles.scaled_weights IS 'Sums of the terms'' weights, each times the logarithm of its article''s length in words.';
COMMENT ON COLUMN public.story_profiles.lengths IS 'Sum of the natural logarithms of their lengths in words.';
COMMENT ON COLUMN public.story_profiles.dated IS 'Articles whose publication is known; all that are stored.';
COMMENT ON COLUMN public.story_profiles.times IS 'Sum of their publications, each in days since 1970.';
COMMENT ON COLUMN public.story_profiles.first_day IS 'The earliest publication, in days since 1970.';
COMMENT ON COLUMN public.story_profiles.last_day IS 'The latest publication, in days since 1970.';
COMMENT ON COLUMN public.story_profiles.languages IS 'Language to number of articles; the empty one is of those whose language is not known.';
COMMENT ON COLUMN public.story_profiles.period IS 'story_period of last_day: which index of vectors has it.';
COMMENT ON COLUMN public.story_terms.term IS 'One of the 16 heaviest terms of an article.';
COMMENT ON COLUMN public.story_terms.week IS 'Week of that article''s publication, since 1970.';
COMMENT ON COLUMN public.story_terms.story_id IS 'The story.';
COMMENT ON COLUMN public.story_terms.count IS 'Its articles of that week with the term among their heaviest.';

-- Digests and their review.

COMMENT ON COLUMN public.digests.id IS 'Number of the digest.';
COMMENT ON COLUMN public.digests.topic IS 'topics.slug';
COMMENT ON COLUMN public.digests.day IS 'The calendar day that it is of, in the topic''s zone.';
COMMENT ON COLUMN public.digests.version IS 'From 1, one more with each draft of that topic and day.';
COMMENT ON COLUMN public.digests.title IS 'Its title.';
COMMENT ON COLUMN public.digests.markdown IS 'Its text as Markdown, as drafted, edited last or published.';
COMMENT ON COLUMN public.digests.html IS 'The same as the body of a page.';
COMMENT ON COLUMN public.digests.articles IS 'On-topic articles of the day in the stories that it shows.';
COMMENT ON COLUMN public.digests.outlets IS 'Outlets of these articles.';
COMMENT ON COLUMN public.digests.as_of IS 'The moment whose knowledge it shows: by it the same digest can be made again.';
COMMENT ON COLUMN public.digests.drafted_at IS 'When it was drafted.';
COMMENT ON COLUMN public.digests.reviewed_by IS 'Who published or rejected it; unknown in rows of before that name nobody; null while nobody has.';
COMMENT ON COLUMN public.digests.reviewed_at IS 'When; null while nobody has decided.';
COMMENT ON COLUMN public.digests.note IS 'The reviewer''s note; null where there is none.';
COMMENT ON COLUMN public.digests.published_at IS 'When it was published; null where it never was. It stays when a newer version takes its place.';
COMMENT ON COLUMN public.digests.edited_by IS 'Who changed the draft last; null where nobody did.';
COMMENT ON COLUMN public.digests.edited_at IS 'When the draft was changed last; null where it was not.';

COMMENT ON COLUMN public.digest_items.digest_id IS 'The digest.';
COMMENT ON COLUMN public.digest_items.story_id IS 'The story, as it was then; stories.merged_into says where it went since.';
COMMENT ON COLUMN public.digest_items.rank IS 'Its place in the digest, from 1.';
COMMENT ON COLUMN public.digest_items.headline IS 'The headline of the article that speaks for it, or what a reviewer wrote.';
COMMENT ON COLUMN public.digest_items.summary IS 'Cited sentences in a row, or what a reviewer wrote.';
COMMENT ON COLUMN public.digest_items.score IS 'What it was ranked by first: its independent outlets.';
COMMENT ON COLUMN public.digest_items.outlets IS 'Outlets that told it on the day.';
COMMENT ON COLUMN public.digest_items.articles IS
    'Its on-topic articles of the day as they were then, the one that speaks for it first: article_id, title, url, outlet, country, ownership, language, published, copy_of, lead.';
COMMENT ON COLUMN public.digest_drops.digest_id IS 'The digest.';
COMMENT ON COLUMN public.digest_drops.story_id IS 'The story.';
COMMENT ON COLUMN public.digest_drops.reason IS 'Why it is left out: beyond the number of stories, our own code failed on it, or a person''s words.';
COMMENT ON COLUMN public.digest_drops.actor IS 'pipeline, or the person who left it out.';

COMMENT ON COLUMN public.review_words.topic IS 'topics.slug';
COMMENT ON COLUMN public.review_words.day IS 'The day of the digest.';
COMMENT ON COLUMN public.review_words.story_id IS 'The story, as it was then.';
COMMENT ON COLUMN public.review_words.actor IS 'Who said it last.';
COMMENT ON COLUMN public.review_words.at IS 'When.';
COMMENT ON COLUMN public.review_words.dropped IS 'Whether it is to be left out.';
COMMENT ON COLUMN public.review_words.pulled_in IS 'Whether it is to be in, though the draft left it out.';
COMMENT ON COLUMN public.review_words.pinned IS 'Whether it stands before all that are not pinned.';
COMMENT ON COLUMN public.review_words.summary IS 'The summary that the reviewer wrote; null leaves the cited sentences.';
COMMENT ON COLUMN public.review_words.reason IS 'Why, in the reviewer''s words; empty where none were given.';
COMMENT ON COLUMN public.review_asks.digest_id IS 'The digest to decide on.';
COMMENT ON COLUMN public.review_asks.dag_id IS 'The DAG in Airflow whose run asks.';
COMMENT ON COLUMN public.review_asks.run_id IS 'That run.';
COMMENT ON COLUMN public.review_asks.revision IS 'digests.revision of the text that it shows.';
COMMENT ON COLUMN public.review_asks.asked_at IS 'When it began to ask.';
COMMENT ON COLUMN public.review_asks.ended_at IS 'When it ended; null while it waits.';
COMMENT ON COLUMN public.review_asks.ended_as IS
    'answered; nobody answered; published or rejected by somebody elsewhere; withdrawn or asked again, with the reason; null while it waits.';
COMMENT ON COLUMN public.review_answers.id IS 'Number of the answer.';
COMMENT ON COLUMN public.review_answers.digest_id IS 'The digest that it is about.';
COMMENT ON COLUMN public.review_answers.at IS 'When it came.';
COMMENT ON COLUMN public.review_answers.actor IS 'Who gave it.';
COMMENT ON COLUMN public.review_answers.via IS 'Where it was given: airflow (its form), page (the review page) or terminal.';
COMMENT ON COLUMN public.review_answers.wanted IS 'publish, reject or hold (go on waiting, with a note).';
COMMENT ON COLUMN public.review_answers.outcome IS 'taken, or refused: it changed nothing.';
COMMENT ON COLUMN public.review_answers.reason IS 'Why it was refused; the reviewer''s note where it was taken, empty without one.';

COMMENT ON COLUMN public.deliveries.id IS 'Number of the delivery.';
COMMENT ON COLUMN public.deliveries.detail IS 'What the receiver said last; null where it said nothing.';
COMMENT ON COLUMN public.deliveries.failed_at IS 'Since when it is tried no more without having arrived; null while it is, or where it arrived.';
COMMENT ON COLUMN public.deliveries.notice IS
    'What a message says where the digest does not: subject, text and link; of a mail that some refused, to whom it is still to go; null where the digest says all.';
COMMENT ON COLUMN public.alerts.id IS 'Number of the alert.';

-- What has a comment already, and does not say what null means.

COMMENT ON COLUMN public.source_tallies.country IS 'articles.country; null where that is, and in the row of copies.';
COMMENT ON COLUMN public.source_tallies.ownership IS 'articles.ownership; null where that is, and in the row of copies.';
COMMENT ON COLUMN public.source_tallies.text_source IS 'articles.text_source; null where that is, and in the row of copies.';
COMMENT ON COLUMN public.source_tallies.reason IS 'articles.reason; null where that is, and in the row of copies.';
COMMENT ON COLUMN public.source_news.outlet IS 'As in source_tallies.';
COMMENT ON COLUMN public.source_news.country IS 'As in source_tallies, null too.';
COMMENT ON COLUMN public.source_news.ownership IS 'As in source_tallies, null too.';
COMMENT ON COLUMN public.source_news.state IS 'As in source_tallies.';
COMMENT ON COLUMN public.source_news.text_source IS 'As in source_tallies, null too.';
COMMENT ON COLUMN public.source_news.teaser IS 'As in source_tallies.';
COMMENT ON COLUMN public.source_news.revised IS 'As in source_tallies.';
COMMENT ON COLUMN public.source_news.reason IS 'As in source_tallies, null too.';

-- Functions that the pipeline calls, or a trigger.

COMMENT ON FUNCTION public.story_profiles_index IS
    'The name of the index of vectors that covers a model and a period (story_period); periods before 1970 have an m for their minus.';
COMMENT ON FUNCTION public.keep_article_words IS 'Keeps article_words as title, text and language of an article change; a trigger of articles.';

-- The views that analysts read.

COMMENT ON COLUMN wirewatch.alerts_now.kind IS 'story-spreads, feed-died or no-collection.';
COMMENT ON COLUMN wirewatch.alerts_now.subject IS
    'The number of the story or the feed, as text; empty where there is only one alert of the kind.';
COMMENT ON COLUMN wirewatch.alerts_now.title IS 'What it is about, in a line.';
COMMENT ON COLUMN wirewatch.alerts_now.text IS 'What holds, and what to do, as it was told last.';
COMMENT ON COLUMN wirewatch.alerts_now.told_at IS 'When the desk was told last.';
COMMENT ON COLUMN wirewatch.alerts_now.times IS 'How often the desk was told that it holds.';
COMMENT ON COLUMN wirewatch.alerts_now.path IS 'The page that shows it, below the address of the Airflow UI.';

COMMENT ON COLUMN wirewatch.feed_health.feed_id IS 'feeds.id';
COMMENT ON COLUMN wirewatch.feed_health.outlet IS 'Who publishes it.';
COMMENT ON COLUMN wirewatch.feed_health.url IS 'Where it is asked for.';
COMMENT ON COLUMN wirewatch.feed_health.state IS 'active; paused: failed for long and is asked rarely; retired: asked no more.';
COMMENT ON COLUMN wirewatch.feed_health.state_reason IS 'Why it is paused or retired; null while it is active.';
COMMENT ON COLUMN wirewatch.feed_health.last_polled_at IS 'When it was asked last; null before the first time.';
COMMENT ON COLUMN wirewatch.feed_health.last_new_at IS 'When an entry was last new; null where none was yet.';
COMMENT ON COLUMN wirewatch.feed_health.next_poll_at IS 'When it is due next; the year 1970 means at once.';
COMMENT ON COLUMN wirewatch.feed_health.interval_seconds IS 'Seconds between two polls while it is well; null before the first.';
COMMENT ON COLUMN wirewatch.feed_health.entries IS 'Entries that it ever showed.';
COMMENT ON COLUMN wirewatch.feed_health.newest_published IS 'The latest publication among them; null where there are none.';
COMMENT ON COLUMN wirewatch.feed_health.duplicate_share IS
    'Share of its entries, 0 to 1, whose address another entry of any feed has too; null where there are none.';
COMMENT ON COLUMN wirewatch.feed_health.polls IS 'Requests for it that retention has left.';
COMMENT ON COLUMN wirewatch.feed_health.unmodified_share IS 'Share of these, 0 to 1, that brought the same document as before; null where there are none.';
COMMENT ON COLUMN wirewatch.feed_health.failed_polls IS 'Of these, those that failed or brought a document without entries.';
COMMENT ON COLUMN wirewatch.feed_health.bytes IS 'Bytes that these brought, as they came over the wire.';
COMMENT ON COLUMN wirewatch.feed_health.last_error IS 'How the last of those that failed ended, as in fetches.outcome; null where none did. It may be long over.';
COMMENT ON COLUMN wirewatch.feed_health.last_error_detail IS 'What there is to say of it; null where there is nothing.';
COMMENT ON COLUMN wirewatch.feed_health.last_error_at IS 'When that was; null where none failed.';
COMMENT ON COLUMN wirewatch.feed_health.gaps IS 'Stretches that it published through and never showed.';
COMMENT ON COLUMN wirewatch.feed_health.missed IS 'How long these last together; null where there are none.';

COMMENT ON COLUMN wirewatch.ledger.entry_id IS 'entries.id';
COMMENT ON COLUMN wirewatch.ledger.outlet IS 'Who publishes the feed.';
COMMENT ON COLUMN wirewatch.ledger.feed_url IS 'The feed that listed it.';
COMMENT ON COLUMN wirewatch.ledger.title IS 'Its headline in the feed.';
COMMENT ON COLUMN wirewatch.ledger.url IS 'The address it links to; null where there is none that can be asked for.';
COMMENT ON COLUMN wirewatch.ledger.published IS 'When it was published, by the feed; else the moment of the first sighting.';
COMMENT ON COLUMN wirewatch.ledger.published_rule IS 'Where that time came from: published, updated, url; else why it is the first sighting''s.';
COMMENT ON COLUMN wirewatch.ledger.first_seen_at IS 'The moment of the earliest document that held it.';
COMMENT ON COLUMN wirewatch.ledger.last_seen_at IS 'The moment of the latest document that held it.';
COMMENT ON COLUMN wirewatch.ledger.absent_since IS 'Since when the feed lists it no more; null while it does.';
COMMENT ON COLUMN wirewatch.ledger.returned IS 'How often it came back after it was gone.';
COMMENT ON COLUMN wirewatch.ledger.entry_revisions IS 'How often its wording or date changed in the feed.';
COMMENT ON COLUMN wirewatch.ledger.problems IS 'What had to be assumed or mended to read it.';
COMMENT ON COLUMN wirewatch.ledger.topic IS 'The topic that this row is about; null where the entry is not judged yet, or there was no topic.';
COMMENT ON COLUMN wirewatch.ledger.entry_on_topic IS 'The verdict on headline and summary; null where topic is.';
COMMENT ON COLUMN wirewatch.ledger.entry_rule IS 'Which rule decided it, as in entry_topics.rule; null where topic is.';
COMMENT ON COLUMN wirewatch.ledger.terms IS 'The terms found in headline and summary; null where topic is.';
COMMENT ON COLUMN wirewatch.ledger.entry_similarity IS
    'Cosine of headline and summary to the nearest seed document, -1 to 1; null where it was not measured.';
COMMENT ON COLUMN wirewatch.ledger.article_id IS 'The article of its page; null where it is on no topic, or not judged.';
COMMENT ON COLUMN wirewatch.ledger.article_state IS 'pending, extracted or failed, as in articles.state; null where article_id is.';
COMMENT ON COLUMN wirewatch.ledger.article_reason IS 'Why the last try gave no article; null where no try failed, or article_id is null.';
COMMENT ON COLUMN wirewatch.ledger.text_source IS 'page or feed: whose text stands; null where there is none.';
COMMENT ON COLUMN wirewatch.ledger.text_reason IS 'Why the feed''s text stands in place of the page''s; null where it does not.';
COMMENT ON COLUMN wirewatch.ledger.kind IS 'article, teaser, liveblog or roundup, as in articles.kind; null where there is no text.';
COMMENT ON COLUMN wirewatch.ledger.words IS 'Words of the text; null where there is none.';
COMMENT ON COLUMN wirewatch.ledger.language IS 'The language of the text; null where it is not known, or there is no text.';
COMMENT ON COLUMN wirewatch.ledger.article_revisions IS 'How many wordings of the text there are; 0 before the first, null where article_id is.';
COMMENT ON COLUMN wirewatch.ledger.last_status IS 'The HTTP status of the last request for the page; null where none brought a document, or retention has taken it.';
COMMENT ON COLUMN wirewatch.ledger.outcome IS 'How that request ended, as in fetches.outcome; null where there was none, or retention has taken it.';
COMMENT ON COLUMN wirewatch.ledger.article_on_topic IS 'The verdict on the full text; null while there is none.';
COMMENT ON COLUMN wirewatch.ledger.article_rule IS 'Which rule decided it, as in article_topics.rule; null while there is no verdict.';
COMMENT ON COLUMN wirewatch.ledger.article_similarity IS 'Cosine of the full text to the nearest seed document, -1 to 1; null where it was not measured.';
COMMENT ON COLUMN wirewatch.ledger.copy_of IS 'The article that it is a copy of; null where it is none.';
COMMENT ON COLUMN wirewatch.ledger.copy_containment IS 'The share of its text that stands in that one, 0 to 1; null where it is no copy.';
COMMENT ON COLUMN wirewatch.ledger.copy_rule IS 'What named the origin, as in copies.rule; null where it is no copy.';
COMMENT ON COLUMN wirewatch.ledger.story_id IS 'The story that it is in now; null where it is in none.';
COMMENT ON COLUMN wirewatch.ledger.method IS 'What put it there, as in memberships.method; null where story_id is.';
COMMENT ON COLUMN wirewatch.ledger.score IS 'How probably it belongs there, 0 to 1, as decided then; null where story_id is.';
COMMENT ON COLUMN wirewatch.ledger.threshold IS 'What the score had to reach; a score below it opened the story, or split it off another; null where story_id is.';
COMMENT ON COLUMN wirewatch.ledger.digest_id IS 'The first draft or published digest of the topic that shows the article; null where none does.';
COMMENT ON COLUMN wirewatch.ledger.digest_day IS 'The day of that digest; null where digest_id is.';
COMMENT ON COLUMN wirewatch.ledger.stage IS
    'How far it got: waiting: … (for what), stopped: … (why), in story (of no digest yet) or in digest.';
COMMENT ON COLUMN wirewatch.ledger.fault_step IS 'The step in which our own code failed last on entry or article; null where it did not, or has done it since.';
COMMENT ON COLUMN wirewatch.ledger.fault_tries IS 'How often it failed; null where fault_step is.';
COMMENT ON COLUMN wirewatch.ledger.fault_class IS 'The class of the exception; null where fault_step is.';
COMMENT ON COLUMN wirewatch.ledger.fault_message IS 'The text of the exception; null where fault_step is.';
COMMENT ON COLUMN wirewatch.ledger.fault_place IS 'File and line where it was raised; null where fault_step is.';
COMMENT ON COLUMN wirewatch.ledger.set_aside_at IS 'Since when it is tried no more; null while it is, or where fault_step is.';
COMMENT ON COLUMN wirewatch.ledger.published_precision IS 'day or instant: how exactly published is known.';
COMMENT ON COLUMN wirewatch.ledger.article_published IS 'When it was published, by its page; null where there is no text.';
COMMENT ON COLUMN wirewatch.ledger.article_published_rule IS 'Where that time was found, as in articles.published_rule; null where there is no text.';
COMMENT ON COLUMN wirewatch.ledger.article_published_precision IS 'day or instant: how exactly it is known; null where there is no text.';

COMMENT ON COLUMN wirewatch.outbox.topic IS 'Topic of the digest; null where it is of an alert.';
COMMENT ON COLUMN wirewatch.outbox.day IS 'Day of the digest; null where it is of an alert.';
COMMENT ON COLUMN wirewatch.outbox.version IS 'Version of the digest; null where it is of an alert.';
COMMENT ON COLUMN wirewatch.outbox.digest_id IS 'The digest that it is of; null where it is of an alert.';
COMMENT ON COLUMN wirewatch.outbox.channel IS 'Where it goes, as in deliveries.channel.';
COMMENT ON COLUMN wirewatch.outbox.state IS
    'delivered; failed (for good); not needed (superseded); switched off (no receiver is set); sending; waiting.';
COMMENT ON COLUMN wirewatch.outbox.outcome IS 'How the last try ended, as in deliveries.outcome.';
COMMENT ON COLUMN wirewatch.outbox.detail IS 'What the receiver said last; null where it said nothing.';
COMMENT ON COLUMN wirewatch.outbox.tries IS 'How often it was tried.';
COMMENT ON COLUMN wirewatch.outbox.at IS 'When it was tried last; before the first try, when it was decided.';
COMMENT ON COLUMN wirewatch.outbox.next_try_at IS 'When it is tried again; null where it is not.';
COMMENT ON COLUMN wirewatch.outbox.failed_at IS 'Since when it is tried no more without having arrived; null otherwise.';
COMMENT ON COLUMN wirewatch.outbox.key IS 'The same in every try: Idempotency-Key of a request, Message-ID of a mail.';

COMMENT ON COLUMN wirewatch.page_verdicts.article_id IS 'articles.id';
COMMENT ON COLUMN wirewatch.page_verdicts.outlet IS 'Whose page it is.';
COMMENT ON COLUMN wirewatch.page_verdicts.url IS 'The address that was asked for; empty where the entry had none.';
COMMENT ON COLUMN wirewatch.page_verdicts.text_source IS 'page or feed: whose text stands; null where there is none.';
COMMENT ON COLUMN wirewatch.page_verdicts.reason IS 'Why the page''s text does not stand, or there is none, as a code; null where it stands.';
COMMENT ON COLUMN wirewatch.page_verdicts.detail IS 'What there is to say of that, for people; null where there is nothing.';
COMMENT ON COLUMN wirewatch.page_verdicts.agreement IS
    'How well the page answered the feed, 0 to 1, as in articles.agreement; null where the feed said too little, or the page was not read.';
COMMENT ON COLUMN wirewatch.page_verdicts.words IS 'Words of the text that stands; null where there is none.';
COMMENT ON COLUMN wirewatch.page_verdicts.kind IS 'article, teaser, liveblog or roundup; null where there is no text.';
COMMENT ON COLUMN wirewatch.page_verdicts.feed_title IS 'The headline that feeds gave it, of the longest of its entries; null where no entry is left.';
COMMENT ON COLUMN wirewatch.page_verdicts.title IS 'The headline that stands; null where there is no text.';
COMMENT ON COLUMN wirewatch.page_verdicts.same_text_addresses IS
    'At how many addresses of the outlet the same text stands, its own included; 0 where the page gave none.';
COMMENT ON COLUMN wirewatch.page_verdicts.fetched_at IS 'The moment of the last look that gave a text or found it unchanged; null before the first.';

COMMENT ON COLUMN wirewatch.personal_decisions.topic IS 'The topic that it is about; null for a link, which holds for every topic.';
COMMENT ON COLUMN wirewatch.personal_decisions.article_id IS 'The article that it is about; null where a story is meant.';
COMMENT ON COLUMN wirewatch.personal_decisions.title IS 'Of the article, or the headline of the story; null where that has no article.';

COMMENT ON COLUMN wirewatch.quarantine.item IS 'Kind and number, as in article:17: what wirewatch quarantine takes.';
COMMENT ON COLUMN wirewatch.quarantine.step IS 'The step that failed, as in item_faults.step.';
COMMENT ON COLUMN wirewatch.quarantine.kind IS 'feed, entry, article, story, digest or alert.';
COMMENT ON COLUMN wirewatch.quarantine.item_id IS 'Its id in the table of that name.';
COMMENT ON COLUMN wirewatch.quarantine.tries IS 'How often the step failed on it, one after the other.';
COMMENT ON COLUMN wirewatch.quarantine.first_at IS 'When it failed first.';
COMMENT ON COLUMN wirewatch.quarantine.last_at IS 'When it failed last.';
COMMENT ON COLUMN wirewatch.quarantine.next_try_at IS 'When it is tried again; null where it is set aside.';
COMMENT ON COLUMN wirewatch.quarantine.set_aside_at IS 'Since when it is tried no more; null while it is.';
COMMENT ON COLUMN wirewatch.quarantine.class IS 'The class of the exception.';
COMMENT ON COLUMN wirewatch.quarantine.message IS 'The text of the exception.';
COMMENT ON COLUMN wirewatch.quarantine.place IS 'File and line where it was raised.';
COMMENT ON COLUMN wirewatch.quarantine.outlet IS 'Whose item it is; null of a story, a digest and an alert, and where the item is gone.';
COMMENT ON COLUMN wirewatch.quarantine.title IS 'Its title; null where it has none, and of a story.';
COMMENT ON COLUMN wirewatch.quarantine.url IS 'Its address; null where it has none.';

COMMENT ON COLUMN wirewatch.source_health.outlet IS 'The outlet.';
COMMENT ON COLUMN wirewatch.source_health.country IS 'Its country; of several the first in the alphabet, null where none is known.';
COMMENT ON COLUMN wirewatch.source_health.ownership IS 'Who owns it; of several the first in the alphabet, null where none is known.';
COMMENT ON COLUMN wirewatch.source_health.articles IS 'Pages of it that were on topic by headline and summary.';
COMMENT ON COLUMN wirewatch.source_health.extracted IS 'Of these, those with a text.';
COMMENT ON COLUMN wirewatch.source_health.from_feed IS 'Of these, those whose text is the feed''s.';
COMMENT ON COLUMN wirewatch.source_health.teasers IS 'Of these, those of which only the beginning is free to read.';
COMMENT ON COLUMN wirewatch.source_health.failed IS 'Of these, those that gave no text for good.';
COMMENT ON COLUMN wirewatch.source_health.copies IS 'Of these, copies of others'' texts.';
COMMENT ON COLUMN wirewatch.source_health.copy_share IS 'copies / extracted, 0 to 1; null where nothing is extracted.';
COMMENT ON COLUMN wirewatch.source_health.revised IS 'Of these, those whose text changed after it was first read.';
COMMENT ON COLUMN wirewatch.source_health.newest IS 'The latest publication among them; null where nothing is extracted.';
COMMENT ON COLUMN wirewatch.source_health.commonest_reason IS
    'The code that most of them have for the last try that failed, as in articles.reason; null where none failed.';

COMMENT ON COLUMN wirewatch.story_overview.story_id IS 'stories.id';
COMMENT ON COLUMN wirewatch.story_overview.first_published IS 'The earliest publication of its articles; see first_precision.';
COMMENT ON COLUMN wirewatch.story_overview.last_published IS 'The latest publication of its articles.';
COMMENT ON COLUMN wirewatch.story_overview.articles IS 'Its articles, copies and those that were taken off their topic since included.';
COMMENT ON COLUMN wirewatch.story_overview.outlets IS 'Outlets of these.';
COMMENT ON COLUMN wirewatch.story_overview.independent_outlets IS 'Outlets with a text that is no copy.';
COMMENT ON COLUMN wirewatch.story_overview.copies IS 'Of its articles, copies.';
COMMENT ON COLUMN wirewatch.story_overview.languages IS 'The languages of its articles; a null among them is of those whose language is not known.';
COMMENT ON COLUMN wirewatch.story_overview.countries IS 'The countries of its outlets; a null among them is of those whose country is not known.';
COMMENT ON COLUMN wirewatch.story_overview.headline IS
    'The title of its earliest article that is no copy, in English where there is one.';
COMMENT ON COLUMN wirewatch.story_overview.first_precision IS
    'day where first_published is the midnight of a day whose hour is not known: it may be later than first_instant; else instant.';
COMMENT ON COLUMN wirewatch.story_overview.first_instant IS
    'The earliest publication whose time is known: who was first is said among these alone. Null where none is known.';

COMMENT ON COLUMN wirewatch.topic_recall.topic IS 'topics.slug';
COMMENT ON COLUMN wirewatch.topic_recall.on_topic_entries IS
    'Entries on topic by their full text, or by headline and summary where there is none; round-ups are left out.';
COMMENT ON COLUMN wirewatch.topic_recall.reached_a_story IS 'Of these, those whose article is in a story.';
COMMENT ON COLUMN wirewatch.topic_recall.share IS 'reached_a_story / on_topic_entries, 0 to 1.';
COMMENT ON COLUMN public.all_stages.topic IS 'topics.slug; empty where no topic judged the entry yet.';

-- What searches give.

COMMENT ON COLUMN wirewatch.hit.title IS 'articles.title';
COMMENT ON COLUMN wirewatch.hit.country IS 'articles.country; null where it is not known.';
COMMENT ON COLUMN wirewatch.hit.ownership IS 'articles.ownership; null where it is not known.';
COMMENT ON COLUMN wirewatch.hit.language IS 'articles.language; null where it is not known.';
COMMENT ON COLUMN wirewatch.near_article.language IS 'articles.language; null where it is not known.';

-- What stands there already stays, and gets what null means where it does not say it.
DO $$
DECLARE
    told record;
    said text;
BEGIN
    FOR told IN SELECT * FROM (VALUES
        ('public.articles'::regclass, 'fetched_at', 'The moment of the last look that gave a text or found it unchanged; null before the first.', NULL),
        ('public.overrides', 'revoked_at', 'Since when it binds no more, as a later word took its place; null while it binds.', NULL),
        ('public.entries', 'published_precision', NULL, 'Never null.'),
        ('public.entry_revisions', 'published_precision', NULL, 'Never null.'),
        ('public.articles', 'published_precision', NULL, 'Null where published is.')) AS each (relation, name, whole, rest)
    LOOP
        said := (SELECT col_description(told.relation, a.attnum) FROM pg_attribute a
                 WHERE a.attrelid = told.relation AND a.attname = told.name);
        IF coalesce(said, '') !~* '\mnull\M' THEN
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', told.relation, told.name, coalesce(told.whole, said || ' ' || told.rest));
        END IF;
    END LOOP;
    IF to_regprocedure('public.index_vectors_of_new()') IS NOT NULL THEN
        COMMENT ON FUNCTION public.index_vectors_of_new IS 'Makes the index of vectors of a model that is new; a trigger of embedding_models.';
    END IF;
END $$;
