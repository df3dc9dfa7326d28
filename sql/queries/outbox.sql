-- name: add
-- In the transaction of the decision, so that neither is there without the other.
INSERT INTO deliveries (digest_id, channel, at, outcome, next_try_at, notice)
SELECT %(digest_id)s, unnest(%(channels)s::text[]), %(now)s::timestamptz, 'waiting', %(now)s::timestamptz, %(notice)s
ON CONFLICT (digest_id, channel) DO NOTHING;

-- name: add_alert
INSERT INTO deliveries (alert_id, channel, at, outcome, next_try_at, notice)
SELECT %(alert_id)s, unnest(%(channels)s::text[]), %(now)s::timestamptz, 'waiting', %(now)s::timestamptz, %(notice)s
ON CONFLICT (alert_id, channel) DO NOTHING;

-- name: add_tried
-- What was sent before there was a row of it: it keeps the key of that try.
INSERT INTO deliveries (alert_id, channel, key, at, tries, outcome, notice)
VALUES (%(alert_id)s, %(channel)s, %(key)s, %(now)s, 1, 'sending', %(notice)s)
RETURNING id, digest_id, alert_id, channel, key, tries, notice;

-- name: due
-- What is to be tried now. A time further ahead than the longest wait was set by a clock that was wrong. Where our own
-- code failed for good, a release from the quarantine makes it due again.
SELECT x.id, x.digest_id, x.alert_id, x.channel, x.tries, x.at
FROM deliveries x
CROSS JOIN LATERAL (SELECT CASE WHEN x.alert_id IS NULL THEN 'digest' ELSE 'alert' END AS kind,
                           coalesce(x.digest_id, x.alert_id) AS id) item
WHERE (%(digest_id)s::bigint IS NULL OR x.digest_id = %(digest_id)s)
  AND (x.next_try_at <= %(now)s OR x.next_try_at > %(now)s::timestamptz + %(longest)s::interval
       OR (x.outcome = 'internal' AND x.failed_at IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM item_faults q
           WHERE q.step = 'deliver-' || x.channel AND q.kind = item.kind AND q.item_id = item.id)))
  AND NOT EXISTS (
      SELECT 1 FROM item_faults q
      WHERE q.step = 'deliver-' || x.channel AND q.kind = item.kind AND q.item_id = item.id
        AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))
ORDER BY x.digest_id, x.alert_id, x.channel LIKE 'failed-%%', x.channel;

-- name: lock_files
SELECT pg_advisory_xact_lock(hashtextextended('published files of ' || %(topic)s::text, 0));

-- name: claim
-- A try begins: should its process die, the row says that it was sending, and is due again. None where another process
-- has tried it since it was found due.
UPDATE deliveries SET tries = tries + 1, at = %(now)s, outcome = 'sending', next_try_at = %(again)s, failed_at = NULL
WHERE id = %(id)s AND tries = %(tries)s AND at = %(seen)s AND outcome NOT IN ('ok', 'superseded')
RETURNING id, digest_id, alert_id, channel, key, tries, notice;

-- name: end
-- How a try ended: with `next_try` it is tried again; with `failed` it is not, though it did not arrive.
UPDATE deliveries SET outcome = %(outcome)s, detail = %(detail)s, next_try_at = %(next_try)s, failed_at = %(failed)s,
    notice = CASE WHEN %(rest)s::text IS NULL THEN notice
                  ELSE coalesce(notice, '{}') || jsonb_build_object('to', %(rest)s::text) END
WHERE id = %(id)s;

-- name: end_internal
-- Our own code failed: the quarantine says when it is tried again, or that it is set aside.
UPDATE deliveries x SET outcome = 'internal', detail = %(detail)s,
    next_try_at = CASE WHEN q.set_aside_at IS NULL THEN q.next_try_at END,
    failed_at = CASE WHEN q.set_aside_at IS NOT NULL THEN %(now)s::timestamptz END
FROM item_faults q
WHERE x.id = %(id)s AND q.step = 'deliver-' || x.channel
  AND q.kind = CASE WHEN x.alert_id IS NULL THEN 'digest' ELSE 'alert' END AND q.item_id = coalesce(x.digest_id, x.alert_id)
RETURNING x.failed_at IS NOT NULL AS failed;

-- name: switched_off
-- Nothing says any more where it is to go. Within a week of the decision it goes there should that be said again.
UPDATE deliveries x SET outcome = 'not-configured', detail = NULL,
    next_try_at = CASE WHEN decided.at > %(now)s::timestamptz - interval '7 days'
                       THEN %(now)s::timestamptz + interval '1 hour' END
FROM (SELECT o.id, coalesce(d.reviewed_at, d.drafted_at, a.told_at) AS at FROM deliveries o
      LEFT JOIN digests d ON d.id = o.digest_id LEFT JOIN alerts a ON a.id = o.alert_id
      WHERE o.id = %(id)s) decided
WHERE x.id = decided.id AND x.tries = %(tries)s AND x.at = %(seen)s AND x.outcome NOT IN ('ok', 'superseded');

-- name: reopen
-- By a person's word: what did not arrive by one of these channels is due now, with all its tries before it, and is told again should it fail.
WITH reopened AS (
    UPDATE deliveries SET tries = 0, next_try_at = %(now)s, failed_at = NULL
    WHERE digest_id = %(digest_id)s AND outcome NOT IN ('ok', 'superseded') AND channel = ANY(%(channels)s)
    RETURNING channel),
forgiven AS (
    DELETE FROM item_faults q USING reopened r
    WHERE q.step = 'deliver-' || r.channel AND q.kind = 'digest' AND q.item_id = %(digest_id)s)
DELETE FROM deliveries x USING reopened r
WHERE x.digest_id = %(digest_id)s AND x.channel LIKE 'failed-' || r.channel || '-%%';

-- name: of_digest
SELECT digest_id, channel, state, outcome, detail, tries, at, next_try_at, failed_at FROM outbox
WHERE digest_id = %(digest_id)s
ORDER BY channel LIKE 'failed-%%', channel LIKE 'review-%%', channel;

-- name: undelivered
-- Of the digests themselves: what the desk is told is not meant.
SELECT digest_id, channel, state, outcome, detail, tries, at, next_try_at, failed_at FROM outbox
WHERE state IN ('failed', 'sending', 'waiting', 'switched off') AND digest_id IS NOT NULL AND channel NOT LIKE 'failed-%%' AND channel NOT LIKE 'review-%%'
ORDER BY digest_id, channel;
