-- name: tries
-- How often a step has failed on an item so far.
SELECT tries FROM item_faults WHERE step = %(step)s AND kind = %(kind)s AND item_id = %(item_id)s FOR UPDATE;

-- name: record
INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, set_aside_at, class, message, place)
VALUES (%(step)s, %(kind)s, %(item_id)s, %(tries)s, clock_timestamp(), clock_timestamp(), %(next_try_at)s,
        CASE WHEN %(set_aside)s THEN clock_timestamp() END, %(name)s, %(message)s, %(place)s)
ON CONFLICT (step, kind, item_id) DO UPDATE SET
    tries = excluded.tries, last_at = excluded.last_at, next_try_at = excluded.next_try_at,
    set_aside_at = excluded.set_aside_at, class = excluded.class, message = excluded.message, place = excluded.place;

-- name: clear
-- What a step has done after all.
DELETE FROM item_faults WHERE step = %(step)s AND kind = %(kind)s AND item_id = ANY(%(ids)s);

-- name: free
-- An edited item is another one to every step; so is one that is gone.
DELETE FROM item_faults WHERE kind = %(kind)s AND item_id = ANY(%(ids)s);

-- name: held
-- Of these, the items that a step leaves out, each at a moment of its own.
SELECT q.item_id FROM item_faults q
JOIN unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS asked (id, moment) ON asked.id = q.item_id
WHERE q.step = %(step)s AND q.kind = %(kind)s AND (q.set_aside_at IS NOT NULL OR q.next_try_at > asked.moment);

-- name: due
-- Items of a step that failed and whose next try has come.
SELECT item_id FROM item_faults
WHERE step = %(step)s AND kind = %(kind)s AND set_aside_at IS NULL AND next_try_at <= %(now)s ORDER BY item_id;

-- name: quarantine
-- Set aside first, then what is tried again, newest first.
SELECT item, step, kind, item_id, tries, first_at, last_at, next_try_at, set_aside_at, class AS class_name, message,
       place, outlet, title, url
FROM quarantine ORDER BY set_aside_at IS NULL, last_at DESC, item;

-- name: release
DELETE FROM item_faults
WHERE (%(step)s::text IS NULL OR step = %(step)s)
  AND (%(items)s::text[] IS NULL OR kind || ':' || item_id = ANY(%(items)s))
RETURNING kind || ':' || item_id AS item;

-- name: forget
-- Rows of items that are there no more, of tries that never came (a story that left its day, a channel switched off), and
-- of what was set aside so long ago that our code is another one: it is tried anew.
DELETE FROM item_faults q
WHERE set_aside_at < %(oldest)s
   OR (set_aside_at IS NULL AND next_try_at < %(now)s::timestamptz - interval '7 days'
       AND (step = 'draft' OR step LIKE 'deliver-%%'))
   OR (kind = 'feed' AND NOT EXISTS (SELECT 1 FROM feeds WHERE id = q.item_id))
   OR (kind = 'entry' AND NOT EXISTS (SELECT 1 FROM entries WHERE id = q.item_id))
   OR (kind = 'article' AND NOT EXISTS (SELECT 1 FROM articles WHERE id = q.item_id))
   OR (kind = 'story' AND NOT EXISTS (SELECT 1 FROM stories WHERE id = q.item_id))
   OR (kind = 'digest' AND NOT EXISTS (SELECT 1 FROM digests WHERE id = q.item_id))
   OR (kind = 'alert' AND NOT EXISTS (SELECT 1 FROM alerts WHERE id = q.item_id));
