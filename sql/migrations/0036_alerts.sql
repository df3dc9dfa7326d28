-- What the desk is alerted of, and an outbox that carries it: a delivery is of a digest or of an alert.
CREATE TABLE alerts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    subject    text NOT NULL,
    title      text NOT NULL,
    text       text NOT NULL,
    path       text NOT NULL DEFAULT '',
    raised_at  timestamptz NOT NULL,
    told_at    timestamptz NOT NULL,
    times      integer NOT NULL DEFAULT 1 CHECK (times > 0),
    cleared_at timestamptz CHECK (cleared_at >= raised_at)
);
-- One that stands at a time, whichever process finds it.
CREATE UNIQUE INDEX alerts_standing ON alerts (kind, subject) WHERE cleared_at IS NULL;
CREATE INDEX alerts_subject ON alerts (kind, subject);
COMMENT ON TABLE alerts IS 'What the desk was alerted of: since when it holds, when it was told, when it was over.';
COMMENT ON COLUMN alerts.kind IS 'story-spreads, feed-died or no-collection.';
COMMENT ON COLUMN alerts.subject IS 'What tells it apart within its kind: the number of the story or the feed; empty where there is only one.';
COMMENT ON COLUMN alerts.title IS 'What it is about, in a line.';
COMMENT ON COLUMN alerts.text IS 'What holds, and what to do, as it was told last.';
COMMENT ON COLUMN alerts.path IS 'The page that shows it, below the address of the Airflow UI.';
COMMENT ON COLUMN alerts.raised_at IS 'When it was found first.';
COMMENT ON COLUMN alerts.told_at IS 'When the desk was told last.';
COMMENT ON COLUMN alerts.times IS 'How often the desk was told that it holds.';
COMMENT ON COLUMN alerts.cleared_at IS 'When it was found to hold no more; null while it stands.';

CREATE VIEW alerts_now AS
SELECT id AS alert_id, kind, subject, title, text, raised_at, told_at, times, path FROM alerts WHERE cleared_at IS NULL;
COMMENT ON VIEW alerts_now IS 'The alerts that stand.';
COMMENT ON COLUMN alerts_now.alert_id IS 'alerts.id';
COMMENT ON COLUMN alerts_now.raised_at IS 'Since when it holds.';

DROP VIEW outbox;
ALTER TABLE deliveries
    DROP CONSTRAINT deliveries_pkey,
    ALTER COLUMN digest_id DROP NOT NULL,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ADD COLUMN alert_id bigint REFERENCES alerts ON DELETE CASCADE,
    ADD CONSTRAINT deliveries_of_one CHECK (num_nonnulls(digest_id, alert_id) = 1),
    ADD CONSTRAINT deliveries_digest UNIQUE (digest_id, channel),
    ADD CONSTRAINT deliveries_alert UNIQUE (alert_id, channel);
COMMENT ON TABLE deliveries IS
    'The outbox: what is to be sent of a digest or an alert, where to, and whether it arrived. One that failed is tried again.';
COMMENT ON COLUMN deliveries.digest_id IS 'The digest that it is of; null where it is of an alert.';
COMMENT ON COLUMN deliveries.alert_id IS 'The alert that it is of; null where it is of a digest.';
COMMENT ON COLUMN deliveries.channel IS
    'files, webhook, slack or mail; review-… tells the desk that a draft waits, failed-… that a channel failed for good; of an alert raised-…, again-2-… (the second time) and cleared-….';

CREATE VIEW outbox AS
SELECT d.topic, d.day, d.version, x.digest_id, x.channel,
       CASE WHEN x.outcome = 'ok' THEN 'delivered'
            WHEN x.failed_at IS NOT NULL THEN 'failed'
            WHEN x.next_try_at IS NULL THEN 'not needed'
            WHEN x.outcome = 'not-configured' THEN 'switched off'
            WHEN x.outcome = 'sending' AND x.next_try_at > now() THEN 'sending'
            ELSE 'waiting'
       END AS state,
       x.outcome, x.detail, x.tries, x.at, x.next_try_at, x.failed_at, x.key, x.alert_id
FROM deliveries x LEFT JOIN digests d ON d.id = x.digest_id;
COMMENT ON VIEW outbox IS
    'Each digest or alert and channel: whether it was delivered, failed for good or waits, how often it was tried, what was answered last.';
COMMENT ON COLUMN outbox.alert_id IS 'The alert that it is of; null where it is of a digest, as topic, day and version are where it is of an alert.';

ALTER TABLE item_faults DROP CONSTRAINT item_faults_kind_check;
ALTER TABLE item_faults ADD CONSTRAINT item_faults_kind_check
    CHECK (kind IN ('feed', 'entry', 'article', 'story', 'digest', 'alert'));
COMMENT ON COLUMN item_faults.kind IS 'The table of item_id: feeds, entries, articles, stories, digests or alerts.';
