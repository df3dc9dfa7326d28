-- An outbox: what is to be sent is a row of the transaction that decided it, and stays due until it arrived or failed
-- for good.

ALTER TABLE deliveries
    ADD COLUMN key         uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN tries       integer NOT NULL DEFAULT 0,
    ADD COLUMN next_try_at timestamptz,
    ADD COLUMN failed_at   timestamptz,
    ADD COLUMN notice      jsonb;

-- Rows of before are tries that were made. Of a published digest, those that failed within a week are due once more.
UPDATE deliveries SET tries = 1;
UPDATE deliveries x SET next_try_at = x.at FROM digests d
WHERE d.id = x.digest_id AND d.state = 'published' AND x.channel NOT LIKE 'review-%' AND x.outcome <> 'ok'
  AND (x.at > now() - interval '7 days' OR x.outcome = 'internal');
UPDATE deliveries SET failed_at = at WHERE outcome <> 'ok' AND next_try_at IS NULL;
-- A process that died after the decision left a published digest without any; its files can be written at any time.
INSERT INTO deliveries (digest_id, channel, at, outcome, next_try_at)
SELECT id, 'files', published_at, 'waiting', published_at FROM digests d
WHERE state = 'published' AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.digest_id = d.id AND x.channel = 'files');

CREATE INDEX deliveries_due ON deliveries (next_try_at) WHERE next_try_at IS NOT NULL;

COMMENT ON TABLE deliveries IS
    'The outbox: what is to be sent of a digest, where to, and whether it arrived. One that failed is tried again.';
COMMENT ON COLUMN deliveries.channel IS
    'files, webhook or mail; review-… tells the desk that a draft waits, failed-… that a channel failed for good.';
COMMENT ON COLUMN deliveries.at IS 'When it was tried last; before the first try, when it was decided.';
COMMENT ON COLUMN deliveries.outcome IS
    'waiting, sending, ok, superseded (nobody needs it any more), not-configured, or the reason why the last try failed.';
COMMENT ON COLUMN deliveries.detail IS 'What the receiver said last.';
COMMENT ON COLUMN deliveries.key IS 'The same in every try: Idempotency-Key of a request, Message-ID of a mail.';
COMMENT ON COLUMN deliveries.tries IS 'How often it was tried.';
COMMENT ON COLUMN deliveries.next_try_at IS 'From when on it is tried again; NULL where it arrived, is not needed or failed for good.';
COMMENT ON COLUMN deliveries.failed_at IS 'Since when it is tried no more.';
COMMENT ON COLUMN deliveries.notice IS
    'What a message says where the digest does not: subject, text and link; of a mail that some refused, to whom it is still to go.';

CREATE VIEW outbox AS
SELECT d.topic, d.day, d.version, x.digest_id, x.channel,
       CASE WHEN x.outcome = 'ok' THEN 'delivered'
            WHEN x.failed_at IS NOT NULL THEN 'failed'
            WHEN x.next_try_at IS NULL THEN 'not needed'
            WHEN x.outcome = 'not-configured' THEN 'switched off'
            WHEN x.outcome = 'sending' AND x.next_try_at > now() THEN 'sending'
            ELSE 'waiting'
       END AS state,
       x.outcome, x.detail, x.tries, x.at, x.next_try_at, x.failed_at, x.key
FROM deliveries x JOIN digests d ON d.id = x.digest_id;
COMMENT ON VIEW outbox IS
    'Each digest and channel: whether it was delivered, failed for good or waits, how often it was tried, what was answered last.';
