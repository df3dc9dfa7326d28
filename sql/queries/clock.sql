-- name: pull_back_feeds
-- Feeds that are never due, and last polls that are still to come: a clock stood ahead when they were written.
UPDATE feeds SET next_poll_at = least(next_poll_at, %(now)s), last_polled_at = least(last_polled_at, %(now)s),
    last_new_at = least(last_new_at, %(now)s)
WHERE state <> 'retired' AND (next_poll_at > %(next_poll)s OR last_polled_at > %(soon)s OR last_new_at > %(soon)s);

-- name: pull_back_pages
UPDATE articles SET
    next_try_at = CASE WHEN next_try_at > %(next_try)s THEN %(now)s ELSE next_try_at END,
    next_refetch_at = CASE WHEN next_refetch_at > %(next_refetch)s THEN %(now)s ELSE next_refetch_at END
WHERE (state = 'pending' AND next_try_at > %(next_try)s) OR next_refetch_at > %(next_refetch)s;

-- name: pull_back_faults
UPDATE item_faults SET next_try_at = %(now)s WHERE set_aside_at IS NULL AND next_try_at > %(next_fault)s;

-- name: pull_back_leases
-- Leases run on the database's clock.
WITH feeds_freed AS (
    UPDATE feeds SET leased_until = 'epoch', leased_by = NULL
    WHERE leased_until > clock_timestamp() + make_interval(secs => %(lease)s) RETURNING 1),
articles_freed AS (
    -- Only these are ever claimed, and two small indexes hold them.
    UPDATE articles SET leased_until = 'epoch', leased_by = NULL
    WHERE (state = 'pending' OR next_refetch_at IS NOT NULL) AND leased_until > clock_timestamp() + make_interval(secs => %(lease)s) RETURNING 1)
SELECT (SELECT count(*) FROM feeds_freed) + (SELECT count(*) FROM articles_freed) AS freed;

-- name: pull_back_hosts
DELETE FROM hosts WHERE next_request_at > clock_timestamp() + interval '1 day';

-- name: ahead
-- What a clock that stood ahead has left, by kind.
SELECT
    (SELECT count(*) FROM feeds WHERE state <> 'retired' AND next_poll_at > %(next_poll)s) AS feeds_never_due,
    (SELECT count(*) FROM feeds WHERE last_polled_at > %(soon)s) AS feeds_polled_in_the_future,
    (SELECT count(*) FROM articles WHERE (state = 'pending' AND next_try_at > %(next_try)s)
        OR next_refetch_at > %(next_refetch)s) AS pages_never_due,
    (SELECT count(*) FROM item_faults WHERE set_aside_at IS NULL AND next_try_at > %(next_fault)s) AS items_never_due,
    (SELECT count(*) FROM feeds WHERE leased_until > clock_timestamp() + make_interval(secs => %(lease)s))
      + (SELECT count(*) FROM articles WHERE (state = 'pending' OR next_refetch_at IS NOT NULL)
         AND leased_until > clock_timestamp() + make_interval(secs => %(lease)s))
        AS leases_too_long;

-- name: rows
-- The newest moments that rows say they were written at, by the clock of whoever wrote them.
SELECT clock_timestamp() AS database,
       greatest((SELECT max(arrived_at) FROM fetches), (SELECT max(last_polled_at) FROM feeds),
                (SELECT max(drafted_at) FROM digests)) AS newest;

-- name: words_of_the_future
-- Whether any language counts more documents, in those of today, than there are articles: words were counted by a clock
-- that stood ahead, and beside them those of today count for nothing.
SELECT EXISTS (
    SELECT 1 FROM term_stats WHERE term = ''
      AND count > %(unit)s * (100 + 2 * (SELECT count(*) FROM article_terms))) AS any;

-- name: drop_words
DELETE FROM term_stats;

-- name: count_words
-- All words anew from the articles that are kept, none as of later than today; the empty term counts documents.
WITH counted AS (
    SELECT coalesce(a.language, '') AS language, t.weights,
           power(2.0::float8, (least(floor(extract(epoch FROM a.arrived_at) / 86400), %(today)s) - %(epoch_day)s)
                 / %(half_life)s) AS added
    FROM article_terms t JOIN articles a ON a.id = t.article_id),
terms AS (
    SELECT language, term, added FROM counted CROSS JOIN LATERAL jsonb_object_keys(weights) AS term
    UNION ALL SELECT language, '', added FROM counted)
INSERT INTO term_stats (language, term, count) SELECT language, term, sum(added) FROM terms GROUP BY 1, 2 ORDER BY 1, 2;

-- name: left_behind
-- Rows under a lease whose owner is gone: free at once for whoever claims next.
SELECT (SELECT count(*) FROM feeds WHERE leased_until > clock_timestamp()
          AND leased_by <> ALL ((SELECT living_owners())::bigint[]))
     + (SELECT count(*) FROM articles WHERE (state = 'pending' OR next_refetch_at IS NOT NULL)
          AND leased_until > clock_timestamp() AND leased_by <> ALL ((SELECT living_owners())::bigint[])) AS rows;
