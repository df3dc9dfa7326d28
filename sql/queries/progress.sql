-- name: counts
-- How far the pipeline has come, for the line under a progress bar.
SELECT (SELECT count(*) FROM feeds WHERE state <> 'retired') AS feeds,
       (SELECT count(*) FROM entries) AS entries,
       (SELECT count(*) FROM articles) AS articles,
       (SELECT count(*) FROM copies) AS copies,
       (SELECT count(*) FROM stories WHERE merged_into IS NULL) AS stories,
       (SELECT count(*) FROM digests WHERE state <> 'superseded') AS digests;
