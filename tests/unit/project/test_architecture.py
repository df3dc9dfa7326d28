"""ARCHITECTURE.md names every room in its place, and files and functions that exist."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.project import REPOSITORY
from tests.support.rooms import ORDER

PAGE = REPOSITORY / "ARCHITECTURE.md"


def table(heading: str) -> list[list[str]]:
    """The cells of each row of the first table under a heading, without its head."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line[:1] == "|"]
    assert len(rows) > 2, f"there is no table under {heading}"
    return rows[2:]


def defined(file: str) -> set[str]:
    """Functions and classes at the top of a file."""
    body = ast.parse((REPOSITORY / file).read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}


def test_every_folder_and_module_of_the_package_stands_in_the_table() -> None:
    package = REPOSITORY / "pipeline"
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert {row[0].strip("`") for row in table("The rooms")} == folders | modules


def test_the_rooms_stand_in_the_order_that_the_rule_of_imports_holds() -> None:
    assert tuple(row[0].strip("`") for row in table("The rooms")) == ORDER


@pytest.mark.parametrize("row", table("The way of one article"), ids=lambda row: str(row[0]))
def test_the_way_of_one_article_names_functions_that_exist(row: list[str]) -> None:
    named = re.findall(r"`(\w+)`", row[2])
    assert named
    assert set(named) - defined(row[1].strip("`")) == set()


def test_what_the_way_keeps_are_tables() -> None:
    schema = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "sql" / "migrations").glob("*.sql"))
    kept = {name.split(".")[0] for row in table("The way of one article") for name in re.findall(r"`([\w.]+)`", row[3])}
    assert kept - set(re.findall(r"CREATE TABLE (\w+)", schema)) == set()
