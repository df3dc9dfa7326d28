-- name: add
-- A feed is known by its URL; adding it again only completes what was empty, so that a person's edits stay.
INSERT INTO feeds (url, title, outlet, home_url, format, country, language, ownership, tags)
VALUES (%(url)s, %(title)s, %(outlet)s, %(home_url)s, %(format)s, %(country)s, %(language)s, %(ownership)s, %(tags)s)
ON CONFLICT (url) DO UPDATE SET
    home_url = coalesce(feeds.home_url, excluded.home_url),
    country = coalesce(feeds.country, excluded.country),
    language = coalesce(feeds.language, excluded.language)
RETURNING id, (xmax = 0) AS added;

-- name: all
SELECT id, url, title, outlet, home_url, format, country, language, ownership, tags, state, state_reason, last_polled_at,
       last_new_at, next_poll_at
FROM feeds ORDER BY outlet, id;

-- name: due
-- What should be asked now; ordered so that the longest overdue come first.
SELECT f.id FROM feeds f
WHERE f.state <> 'retired' AND f.next_poll_at <= %(now)s
  AND (f.leased_until <= clock_timestamp() OR f.leased_by <> ALL ((SELECT living_owners())::bigint[]))
  AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'poll' AND q.kind = 'feed' AND q.item_id = f.id
                  AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY f.next_poll_at, f.id;

-- name: claim
-- Two workers never hold one feed: the lease is taken in the same statement that reads the row. What the owner of a
-- lease left behind is free as soon as that one is gone.
UPDATE feeds SET leased_until = clock_timestamp() + make_interval(secs => %(lease)s), leased_by = %(owner)s
WHERE id IN (
    SELECT id FROM feeds WHERE id = ANY(%(ids)s) AND state <> 'retired'
      AND (leased_until <= clock_timestamp() OR leased_by <> ALL ((SELECT living_owners())::bigint[]))
    ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING id, url, poll_state, last_polled_at, leased_by;

-- name: hold
-- Which of these rows are still their claimer's; nobody else can have those until the transaction ends.
SELECT id FROM feeds
WHERE (id, leased_by) IN (SELECT * FROM unnest(%(ids)s::bigint[], %(owners)s::bigint[]))
ORDER BY id FOR UPDATE;

-- name: give_back
UPDATE feeds SET leased_until = 'epoch', leased_by = NULL WHERE id = %(id)s AND leased_by = %(owner)s;

-- name: read_late
-- A document of the past was read: how polling stands is known by what came later. But what came later must be read
-- again in full the next time: the same body as before is news after the one between.
UPDATE feeds SET poll_state = poll_state - '{body_hash,validators}'::text[], leased_until = 'epoch', leased_by = NULL
WHERE id = %(id)s;

-- name: postpone
UPDATE feeds SET next_poll_at = greatest(next_poll_at, %(until)s) WHERE id = %(id)s;

-- name: polled
-- The end of polls: how polling stands now, and the leases given back.
UPDATE feeds f SET
    poll_state = given.poll_state, next_poll_at = given.next_poll_at,
    leased_until = 'epoch', leased_by = NULL,
    state = given.state, state_reason = given.state_reason, url = given.url,
    last_polled_at = greatest(f.last_polled_at, given.now),
    last_new_at = CASE WHEN given.new > 0 THEN given.now ELSE f.last_new_at END,
    format = coalesce(given.format, f.format), title = coalesce(nullif(f.title, ''), given.title, ''),
    home_url = coalesce(f.home_url, given.home_url)
FROM json_to_recordset(%(rows)s) AS given (
    id bigint, url text, poll_state jsonb, state text, state_reason text, next_poll_at timestamptz, new integer,
    now timestamptz, format text, title text, home_url text)
WHERE f.id = given.id;

-- name: moved
-- What feeds have moved, or tried to. An address that is refused again and again is one row.
INSERT INTO feed_moves (feed_id, at, from_url, to_url, way, ended, reason)
SELECT feed_id, at, from_url, to_url, way, ended, reason
FROM json_to_recordset(%(rows)s) AS given (
    feed_id bigint, at timestamptz, from_url text, to_url text, way text, ended text, reason text)
WHERE given.ended <> 'refused' OR NOT EXISTS (
    SELECT FROM feed_moves m
    WHERE (m.feed_id, m.from_url, m.to_url, m.ended) = (given.feed_id, given.from_url, given.to_url, given.ended));

-- name: left_addresses
-- Addresses that feeds have left, and at which none is known now.
SELECT DISTINCT m.from_url FROM feed_moves m
WHERE m.ended <> 'refused' AND NOT EXISTS (SELECT FROM feeds f WHERE f.url = m.from_url);

-- name: gaps
-- Of a stretch that was missed before, in part, the rest: nothing counts as missed twice.
INSERT INTO gaps (feed_id, seen_at, since, until)
SELECT given.feed_id, given.seen_at, lower(missed), upper(missed)
FROM json_to_recordset(%(rows)s) AS given (
    feed_id bigint, seen_at timestamptz, since timestamptz, until timestamptz)
CROSS JOIN LATERAL unnest(
    tstzmultirange(tstzrange(given.since, given.until))
    - coalesce((SELECT range_agg(tstzrange(k.since, k.until)) FROM gaps k
                WHERE k.feed_id = given.feed_id AND k.until > given.since AND k.since < given.until), '{}')) AS missed;

-- name: log_fetches
INSERT INTO fetches (at, as_of, captured, kind, feed_id, article_id, url, status, outcome, detail, bytes, elapsed,
                     entries, new_entries)
SELECT at, as_of, captured, kind, feed_id, article_id, url, status, outcome, detail, bytes, elapsed, entries, new_entries
FROM json_to_recordset(%(rows)s) AS given (
    at timestamptz, as_of timestamptz, captured timestamptz, kind text, feed_id bigint, article_id bigint, url text,
    status integer, outcome text, detail text, bytes bigint, elapsed real, entries integer, new_entries integer);

-- name: captures_read
-- The archive's captures of feeds that were read already, so that a backfill run again does not read them twice.
SELECT feed_id, as_of FROM fetches
WHERE kind = 'feed' AND as_of >= %(start)s AND as_of < %(end)s AND captured IS NOT NULL;

-- name: url_taken
-- A feed that moved onto the address of another one is that other one.
SELECT id FROM feeds WHERE url = %(url)s AND id <> %(id)s;

-- name: health
SELECT feed_id, outlet, url, state, newest_published, duplicate_share, gaps, last_error, next_poll_at FROM feed_health ORDER BY state, outlet;

-- name: full_health
-- What needs somebody first: paused, then failing, then by outlet.
SELECT feed_id, outlet, url, state, state_reason, last_polled_at, last_new_at, next_poll_at, interval_seconds, entries,
       newest_published, duplicate_share, polls, unmodified_share, failed_polls, bytes, last_error, last_error_detail,
       last_error_at, gaps, missed
FROM feed_health
ORDER BY state = 'retired', state = 'active', last_error_at IS NULL OR last_error_at < last_polled_at, outlet, feed_id;
