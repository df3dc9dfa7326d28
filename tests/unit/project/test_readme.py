"""What the README and the other pages name exists, and what exists for people to use is named there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.support.commandline import COMMANDS
from tests.support.project import REPOSITORY

README = REPOSITORY / "README.md"
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
PAGES += sorted((REPOSITORY / "seeds").rglob("README.md"))
SETTINGS = {variable for variable, *_ in Settings.table()}
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
PATH = re.compile(r"(?<![\w./-])((?:\.?[\w-]+/)+[\w.*-]*|[\w-]+\.(?:py|md|toml|sql|opml|yml|lock))")
# Made by a run, not kept.
MADE = (".wirewatch/", ".venv/", "build/", "dist/")


def code(page: Path) -> Iterator[str]:
    """Every piece of code in a page: spans, and each line of its blocks."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def named_commands(text: str) -> Iterator[str]:
    """The longest command that each ``wirewatch …`` in a piece of code names; ``a|b`` and ``digest`` alone count."""
    for found in re.finditer(
        r"(?:(?<![\w/])wirewatch|bin/wirewatch|-m pipeline) ([a-z][a-z|-]*)((?: [a-z][a-z|-]*)?)", text
    ):
        for first in found[1].split("|"):
            assert first in COMMANDS, f"there is no `wirewatch {first}`"
            yield first
            for second in found[2].strip().split("|"):
                if second and getattr(COMMANDS[first], "commands", None):
                    assert f"{first} {second}" in COMMANDS, f"there is no `wirewatch {first} {second}`"
                    yield f"{first} {second}"


def table() -> set[str]:
    """Every command that the README's table names, shortened ones such as `digest list|show` filled up."""
    text = README.read_text(encoding="utf-8").replace("\\|", "|")
    section = re.search(r"^## Commands\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    found: set[str] = set()
    for row in re.findall(r"^\| (`.*?) \| ", section[1], re.MULTILINE):
        for piece in re.findall(r"`([^`]+)`", row):
            found |= set(named_commands(piece if piece.startswith("wirewatch ") else f"wirewatch {piece}"))
    return found


def test_the_table_names_exactly_the_commands_there_are() -> None:
    existing = {name for name in COMMANDS if name}
    groups = {name for name in existing if getattr(COMMANDS[name], "commands", None)}
    assert table() | groups == existing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_command_in_a_page_exists_with_its_options(page: Path) -> None:
    for piece in code(page):
        names = list(named_commands(piece.replace("\\|", "|")))
        if not names:
            continue
        options = {option for name in names for p in COMMANDS[name].params for option in p.opts}
        psql = {"-c", "-f"} if "db shell" in names else set()
        for option in re.findall(r"(?<= )\[?(--?[a-z][a-z-]*)", piece.partition("wirewatch ")[2]):
            assert option in options | psql, f"{page.name}: {names[-1]} has no {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}
    missing = sorted(link for link in links if link and not (page.parent / link).exists())
    assert missing == [], f"{page.name} links to what is not there"
    named = set()
    for piece in code(page):
        named |= set(PATH.findall(piece))
    top = {path.name for path in REPOSITORY.iterdir()}
    for path in sorted(named):
        inside = path.split("/")[0] in top and "your-topic" not in path and not path.startswith(MADE)
        if inside and not any(REPOSITORY.glob(path.rstrip("/"))):
            pytest.fail(f"{page.name} names {path}, which is not there")


@pytest.mark.parametrize(
    "page",
    [*PAGES, REPOSITORY / "docker-compose.yml", REPOSITORY / "deploy.env.example"],
    ids=lambda page: str(page.relative_to(REPOSITORY)),
)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"WIREWATCH_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    assert named - SETTINGS == set()


def test_every_setting_that_a_message_names_exists() -> None:
    for path in (REPOSITORY / "pipeline").rglob("*.py"):
        named = set(re.findall(r"WIREWATCH_[A-Z_]*[A-Z]\b(?![{_])", path.read_text(encoding="utf-8")))
        assert named - SETTINGS <= {"WIREWATCH_FIELD_NAME"}, path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    named = {target for piece in code(page) for target in re.findall(r"\bmake ([a-z]+)", piece)}
    assert named - TARGETS == set()


def test_the_readme_leads_with_the_two_commands() -> None:
    first = re.search(r"^```\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert first is not None
    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make run", "make test"]


def test_every_table_and_view_is_named_for_the_analyst() -> None:
    schema = "\n".join(path.read_text("utf-8") for path in sorted((REPOSITORY / "sql" / "migrations").glob("*.sql")))
    kept = set(re.findall(r"^CREATE (?:TABLE|VIEW) ([\w.]+)", schema, re.MULTILINE))
    kept -= set(re.findall(r"^DROP (?:TABLE|VIEW) ([\w.]+)", schema, re.MULTILINE))
    named = set(re.findall(r"`([\w.]+)`", (REPOSITORY / "docs" / "querying.md").read_text("utf-8")))
    assert kept - named == set()


def test_the_makefile_explains_each_target() -> None:
    explained = set(re.findall(r"^([a-z]+):.*## \S", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert explained == TARGETS
