"""docs/schema.md: what a migrated database holds, by its own comments; run by ``make schema``.

    schema_reference.py     write docs/schema.md, from a database of the migrations in an embedded Postgres of its own

tests/db/test_schema_reference.py makes the page anew and compares.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "schema.md"
#: The tables of each diagram, by what it shows. More in one would not be legible.
DRAWN = {
    "From a feed to an article on topic": (
        "feeds", "fetches", "entries", "entry_topics", "topics", "articles", "article_topics", "article_revisions",
        "copies",
    ),
    "From an article to a story": (
        "articles", "vectors", "embedding_models", "memberships", "stories", "story_events", "overrides",
    ),
    "From a story to a digest": (
        "stories", "topics", "digests", "digest_items", "digest_drops", "review_words", "deliveries",
    ),
}  # fmt: skip
Row = Mapping[str, Any]

HEAD = """\
# The schema

What the database holds, by the comments that stand in it: `\\d+ articles` in `psql` shows the same.
`make schema` writes this page from the migrations; a test holds it to them, so change the comments and not the page.
[Asking the database](querying.md) is where to begin.

All times are UTC; `timestamptz` is their type, with the time zone.
A column may be null where its description says what null means.

| schema | |
| --- | --- |
"""
EXAMPLES = """\
Examples are those of `sql/examples.sql`, over the recorded coverage.
In them `:story`, `:article` and `:address` are variables of `psql`: set numbers and an address of your own.
"""
DIAGRAM = """\
The tables that carry news from a feed to a digest, with their keys (PK) and what points at other tables (FK).
The rest is below.
"""


def main() -> int:
    """Write the page; returns the exit status."""
    from pipeline import database
    from pipeline.database.embedded import running
    from pipeline.settings import Settings

    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-schema-") as folder,
        running(Settings(home=Path(folder))) as server,
    ):
        server.ensure_database("reference")
        database.migrate(Settings(database_url=server.url("reference")))
        text = page(server.url("reference"))
        database.close_idle()
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
    return 0


def page(url: str) -> str:
    """The page of the database at an address."""
    asked = _named(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute(asked.pop("path").encode())
        found = {name: connection.execute(query.encode()).fetchall() for name, query in asked.items()}
    relations, functions = found["relations"], found["functions"]
    examples = _examples((ROOT / "sql" / "examples.sql").read_text(encoding="utf-8"))
    ours = [row for row in relations if row["schema"] == "wirewatch"]
    asking = [row for row in functions if row["schema"] == "wirewatch"]
    views = [row for row in ours if row["kind"] in "vm"]
    types = [row for row in ours if row["kind"] == "c"]
    working = [row for row in relations if row["schema"] == "public"]
    parts = [
        HEAD + "".join(f"| `{row['name']}` | {_plain(row['comment'])} |\n" for row in _in_order(found["schemas"])),
        "## Views\n\n" + _index(views, "view"),
        *(_view(row, examples) for row in views),
        "## Functions\n\n" + EXAMPLES + "\n" + _index(asking, "function"),
        *(_function(name, list(rows), examples) for name, rows in groupby(asking, key=lambda row: row["name"])),
        "## Types\n\nWhat some of these functions return rows of.\n" if types else "",
        *(_view(row, {}) for row in types),
        "## Diagrams\n\n" + DIAGRAM,
        *(f"### {title}\n\n" + _diagram(names, working, found["foreign_keys"]) for title, names in DRAWN.items()),
        "## Working tables\n\nThe pipeline writes them; what they hold may change with a migration.\n",
        *(_table(row) for row in working),
        "## Foreign keys\n\n" + _foreign_keys(found["foreign_keys"]),
        "## Functions of the working tables\n\n" + _helpers([row for row in functions if row["schema"] == "public"]),
    ]
    return "\n".join(part for part in parts if part).replace("timestamp with time zone", "timestamptz")


# --- what is read -------------------------------------------------------------------------------------------


def _named(text: str) -> dict[str, str]:
    """The blocks of a file of SQL by the names above them."""
    parts = re.split(r"^-- name: (\w+)\s*$", text, flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _examples(text: str) -> dict[str, str]:
    """The questions of sql/examples.sql by the first view or function that each asks; days and topic filled in."""
    given = dict(re.findall(r"^\\if :\{\?(\w+)\} \\else \\set \1 '?(.+?)'? \\endif$", text, re.MULTILINE))
    found: dict[str, str] = {}
    for body in _named(text).values():
        asked = re.search(r"\b(?:FROM|JOIN|LATERAL)\s+(?:wirewatch\.)?(\w+)", re.sub(r"--.*", "", body))
        if asked:
            filled = re.sub(r":'(\w+)'", lambda name: f"'{given[name[1]]}'" if name[1] in given else name[0], body)
            found.setdefault(asked[1], filled)
    return found


def _in_order(rows: Iterable[Row]) -> list[Row]:
    """What analysts read first, then the working tables, then what is of others."""
    return sorted(rows, key=lambda row: ["wirewatch", "public", "extensions"].index(row["name"]))


# --- what is written ----------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """A comment as Markdown in a cell of a table: its signs are signs, but for spans of code."""
    spans = re.split(r"(`[^`]+`)", " ".join((text or "").split()))
    signs = [
        span if span.startswith("`") else re.sub(r"([\\*<\[\]]|(?<!\w)_|_(?!\w))", r"\\\1", span) for span in spans
    ]
    return "".join(signs).replace("|", "\\|")


def _index(rows: Sequence[Row], kind: str) -> str:
    """A line for each, with the first sentence of its comment."""
    lines = [f"| {kind} | |", "| --- | --- |"]
    for name, each in groupby(rows, key=lambda row: row["name"]):
        first = next(iter(each))["comment"].partition(". ")[0].removesuffix(".")
        lines.append(f"| [`{name}`](#{name}) | {_plain(first)}. |")
    return "\n".join(lines) + "\n"


def _columns(columns: Sequence[Row]) -> Iterator[str]:
    yield from ("| column | type | |", "| --- | --- | --- |")
    for column in columns:
        marks = "".join(f" {mark}" for mark, there in (("PK", column["key"]), ("FK", column["foreign"])) if there)
        yield f"| `{column['name']}`{marks} | {column['type']} | {_plain(column['comment'])} |"


def _view(row: Row, examples: Mapping[str, str]) -> str:
    return "\n".join(
        [
            f"### {row['name']}",
            "",
            _plain(row["comment"]),
            "",
            *_columns(row["columns"]),
            *_example(row["name"], examples),
            "",
        ]
    )


def _table(row: Row) -> str:
    rules = [f"- `{_short(rule)}`" for rule in row["rules"]]
    lines = [f"### {row['name']}", "", _plain(row["comment"]), "", *_columns(row["columns"])]
    return "\n".join([*lines, *(["", *rules] if rules else []), ""])


def _short(rule: str) -> str:
    """A rule of a table without its casts, to the length of a long line."""
    plain = re.sub(r"::text(?:\[\])?", "", " ".join(rule.split()))
    return plain if len(plain) <= 400 else f"{plain[:400].rpartition(' ')[0]} …"


def _function(name: str, rows: Sequence[Row], examples: Mapping[str, str]) -> str:
    """A function with all that it can be called with."""
    lines = [f"### {name}", ""]
    for row in rows:
        arguments = re.sub(r"DEFAULT NULL::[\w ]+", "DEFAULT NULL", row["arguments"])
        lines += [f"`{name}({arguments})`", "", _plain(row["comment"]), ""]
        if row["columns"]:
            given = ", ".join(f"`{column['name']}` {column['type']}" for column in row["columns"])
            lines += [f"Gives rows of {given}.", ""]
        else:
            lines += [f"Returns {row['result']}.", ""]
    return "\n".join([*lines[:-1], *_example(name, examples), ""])


def _example(name: str, examples: Mapping[str, str]) -> list[str]:
    return ["", "```sql", examples[name], "```"] if name in examples else []


def _helpers(rows: Sequence[Row]) -> str:
    lines = ["| function | returns | |", "| --- | --- | --- |"]
    lines += [
        f"| `{row['name']}({row['given']})` | {_plain(row['result'])} | {_plain(row['comment'])} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def _foreign_keys(keys: Sequence[Row]) -> str:
    lines = ["| column | points at a row of | where that row is deleted, this one |", "| --- | --- | --- |"]
    lines += [
        f"| `{key['child']}.{', '.join(key['columns'])}` | `{key['parent']}` | {key['deleted']} |" for key in keys
    ]
    return "\n".join(lines) + "\n"


def _diagram(names: Sequence[str], tables: Sequence[Row], keys: Sequence[Row]) -> str:
    """An entity-relationship diagram in Mermaid of the keys of these. Raises `KeyError` where one of them is gone."""
    known = {row["name"]: row for row in tables}
    lines = ["```mermaid", "erDiagram", "    direction LR"]
    for key in keys:
        if key["child"] in names and key["parent"] in names:
            one = "|o" if key["optional"] else "||"
            many = "o|" if key["one_each"] else "o{"
            lines.append(f'    {key["parent"]} {one}--{many} {key["child"]} : "{", ".join(key["columns"])}"')
    for name in names:
        shown = [column for column in known[name]["columns"] if column["key"] or column["foreign"]]
        lines.append(f"    {name} {{")
        lines += [f"        {_word(column['type'])} {column['name']} {_marks(column)}" for column in shown]
        lines.append("    }")
    return "\n".join([*lines, "```", ""])


def _word(kind: str) -> str:
    """A type as Mermaid takes it, which wants a word."""
    return re.sub(r"\W+", "_", kind)


def _marks(column: Row) -> str:
    return ", ".join(mark for mark, there in (("PK", column["key"]), ("FK", column["foreign"])) if there)


if __name__ == "__main__":
    sys.exit(main())
