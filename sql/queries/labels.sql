-- name: bounds
SELECT wirewatch.day_start(%(topic)s, %(first)s::date) AS since, wirewatch.day_start(%(topic)s, %(last)s::date + 1) AS until
FROM topics WHERE slug = %(topic)s;

-- name: sample
-- Half of what was found on topic and half of what was not, at random by the seed, an address once. What was not found is
-- most of it, and by halves neither is missing; each stands for as many as its half has addresses per drawn one.
WITH seen AS (
    SELECT DISTINCT ON (wirewatch.address_key(e.canonical_url)) e.canonical_url AS url, f.outlet, e.title,
           coalesce(w.on_topic, t.on_topic) AS found, md5(e.canonical_url || %(seed)s) AS draw
    FROM entries e JOIN feeds f ON f.id = e.feed_id
    JOIN entry_topics t ON t.entry_id = e.id AND t.topic = %(topic)s
    LEFT JOIN article_topics w ON w.article_id = e.article_id AND w.topic = t.topic
    WHERE least(e.published, e.first_seen_at) >= %(since)s AND least(e.published, e.first_seen_at) < %(until)s
      AND e.canonical_url IS NOT NULL
    ORDER BY wirewatch.address_key(e.canonical_url), e.id),
sizes AS (SELECT count(*) FILTER (WHERE found) AS found, count(*) FILTER (WHERE NOT found) AS other FROM seen),
shares AS (
    SELECT sizes.*, least(sizes.found, greatest(%(size)s / 2, %(size)s - sizes.other)) AS take_found FROM sizes),
placed AS (SELECT seen.*, row_number() OVER (PARTITION BY found ORDER BY draw) AS place FROM seen)
SELECT p.url, p.outlet, p.title,
       CASE WHEN p.found THEN s.found::float / s.take_found
            ELSE s.other::float / least(s.other, %(size)s - s.take_found) END AS weight
FROM placed p CROSS JOIN shares s
WHERE p.place <= CASE WHEN p.found THEN s.take_found ELSE %(size)s - s.take_found END
ORDER BY p.draw;

-- name: put
INSERT INTO labels (topic, address_key, url, on_topic, development, weight, labelled_by, labelled_at)
VALUES (%(topic)s, wirewatch.address_key(%(url)s), %(url)s, %(on_topic)s, %(development)s, %(weight)s, %(by)s, %(now)s)
ON CONFLICT (topic, address_key) DO UPDATE SET url = excluded.url, on_topic = excluded.on_topic,
    development = excluded.development, weight = excluded.weight, labelled_by = excluded.labelled_by,
    labelled_at = excluded.labelled_at;
