-- name: samples
-- What is measured for Prometheus, one row a sample: its family, its one label (null where the family has none), its
-- value. Rows of the large tables are Postgres' own estimate, as counting millions at each scrape would cost seconds.
WITH asked AS (
    SELECT * FROM feeds WHERE right(split_part(split_part(url, '/', 3), ':', 1), 8) <> '.example')
SELECT 'feeds' AS family, states.state AS label, count(a.id)::float AS value
FROM unnest('{active,paused,retired}'::text[]) AS states (state) LEFT JOIN asked a USING (state) GROUP BY states.state
UNION ALL
SELECT 'feeds_failing', coalesce(poll_state ->> 'reason', 'unknown'), count(*)
FROM asked WHERE state <> 'retired' AND poll_state ? 'failing_since' GROUP BY 2
UNION ALL
SELECT 'last_answer_timestamp_seconds', NULL,
       extract(epoch FROM max(greatest((poll_state ->> 'answered_full')::timestamptz,
                                       (poll_state ->> 'answered_304')::timestamptz)))
FROM asked
UNION ALL
SELECT 'last_new_entry_timestamp_seconds', NULL, extract(epoch FROM max(last_new_at)) FROM asked
UNION ALL
SELECT 'recent_fetches', kind || ' ' || outcome, count(*) FROM fetches
WHERE arrived_at > %(now)s::timestamptz - interval '1 hour' GROUP BY kind, outcome
UNION ALL
SELECT 'table_rows', relname, n_live_tup FROM pg_stat_user_tables
WHERE schemaname = 'public' AND relname IN ('entries', 'articles', 'stories', 'copies', 'vectors', 'fetches')
UNION ALL
SELECT 'digests', states.state, count(d.id)
FROM unnest('{draft,published,rejected,superseded}'::text[]) AS states (state) LEFT JOIN digests d USING (state)
GROUP BY states.state
UNION ALL
SELECT 'outbox_items', states.state, count(x.id)
FROM unnest('{waiting,failed}'::text[]) AS states (state)
LEFT JOIN deliveries x ON CASE states.state WHEN 'failed' THEN x.failed_at IS NOT NULL AND x.outcome NOT IN ('ok', 'superseded')
                                            ELSE x.next_try_at IS NOT NULL AND x.failed_at IS NULL END
GROUP BY states.state
UNION ALL
SELECT 'quarantined_items', states.state, count(q.item_id)
FROM unnest('{waiting,set-aside}'::text[]) AS states (state)
LEFT JOIN item_faults q ON (q.set_aside_at IS NOT NULL) = (states.state = 'set-aside') GROUP BY states.state
UNION ALL
SELECT 'failed_runs', dag_id, count(*) FROM run_failures WHERE at > %(now)s::timestamptz - interval '1 day' GROUP BY dag_id
UNION ALL
SELECT 'database_size_bytes', NULL, pg_database_size(current_database());
