"""Every foreign key has an index that begins with it: else a row's end reads whole tables that point at it."""

from __future__ import annotations

from pipeline import database
from pipeline.settings import Settings

# An index serves where its first columns are those of the key, in any order, and where its condition, if it has one,
# says no more than that the key is there.
UNINDEXED = """
SELECT k.conrelid::regclass || ' (' || string_agg(a.attname, ', ' ORDER BY a.attnum) || ')' AS key
FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid
      AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
      AND coalesce(pg_get_expr(i.indpred, i.indrelid), '') IN ('', (
          SELECT format('(%I IS NOT NULL)', b.attname) FROM pg_attribute b
          WHERE b.attrelid = k.conrelid AND b.attnum = k.conkey[1])))
GROUP BY k.oid, k.conrelid ORDER BY 1"""


def _unindexed(connection: database.Connection) -> list[str]:
    return [row["key"] for row in connection.execute(UNINDEXED)]


def test_every_foreign_key_is_indexed(settings: Settings) -> None:
    with database.connect(settings) as connection:
        assert _unindexed(connection) == []


def test_one_that_is_not_would_be_found(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute(
            "CREATE TABLE points (id int, at_feed bigint REFERENCES feeds, of_article bigint REFERENCES articles)"
        )
        connection.execute("CREATE INDEX ON points (id, at_feed)")
        connection.execute("CREATE INDEX ON points (of_article) WHERE id > 1")
        assert _unindexed(connection) == ["points (at_feed)", "points (of_article)"]
        connection.execute("CREATE INDEX ON points (at_feed) WHERE at_feed IS NOT NULL")
        assert _unindexed(connection) == ["points (of_article)"]
