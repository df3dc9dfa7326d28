"""docs/schema.md is what a migrated database says of itself, and psql lists what is ours alone."""

from __future__ import annotations

import re
import subprocess

from pipeline import database
from pipeline.database import embedded as embedded_server
from pipeline.settings import Settings
from tests.support.project import REPOSITORY, script

PAGE = REPOSITORY / "docs" / "schema.md"
OURS = """
SELECT n.nspname AS schema, o.name, o.kind FROM (
    SELECT p.oid, p.pronamespace AS schema, p.proname AS name, 'function' AS kind FROM pg_proc p
    UNION ALL SELECT c.oid, c.relnamespace, c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END
    FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition) o
JOIN pg_namespace n ON n.oid = o.schema
WHERE n.nspname IN ('public', 'wirewatch')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"""
# What Mermaid's grammar of an erDiagram knows, as far as it is used here.
STATEMENT = re.compile(
    r"direction LR|\w+ (?:\|\||\|o)--(?:o\||o\{) \w+ : \"[\w, ]+\"|\w+ \{|\w+ \w+ (?:PK|FK|PK, FK)|\}"
)


def ours(settings: Settings, kind: str, schema: str | None = None) -> set[str]:
    with database.connect(settings) as connection:
        rows = connection.execute(OURS.encode()).fetchall()
    return {row["name"] for row in rows if row["kind"] == kind and schema in (None, row["schema"])}


def listed(settings: Settings, command: str) -> list[tuple[str, str]]:
    """Schema and name of each line that psql lists."""
    psql = [embedded_server.BINARIES / "psql", settings.database_url or "", "-X", "-A", "-t", "-F", "\t", "-c", command]
    said = subprocess.run([str(each) for each in psql], check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in said.splitlines() if line.count("\t") >= 2]
    return [(line[0], line[1]) for line in lines]


def test_the_page_is_what_the_database_says(settings: Settings) -> None:
    made = script(".ci/schema_reference.py").page(settings.database_url)
    same = made == PAGE.read_text(encoding="utf-8")
    assert same, "docs/schema.md is not what the migrations make: run `make schema`, and commit it"


def test_the_page_has_all_that_there_is(settings: Settings) -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    shown = ours(settings, "view", "wirewatch") | ours(settings, "function", "wirewatch") | ours(settings, "table")
    assert len(shown) > 90
    assert shown - headings == set()
    assert {name for name in ours(settings, "function", "public") if f"| `{name}(" not in text} == set()


def test_each_diagram_is_mermaid_and_small_enough_to_read() -> None:
    diagrams = re.findall(r"^```mermaid\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(diagrams) == len(script(".ci/schema_reference.py").DRAWN)
    for diagram in diagrams:
        first, *lines = diagram.splitlines()
        assert first == "erDiagram"
        assert [line for line in lines if not STATEMENT.fullmatch(line.strip())] == []
        assert sum(line.endswith(" {") for line in lines) <= 10


def test_an_example_of_a_function_stands_beside_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition("\n### who_was_first\n")[2].partition("\n### ")[0]
    assert "FROM wirewatch.who_was_first('putin-kim-summit', '2024-06-18', '2024-06-20');" in section


def test_psql_lists_our_functions_and_views_alone(settings: Settings) -> None:
    functions = listed(settings, r"\df wirewatch.*")
    assert {schema for schema, _ in functions} == {"wirewatch"}
    assert {name for _, name in functions} == ours(settings, "function", "wirewatch")
    assert {name for _, name in listed(settings, r"\df public.*")} == ours(settings, "function", "public")
    assert {name for _, name in listed(settings, r"\dv")} == ours(settings, "view")
