-- The whole ground: feeds, entries, articles, stories, digests, and what happened to each of them.
-- Times are UTC. "seen" times are the moment the outside showed something: the capture's moment in a
-- backfill, the clock's otherwise; leases always run on the clock.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE topics (
    slug        text PRIMARY KEY,
    name        text NOT NULL,
    definition  jsonb NOT NULL,
    digest_zone text NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE feeds (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url           text NOT NULL UNIQUE,
    title         text NOT NULL DEFAULT '',
    outlet        text NOT NULL,
    home_url      text,
    format        text,
    country       text,
    language      text,
    ownership     text NOT NULL DEFAULT 'private' CHECK (ownership IN ('state', 'public', 'private', 'agency')),
    tags          text[] NOT NULL DEFAULT '{}',
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'retired')),
    state_reason  text,
    poll_state    jsonb NOT NULL DEFAULT '{}',
    next_poll_at  timestamptz NOT NULL DEFAULT 'epoch',
    leased_until  timestamptz NOT NULL DEFAULT 'epoch',
    last_polled_at timestamptz,
    last_new_at   timestamptz,
    added_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feeds_due ON feeds (next_poll_at) WHERE state <> 'retired';
COMMENT ON TABLE feeds IS 'One row a feed: who publishes it, how its polling stands, when it is asked next.';

CREATE TABLE hosts (
    host            text PRIMARY KEY,
    next_request_at timestamptz NOT NULL
);
COMMENT ON TABLE hosts IS 'When each host may be asked next, shared by all workers.';

CREATE TABLE robots (
    origin     text PRIMARY KEY,
    status     integer NOT NULL,
    text       text NOT NULL,
    fetched    timestamptz NOT NULL,
    expires    timestamptz NOT NULL
);
COMMENT ON TABLE robots IS 'The robots.txt of each origin as last answered, shared by all workers.';

CREATE TABLE articles (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identity        text NOT NULL UNIQUE,
    canonical_url   text NOT NULL,
    url             text NOT NULL,
    outlet          text NOT NULL,
    country         text,
    ownership       text,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'extracted', 'failed')),
    reason          text,
    detail          text,
    attempts        integer NOT NULL DEFAULT 0,
    next_try_at     timestamptz NOT NULL DEFAULT 'epoch',
    leased_until    timestamptz NOT NULL DEFAULT 'epoch',
    first_seen_at   timestamptz NOT NULL,
    title           text,
    text            text,
    authors         text[] NOT NULL DEFAULT '{}',
    published       timestamptz,
    published_rule  text,
    language        text,
    language_rule   text,
    author_rule     text,
    section         text,
    image           text,
    site_name       text,
    text_source     text CHECK (text_source IN ('page', 'feed')),
    text_reason     text,
    kind            text,
    words           integer,
    revision        integer NOT NULL DEFAULT 0,
    body_hash       bytea,
    etag            text,
    last_modified   text,
    fetched_at      timestamptz,
    extracted_at    timestamptz,
    next_refetch_at timestamptz,
    copies_at       timestamptz,
    embedded_at     timestamptz,
    clustered_at    timestamptz
);
CREATE INDEX articles_canonical ON articles (canonical_url);
CREATE INDEX articles_pending ON articles (next_try_at) WHERE state = 'pending';
CREATE INDEX articles_refetch ON articles (next_refetch_at) WHERE next_refetch_at IS NOT NULL;
CREATE INDEX articles_unembedded ON articles (id) WHERE state = 'extracted' AND embedded_at IS NULL;
CREATE INDEX articles_unclustered ON articles (published) WHERE embedded_at IS NOT NULL AND clustered_at IS NULL;
CREATE INDEX articles_published ON articles (published);
CREATE INDEX articles_outlet ON articles (outlet, id);
COMMENT ON TABLE articles IS 'One row a page: the newest text, where each field came from, and how far it got.';
COMMENT ON COLUMN articles.identity IS 'The canonical URL without scheme, www, trailing slash and order of parameters: what makes two addresses one page.';

CREATE TABLE article_revisions (
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    revision   integer NOT NULL,
    seen_at    timestamptz NOT NULL,
    kind       text NOT NULL,
    title      text NOT NULL,
    text       text NOT NULL,
    diff       text,
    PRIMARY KEY (article_id, revision)
);

CREATE TABLE entries (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id        bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    key            text NOT NULL,
    guid           text,
    url            text,
    canonical_url  text,
    title          text NOT NULL,
    text           text NOT NULL,
    summary_html   text NOT NULL DEFAULT '',
    content_html   text NOT NULL DEFAULT '',
    authors        text[] NOT NULL DEFAULT '{}',
    language       text,
    tags           text[] NOT NULL DEFAULT '{}',
    image          text,
    source_name    text,
    source_url     text,
    published      timestamptz NOT NULL,
    published_rule text NOT NULL,
    problems       text[] NOT NULL DEFAULT '{}',
    first_seen_at  timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL,
    absent_since   timestamptz,
    returned       integer NOT NULL DEFAULT 0,
    revision       integer NOT NULL DEFAULT 0,
    article_id     bigint REFERENCES articles ON DELETE SET NULL,
    matched_at     timestamptz,
    UNIQUE (feed_id, key)
);
CREATE INDEX entries_article ON entries (article_id);
CREATE INDEX entries_url ON entries (canonical_url);
CREATE INDEX entries_unmatched ON entries (id) WHERE matched_at IS NULL;
CREATE INDEX entries_seen ON entries (feed_id, last_seen_at);
COMMENT ON TABLE entries IS 'One row an item of a feed; two entries of one article are two sightings.';

CREATE TABLE entry_revisions (
    entry_id  bigint NOT NULL REFERENCES entries ON DELETE CASCADE,
    revision  integer NOT NULL,
    seen_at   timestamptz NOT NULL,
    changed   text[] NOT NULL,
    title     text NOT NULL,
    text      text NOT NULL,
    published timestamptz NOT NULL,
    PRIMARY KEY (entry_id, revision)
);
COMMENT ON TABLE entry_revisions IS 'What an entry said before it was edited; the newest wording stands in entries.';

CREATE TABLE entry_topics (
    entry_id   bigint NOT NULL REFERENCES entries ON DELETE CASCADE,
    topic      text NOT NULL REFERENCES topics ON DELETE CASCADE,
    on_topic   boolean NOT NULL,
    rule       text NOT NULL,
    terms      text[] NOT NULL DEFAULT '{}',
    similarity real,
    score      real NOT NULL,
    threshold  real NOT NULL,
    model      text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (entry_id, topic)
);
CREATE INDEX entry_topics_on ON entry_topics (topic, entry_id) WHERE on_topic;

CREATE TABLE article_topics (
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    topic      text NOT NULL REFERENCES topics ON DELETE CASCADE,
    on_topic   boolean NOT NULL,
    rule       text NOT NULL,
    terms      text[] NOT NULL DEFAULT '{}',
    similarity real,
    score      real NOT NULL,
    threshold  real NOT NULL,
    model      text,
    actor      text NOT NULL DEFAULT 'pipeline',
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (article_id, topic)
);
COMMENT ON TABLE article_topics IS 'The verdict on the full text; a person''s verdict (actor) is never overwritten.';

CREATE TABLE fetches (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    as_of       timestamptz,
    captured    timestamptz,
    kind        text NOT NULL CHECK (kind IN ('feed', 'page')),
    feed_id     bigint REFERENCES feeds ON DELETE CASCADE,
    article_id  bigint REFERENCES articles ON DELETE CASCADE,
    url         text NOT NULL,
    status      integer,
    outcome     text NOT NULL,
    detail      text,
    bytes       bigint NOT NULL DEFAULT 0,
    elapsed     real NOT NULL DEFAULT 0,
    entries     integer,
    new_entries integer
);
CREATE INDEX fetches_feed ON fetches (feed_id, at DESC) WHERE kind = 'feed';
CREATE INDEX fetches_article ON fetches (article_id, at DESC) WHERE kind = 'page';
CREATE INDEX fetches_at ON fetches (at);
COMMENT ON TABLE fetches IS 'Every request for a feed or a page and how it ended.';

CREATE TABLE gaps (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id  bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    seen_at  timestamptz NOT NULL,
    since    timestamptz NOT NULL,
    until    timestamptz NOT NULL
);
COMMENT ON TABLE gaps IS 'Stretches a feed published through but never showed us: its oldest entry was newer than our newest.';

CREATE TABLE embedding_models (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    revision   text NOT NULL,
    dimension  integer NOT NULL,
    languages  text[] NOT NULL,
    parameters jsonb NOT NULL DEFAULT '{}',
    added_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, revision)
);
COMMENT ON TABLE embedding_models IS 'Each model with its revision, dimension and calibrated parameters; vectors of two never meet.';

CREATE TABLE vectors (
    article_id    bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    model_id      integer NOT NULL REFERENCES embedding_models,
    embedding     vector NOT NULL,
    borrowed_from bigint REFERENCES articles ON DELETE SET NULL,
    revision      integer NOT NULL,
    PRIMARY KEY (article_id, model_id)
);

CREATE TABLE copy_keys (
    key        bigint NOT NULL,
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    published  timestamptz NOT NULL,
    PRIMARY KEY (key, article_id)
);
CREATE INDEX copy_keys_article ON copy_keys (article_id);
COMMENT ON TABLE copy_keys IS 'Fingerprints shared by all workers: two articles with a key in common are compared as copies.';

CREATE TABLE copies (
    article_id  bigint PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    origin_id   bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    containment real NOT NULL,
    resemblance real NOT NULL,
    rule        text NOT NULL,
    decided_at  timestamptz NOT NULL,
    CHECK (article_id <> origin_id)
);
CREATE INDEX copies_origin ON copies (origin_id);
COMMENT ON TABLE copies IS 'article_id is a print of origin_id; containment is the share of its text that stands in the origin.';

CREATE TABLE stories (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    opened_at       timestamptz NOT NULL,
    merged_into     bigint REFERENCES stories,
    first_published timestamptz NOT NULL,
    last_published  timestamptz NOT NULL
);
CREATE INDEX stories_active ON stories (last_published) WHERE merged_into IS NULL;
COMMENT ON TABLE stories IS 'A story keeps its id as it grows; a merged one points at the story that took it in.';

CREATE TABLE article_terms (
    article_id bigint PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    weights    jsonb NOT NULL,
    words      integer NOT NULL
);
COMMENT ON TABLE article_terms IS 'TF-IDF weights of an article as of its arrival, unit length, and its number of terms.';

CREATE TABLE term_stats (
    language text NOT NULL,
    term     text NOT NULL,
    count    double precision NOT NULL,
    PRIMARY KEY (language, term)
);
COMMENT ON TABLE term_stats IS
    'Decayed document frequency of each term (forward decay: newer documents add more); the empty term counts documents.';

CREATE TABLE story_profiles (
    story_id  bigint NOT NULL REFERENCES stories ON DELETE CASCADE,
    model_id  integer NOT NULL REFERENCES embedding_models,
    size      integer NOT NULL,
    dense     vector NOT NULL,
    scaled    vector NOT NULL,
    terms     jsonb NOT NULL,
    lengths   double precision NOT NULL,
    dated     integer NOT NULL,
    times     double precision NOT NULL,
    first_day double precision,
    last_day  double precision,
    languages jsonb NOT NULL,
    changed   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (story_id, model_id)
);
CREATE INDEX story_profiles_days ON story_profiles (model_id, last_day);
COMMENT ON TABLE story_profiles IS
    'Sums over the articles of a living story that decide who joins it; derived, rebuilt from its members.';

CREATE TABLE story_terms (
    term     text NOT NULL,
    story_id bigint NOT NULL REFERENCES stories ON DELETE CASCADE,
    count    integer NOT NULL,
    PRIMARY KEY (term, story_id)
);
CREATE INDEX story_terms_story ON story_terms (story_id);
COMMENT ON TABLE story_terms IS 'The heaviest terms of each living story''s articles: finds what the vectors cannot read.';

CREATE TABLE memberships (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    story_id   bigint NOT NULL REFERENCES stories,
    since      timestamptz NOT NULL,
    until      timestamptz,
    score      real NOT NULL,
    threshold  real NOT NULL,
    method     text NOT NULL,
    model_id   integer REFERENCES embedding_models,
    features   jsonb NOT NULL DEFAULT '{}',
    actor      text NOT NULL DEFAULT 'pipeline'
);
CREATE UNIQUE INDEX memberships_current ON memberships (article_id) WHERE until IS NULL;
CREATE INDEX memberships_story ON memberships (story_id) WHERE until IS NULL;
COMMENT ON TABLE memberships IS 'Which story an article belongs to and why; an ended row (until) is history, never deleted.';

CREATE TABLE story_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('open', 'merge', 'split', 'move', 'pin', 'not-topic')),
    story_id   bigint NOT NULL REFERENCES stories,
    other_id   bigint REFERENCES stories,
    article_id bigint REFERENCES articles ON DELETE SET NULL,
    actor      text NOT NULL,
    reason     text NOT NULL
);
CREATE INDEX story_events_story ON story_events (story_id, at);

CREATE TABLE overrides (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('pin', 'apart')),
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    story_id   bigint NOT NULL REFERENCES stories,
    actor      text NOT NULL,
    reason     text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX overrides_article ON overrides (article_id) WHERE revoked_at IS NULL;
COMMENT ON TABLE overrides IS 'A person''s word: this article belongs to that story (pin) or never to it (apart). Binds every later run.';

CREATE TABLE digests (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL REFERENCES topics,
    day          date NOT NULL,
    version      integer NOT NULL,
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published', 'rejected', 'superseded')),
    title        text NOT NULL,
    markdown     text NOT NULL,
    html         text NOT NULL,
    articles     integer NOT NULL,
    outlets      integer NOT NULL,
    as_of        timestamptz NOT NULL,
    drafted_at   timestamptz NOT NULL,
    reviewed_by  text,
    reviewed_at  timestamptz,
    note         text,
    published_at timestamptz,
    UNIQUE (topic, day, version)
);
CREATE UNIQUE INDEX digests_published ON digests (topic, day) WHERE state = 'published';

CREATE TABLE digest_items (
    digest_id   bigint NOT NULL REFERENCES digests ON DELETE CASCADE,
    story_id    bigint NOT NULL REFERENCES stories,
    rank        integer NOT NULL,
    headline    text NOT NULL,
    summary     text NOT NULL,
    status      text NOT NULL,
    score       real NOT NULL,
    outlets     integer NOT NULL,
    independent integer NOT NULL,
    articles    jsonb NOT NULL,
    PRIMARY KEY (digest_id, story_id)
);

CREATE TABLE digest_drops (
    digest_id bigint NOT NULL REFERENCES digests ON DELETE CASCADE,
    story_id  bigint NOT NULL REFERENCES stories,
    reason    text NOT NULL,
    actor     text NOT NULL DEFAULT 'pipeline',
    PRIMARY KEY (digest_id, story_id)
);
COMMENT ON TABLE digest_drops IS 'Stories of the day that a digest left out, and why.';

CREATE TABLE deliveries (
    digest_id bigint NOT NULL REFERENCES digests ON DELETE CASCADE,
    channel   text NOT NULL,
    at        timestamptz NOT NULL,
    outcome   text NOT NULL,
    detail    text,
    PRIMARY KEY (digest_id, channel)
);
COMMENT ON TABLE deliveries IS 'Where a published digest went (files, webhook, mail) and whether it arrived; a failed one is tried again.';
