-- name: kind
SELECT kind FROM coverage;

-- name: outlets
-- Feeds at invented outlets, and at others; .example is no domain that anybody can own (RFC 2606).
SELECT count(*) FILTER (WHERE invented) AS invented, count(*) FILTER (WHERE NOT invented) AS real
FROM (SELECT right(split_part(split_part(url, '/', 3), ':', 1), 8) = '.example' AS invented FROM feeds) AS hosts;

-- name: claim
INSERT INTO coverage (kind) VALUES (%(kind)s) ON CONFLICT DO NOTHING;
