-- An entry that leaves its feed and comes back with its address spelt otherwise is found by what the spellings share.

CREATE FUNCTION address_identity(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT CASE WHEN parts IS NULL THEN url ELSE
        parts[1] || rtrim(parts[2], '/')
        || coalesce('?' || nullif((
            SELECT string_agg(piece, '&' ORDER BY piece COLLATE "C") FROM unnest(string_to_array(parts[3], '&')) AS piece
        ), ''), '')
        || coalesce('#' || nullif(parts[4], ''), '')
    END
    FROM regexp_match(url, '^https?://(?:www\.)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$') AS parts
);
COMMENT ON FUNCTION address_identity(text) IS
    'What the spellings of a canonical address share: it without scheme, www, trailing slash and order of parameters.';

CREATE INDEX entries_address ON entries (feed_id, address_identity(canonical_url));
