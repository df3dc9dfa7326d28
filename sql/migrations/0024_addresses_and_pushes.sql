-- An entry that leaves its feed and comes back with its address spelt otherwise is found by what the spellings share.

CREATE FUNCTION address_identity(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT CASE WHEN parts IS NULL THEN url ELSE
        parts[1] || rtrim(parts[2], '/')
        || coalesce('?' || nullif((
            SELECT string_agg(piece, '&' ORDER BY piece COLLATE "C") FROM unnest(string_to_array(parts[3], '&')) AS piece
        ), ''), '')
        || coalesce('#' || nullif(parts[4], ''), '')
    END
    FROM regexp_match(url, '^https?://(?:www\.)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$') AS parts
);
COMMENT ON FUNCTION address_identity(text) IS
    'What the spellings of a canonical address share: it without scheme, www, trailing slash and order of parameters.';

CREATE INDEX entries_address ON entries (feed_id, address_identity(canonical_url));

-- Feeds that a hub tells of (WebSub). Nothing stands here unless WIREWATCH_PUSH_URL is set.
CREATE TABLE subscriptions (
    feed_id     bigint PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    hub_url     text NOT NULL,
    topic_url   text NOT NULL,
    token       text NOT NULL UNIQUE,
    secret      text NOT NULL,
    state       text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'asked', 'active', 'denied')),
    asked_at    timestamptz,
    lease_until timestamptz,
    next_at     timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 0,
    reason      text,
    pushed_at   timestamptz,
    pushes      bigint NOT NULL DEFAULT 0
);
CREATE INDEX subscriptions_due ON subscriptions (next_at);
COMMENT ON TABLE subscriptions IS 'Feeds whose hub was asked to push what is new (WebSub), and how that stands.';
COMMENT ON COLUMN subscriptions.topic_url IS 'What was subscribed to: the address that the feed calls its own.';
COMMENT ON COLUMN subscriptions.token IS 'The end of the address that the hub calls; nobody else knows it.';
COMMENT ON COLUMN subscriptions.secret IS 'With it the hub signs what it pushes (HMAC); what is not signed is not taken.';
COMMENT ON COLUMN subscriptions.state IS
    'new: to be asked for; asked: the hub has not asked back yet; active: it has, until lease_until; denied: it refused.';
COMMENT ON COLUMN subscriptions.next_at IS 'When the hub is asked again: to renew the lease, or because it did not answer.';
COMMENT ON COLUMN subscriptions.tries IS 'How often it was asked since it last agreed.';
COMMENT ON COLUMN subscriptions.reason IS 'Why the hub refused or could not be asked, or what was wrong with its last push.';

CREATE TABLE pushes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id      bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    received_at  timestamptz NOT NULL,
    content_type text,
    body         bytea NOT NULL
);
CREATE INDEX pushes_feed ON pushes (feed_id);
COMMENT ON TABLE pushes IS 'Documents that hubs pushed, signed, until the next collection reads them.';
