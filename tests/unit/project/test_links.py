"""Every link in a Markdown page leads somewhere, on a forge and in the built site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md"), *REPOSITORY.glob("[st]e*/**/README.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """A page without its blocks and spans of code, in which brackets are no links."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]+`", "", text)


def headings(page: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)


def anchors_on_a_forge(page: Path) -> set[str]:
    """Lower case, punctuation gone, a hyphen per space; a heading that stands twice gets a number."""
    found: set[str] = set()
    for heading in headings(page):
        slug = re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")
        found.add(next(name for n in range(100) if (name := slug if not n else f"{slug}-{n}") not in found))
    return found


def anchors_in_the_site(page: Path) -> set[str]:
    """Python-Markdown's: as above, but only ASCII is kept and several spaces or hyphens give one hyphen."""
    plain = [unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode() for heading in headings(page)]
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in plain}


def anchored(page: Path, anchor: str) -> bool:
    return anchor in anchors_on_a_forge(page) and anchor in anchors_in_the_site(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_relative_link_and_anchor_resolves(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        address, _, anchor = link.partition("#")
        target = (page.parent / address).resolve() if address else page
        there = target.is_relative_to(REPOSITORY) and target.exists()
        if not there or (anchor and not anchored(target, anchor)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if DOCS in page.parents], ids=lambda page: page.name)
def test_a_page_of_the_site_links_only_into_the_site(page: Path) -> None:
    """The site is built from ``docs/``: what lies outside has no page there."""
    links = [link.partition("#")[0] for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if link and not (page.parent / link).resolve().is_relative_to(DOCS)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_page_has_one_title_and_it_comes_first(page: Path) -> None:
    lines = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL).splitlines()
    assert lines[0].startswith("# ")
    assert sum(line.startswith("# ") for line in lines) == 1


def test_every_page_of_the_site_is_reached_from_its_start_page() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = [link.partition("#")[0] for link in LINK.findall(prose(page))]
        waiting += [target for link in links if (target := (page.parent / link).resolve()).suffix == ".md"]
    assert {page for page in PAGES if DOCS in page.parents} - reached == set()


def test_a_broken_anchor_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title\n\n## Two `words`, a comma\n", encoding="utf-8")
    assert anchored(page, "two-words-a-comma")
    assert not anchored(page, "two-words")
