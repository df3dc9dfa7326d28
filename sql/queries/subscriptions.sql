-- name: note
-- A feed names a hub. Another hub or topic is another subscription: what is pushed to the old address is not taken.
INSERT INTO subscriptions (feed_id, hub_url, topic_url, token, secret, next_at)
VALUES (%(feed_id)s, %(hub_url)s, %(topic_url)s, %(token)s, %(secret)s, %(now)s)
ON CONFLICT (feed_id) DO UPDATE SET
    hub_url = excluded.hub_url, topic_url = excluded.topic_url, token = excluded.token, secret = excluded.secret,
    state = 'new', asked_at = NULL, lease_until = NULL, next_at = excluded.next_at, tries = 0, reason = NULL
WHERE (subscriptions.hub_url, subscriptions.topic_url) IS DISTINCT FROM (excluded.hub_url, excluded.topic_url);

-- name: forget
DELETE FROM subscriptions WHERE feed_id = %(feed_id)s;

-- name: end_retired
-- Of a feed that is asked no more nothing is awaited.
DELETE FROM subscriptions s USING feeds f WHERE f.id = s.feed_id AND f.state = 'retired';

-- name: claim_left
-- What hubs are to be asked to end; what has run out by itself is forgotten. Taken as by `claim`.
WITH over AS (DELETE FROM left_subscriptions WHERE until <= %(now)s)
UPDATE left_subscriptions l SET
    asked_at = %(now)s, tries = l.tries + 1, next_at = %(now)s + %(wait)s::interval * (2 ^ least(l.tries, %(doublings)s))
WHERE l.token IN (
    SELECT d.token FROM left_subscriptions d WHERE d.next_at <= %(now)s AND d.until > %(now)s
    ORDER BY d.next_at, d.token LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED)
RETURNING l.token, l.feed_id, l.hub_url, l.topic_url, l.asked_at;

-- name: left_by_token
SELECT token, feed_id, hub_url, topic_url, asked_at FROM left_subscriptions WHERE token = %(token)s;

-- name: not_left
UPDATE left_subscriptions SET reason = %(reason)s WHERE token = %(token)s;

-- name: forget_left
DELETE FROM left_subscriptions WHERE token = %(token)s;

-- name: claim
-- What is to be asked for or renewed; taken by being set on, so that no other worker asks too.
UPDATE subscriptions s SET
    state = CASE WHEN s.state = 'active' AND s.lease_until > %(now)s THEN 'active' ELSE 'asked' END,
    asked_at = %(now)s, tries = s.tries + 1, next_at = %(now)s + %(wait)s::interval * (2 ^ least(s.tries, %(doublings)s))
WHERE s.feed_id IN (
    SELECT d.feed_id FROM subscriptions d JOIN feeds f ON f.id = d.feed_id
    WHERE d.next_at <= %(now)s AND f.state = 'active'
    ORDER BY d.next_at LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED)
RETURNING s.feed_id, s.hub_url, s.topic_url, s.token, s.secret, s.state, s.asked_at;

-- name: failed
UPDATE subscriptions SET reason = %(reason)s WHERE feed_id = %(feed_id)s AND token = %(token)s;

-- name: by_token
SELECT feed_id, hub_url, topic_url, token, secret, state, asked_at FROM subscriptions WHERE token = %(token)s;

-- name: confirm
UPDATE subscriptions SET state = 'active', lease_until = %(until)s, next_at = %(next_at)s, tries = 0, reason = NULL
WHERE token = %(token)s;

-- name: deny
UPDATE subscriptions SET state = 'denied', lease_until = NULL, next_at = %(next_at)s, reason = %(reason)s
WHERE token = %(token)s;

-- name: keep
-- A signed push, unless too many of its feed wait already: then the next poll brings what it says.
INSERT INTO pushes (feed_id, received_at, content_type, body)
SELECT %(feed_id)s, %(now)s, %(content_type)s, %(body)s
WHERE (SELECT count(*) FROM pushes WHERE feed_id = %(feed_id)s) < %(most)s;

-- name: waiting
SELECT id, feed_id FROM pushes ORDER BY id LIMIT %(limit)s;

-- name: read
SELECT p.id, p.feed_id, p.content_type, p.body, s.topic_url, f.url AS feed_url
FROM pushes p JOIN subscriptions s USING (feed_id) JOIN feeds f ON f.id = p.feed_id
WHERE p.id = %(id)s;

-- name: take
-- Whether a push is still to be taken; then its feed is held until the transaction ends, as by a poll.
WITH taken AS (DELETE FROM pushes WHERE id = %(id)s RETURNING feed_id)
SELECT f.id FROM feeds f JOIN taken t ON t.feed_id = f.id FOR UPDATE OF f;

-- name: taken
UPDATE subscriptions SET pushed_at = %(now)s, pushes = pushes + 1, reason = %(reason)s WHERE feed_id = %(feed_id)s;

-- name: seen_new
UPDATE feeds SET last_new_at = greatest(last_new_at, %(now)s) WHERE id = %(feed_id)s;
