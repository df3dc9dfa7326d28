-- What each step's claim would find, asked before the step is loaded. A question may say yes where the claim then finds
-- nothing, as where another worker holds the rows; it never says no where the claim would find something.

-- name: feeds
SELECT EXISTS (
    SELECT 1 FROM feeds
    WHERE state <> 'retired' AND (next_poll_at <= %(now)s OR next_poll_at > %(next_poll)s
                                  OR last_polled_at > %(soon)s OR last_new_at > %(soon)s)) AS any;

-- name: entries
SELECT EXISTS (
    SELECT 1 FROM entries e WHERE e.matched_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'match' AND q.kind = 'entry' AND q.item_id = e.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))) AS any;

-- name: pages
SELECT EXISTS (
    SELECT 1 FROM articles a
    WHERE ((a.state = 'pending' AND a.next_try_at <= %(now)s) OR a.next_refetch_at <= %(now)s)
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'extract' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))) AS any;

-- name: uncopied
SELECT EXISTS (
    SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.copies_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'copies' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))) AS any;

-- name: backlog
-- Articles that wait for the step of which most wait, counted up to a limit: pages, texts to compare, texts to embed.
SELECT greatest(
    (SELECT count(*) FROM (
        SELECT 1 FROM articles a
        WHERE (a.state = 'pending' AND a.next_try_at <= %(now)s) OR a.next_refetch_at <= %(now)s
        LIMIT %(limit)s) pages),
    (SELECT count(*) FROM (
        SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.copies_at IS NULL LIMIT %(limit)s) uncopied),
    (SELECT count(*) FROM (
        SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.embedded_at IS NULL LIMIT %(limit)s) unembedded),
    -- with another model every text waits, and they are looked through only until it has a vector of each
    CASE WHEN EXISTS (SELECT 1 FROM embedding_models WHERE name = %(name)s AND complete) THEN 0
         ELSE (SELECT count(*) FROM (
             SELECT 1 FROM articles a WHERE a.state = 'extracted' AND a.embedded_at IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM vectors v JOIN embedding_models m ON m.id = v.model_id
                               WHERE v.article_id = a.id AND m.name = %(name)s)
             LIMIT %(limit)s) other_model) END) AS articles;

-- name: unplaced
SELECT EXISTS (
    SELECT 1 FROM articles a WHERE a.embedded_at IS NOT NULL AND a.clustered_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'place' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s))) AS any;

-- name: unreassigned
SELECT EXISTS (
    SELECT 1 FROM articles a WHERE a.clustered_at IS NOT NULL AND a.reassigned_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM item_faults q WHERE q.step = 'reassign' AND q.kind = 'article' AND q.item_id = a.id
                      AND (q.set_aside_at IS NOT NULL OR q.next_try_at > %(now)s)))
    OR EXISTS (SELECT 1 FROM stories_to_rebuild) AS any;

-- name: deliveries
SELECT EXISTS (
    SELECT 1 FROM deliveries x
    WHERE x.next_try_at <= %(now)s OR x.next_try_at > %(now)s::timestamptz + interval '1 hour'
       OR (x.outcome = 'internal' AND x.failed_at IS NOT NULL)) AS any;
