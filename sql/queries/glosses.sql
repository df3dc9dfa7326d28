-- name: known
SELECT original, gloss FROM glosses
WHERE original = ANY(%(originals)s) AND source = %(source)s AND target = %(target)s AND service = %(service)s;

-- name: save
INSERT INTO glosses (original, source, target, service, gloss, made_at)
VALUES (%(original)s, %(source)s, %(target)s, %(service)s, %(gloss)s, %(now)s)
ON CONFLICT DO NOTHING;
