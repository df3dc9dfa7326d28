-- Subscriptions that ended here while their hub may still hold them: it is asked to end them too (WebSub, section 5.1).
-- However one ends (its feed names another hub or none, moved, was retired or deleted), a trigger keeps what the hub
-- has to be asked with.
CREATE TABLE left_subscriptions (
    token     text PRIMARY KEY,
    feed_id   bigint NOT NULL,
    hub_url   text NOT NULL,
    topic_url text NOT NULL,
    until     timestamptz NOT NULL,
    asked_at  timestamptz,
    next_at   timestamptz NOT NULL DEFAULT 'epoch',
    tries     integer NOT NULL DEFAULT 0,
    reason    text
);
CREATE INDEX left_subscriptions_due ON left_subscriptions (next_at);
COMMENT ON TABLE left_subscriptions IS 'Subscriptions given up here that a hub may still hold, until it agrees to end them or its lease is over.';
COMMENT ON COLUMN left_subscriptions.token IS 'The end of the address that the hub still calls; as subscriptions.token.';
COMMENT ON COLUMN left_subscriptions.feed_id IS 'Whose subscription it was; that feed may be gone.';
COMMENT ON COLUMN left_subscriptions.until IS 'When the hub''s lease is over by itself; 30 days after it was asked where it never said.';
COMMENT ON COLUMN left_subscriptions.asked_at IS 'When the hub was last asked to end it; null before.';
COMMENT ON COLUMN left_subscriptions.next_at IS 'When it is asked, or asked again.';
COMMENT ON COLUMN left_subscriptions.tries IS 'How often it was asked.';
COMMENT ON COLUMN left_subscriptions.reason IS 'Why it could not be asked.';

CREATE FUNCTION keep_left_subscription() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A hub that was never asked, or that refused, holds nothing.
    IF old.state IN ('asked', 'active') AND old.asked_at IS NOT NULL THEN
        INSERT INTO left_subscriptions (token, feed_id, hub_url, topic_url, until)
        VALUES (old.token, old.feed_id, old.hub_url, old.topic_url,
                greatest(old.lease_until, old.asked_at + interval '30 days'))
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_left_subscription() IS 'Keeps of a subscription that ends what its hub has to be asked with.';
CREATE TRIGGER ended AFTER DELETE ON subscriptions FOR EACH ROW EXECUTE FUNCTION keep_left_subscription();
CREATE TRIGGER replaced AFTER UPDATE OF token ON subscriptions FOR EACH ROW
    WHEN (old.token IS DISTINCT FROM new.token) EXECUTE FUNCTION keep_left_subscription();
