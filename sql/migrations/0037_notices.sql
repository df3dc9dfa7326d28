-- What the desk was told of a run that failed, and did not arrive, is a row of alerts as well.
COMMENT ON TABLE alerts IS
    'What the desk was alerted of: since when it holds, when it was told, when it was over. Also what happened and did not arrive at once.';
COMMENT ON COLUMN alerts.kind IS
    'story-spreads, feed-died or no-collection; notice, such as of a run that failed, where the first try did not arrive.';
COMMENT ON COLUMN alerts.subject IS
    'What tells it apart within its kind: the number of the story or the feed, the key of the notice; empty where there is only one.';
COMMENT ON COLUMN alerts.cleared_at IS
    'When it was found to hold no more; null while it stands. Of what only happened, a notice, the same as raised_at.';

CREATE OR REPLACE VIEW quarantine AS
SELECT q.kind || ':' || q.item_id AS item, q.step, q.kind, q.item_id, q.tries, q.first_at, q.last_at,
       CASE WHEN q.set_aside_at IS NULL THEN q.next_try_at END AS next_try_at, q.set_aside_at, q.class, q.message,
       q.place, coalesce(f.outlet, ef.outlet, a.outlet) AS outlet,
       coalesce(nullif(f.title, ''), e.title, a.title, d.title, x.title) AS title,
       coalesce(f.url, e.url, a.url) AS url
FROM item_faults q
LEFT JOIN feeds f ON q.kind = 'feed' AND f.id = q.item_id
LEFT JOIN entries e ON q.kind = 'entry' AND e.id = q.item_id
LEFT JOIN feeds ef ON ef.id = e.feed_id
LEFT JOIN articles a ON q.kind = 'article' AND a.id = q.item_id
LEFT JOIN digests d ON q.kind = 'digest' AND d.id = q.item_id
LEFT JOIN alerts x ON q.kind = 'alert' AND x.id = q.item_id;
