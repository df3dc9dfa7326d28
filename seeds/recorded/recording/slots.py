"""The outlets, the slots (one telling each) and their texts, as the files beside build.py have them."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FEED_TYPES = {
    "rss2": "application/rss+xml", "rss1": "application/rdf+xml", "atom": "application/atom+xml",
    "json": "application/feed+json",
}
KINDS_WITHOUT_TEXT = frozenset({"missing404", "forbidden403"})
FIELDS = frozenset({"title", "byline", "summary", "section", "dateline", "copy_of", "edit"})


class RecordedError(ValueError):
    """A file of the recorded web is not as it must be; the message is one line and names the file."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet and how its site is served; the keys are told in outlets.toml and sites.toml."""

    id: str
    name: str
    domain: str
    country: str
    language: str
    ownership: str
    design: str
    feed_format: str
    feed_path: str
    full_text: bool
    quirks: frozenset[str]
    page_path: str
    number: int
    utc_offset: float
    captures: int
    limit: int
    hint: int | None
    charset: str
    feed_charset: str
    validators: str
    tracked_page: str
    news_sitemap: str | None
    style: dict[str, str] | None

    @property
    def home(self) -> str:
        return f"https://www.{self.domain}"

    @property
    def feed_url(self) -> str:
        return self.home + self.feed_path

    @property
    def feed_type(self) -> str:
        return FEED_TYPES[self.feed_format]


@dataclass(frozen=True, slots=True)
class Text:
    """What one file of texts/ holds: the head's fields and the paragraphs."""

    title: str
    byline: str
    summary: str
    section: str
    dateline: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One telling: who published it when, what it is labelled as, and its text."""

    id: str
    outlet: str
    lang: str
    kind: str
    story: str
    on_topic: bool
    hard_negative: bool
    origin: str | None
    corrects: str | None
    published: datetime
    words: int
    edit: str | None
    text: Text


def read_outlets(folder: Path) -> dict[str, Outlet]:
    """The outlets of outlets.toml with their sites of sites.toml, by id."""
    sites = tomllib.loads((folder / "sites.toml").read_text("utf-8"))
    outlets = {}
    for row in tomllib.loads((folder / "outlets.toml").read_text("utf-8"))["outlet"]:
        site = sites.get(row["id"])
        if site is None:
            raise RecordedError(f"sites.toml: no [{row['id']}], which outlets.toml has; add it")
        charset = site.get("charset", "utf-8")
        outlets[row["id"]] = Outlet(
            id=row["id"], name=row["name"], domain=row["domain"], country=row["country"], language=row["language"],
            ownership=row["ownership"], design=row["design"], feed_format=row["feed_format"],
            feed_path=row["feed_path"], full_text=row["feed_has_full_text"], quirks=frozenset(row["quirks"]),
            page_path=site["page_path"], number=site["number"], utc_offset=site["utc_offset"],
            captures=site["captures"], limit=site["limit"], hint=site.get("hint"), charset=charset,
            feed_charset=site.get("feed_charset", "utf-8"), validators=site.get("validators", "honest"),
            tracked_page=site.get("tracked_page", "same"), news_sitemap=site.get("news_sitemap"),
            style=site.get("style"),
        )
    return outlets


def read_slots(folder: Path, *, partial: bool = False) -> list[Slot]:
    """The slots of slots.jsonl in order of publication, each with its text.

    Raises RecordedError in one line where texts are missing; with `partial` such slots, and the copies and
    corrections of them, are left out.
    """
    rows = [json.loads(line) for line in (folder / "slots.jsonl").read_text("utf-8").splitlines()]
    missing = {row["id"] for row in rows if not (folder / "texts" / f"{row['id']}.md").exists()}
    if missing and not partial:
        names = ", ".join(sorted(missing))
        counts = f"{len(missing)} of {len(rows)} texts are missing"
        raise RecordedError(f"texts/: {counts} (--partial builds without): {names}")
    missing |= {row["id"] for row in rows if {row["origin"], row["corrects"]} & missing}
    slots = [
        Slot(
            id=row["id"], outlet=row["outlet"], lang=row["lang"], kind=row["kind"], story=row["story"],
            on_topic=row["on_topic"], hard_negative=row["hard_negative"], origin=row["origin"],
            corrects=row["corrects"], published=datetime.fromisoformat(row["published"]), words=row["words"],
            edit=row["edit"], text=read_text(folder / "texts" / f"{row['id']}.md", row["kind"]),
        )
        for row in rows
        if row["id"] not in missing
    ]
    return sorted(slots, key=lambda slot: (slot.published, slot.id))


def read_text(path: Path, kind: str) -> Text:
    """One text: the head between lines of ``---``, then paragraphs divided by blank lines."""
    parts = re.split(r"^---[ \t]*$", path.read_text("utf-8").lstrip("\ufeff"), maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise RecordedError(f"texts/{path.name}: begins with no head between two lines of ---")
    head: dict[str, str] = {}
    for line in filter(str.strip, parts[1].splitlines()):
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in FIELDS:
            raise RecordedError(f"texts/{path.name}: the head has no field {line[:40]!r}")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        head[key.strip()] = value
    paragraphs = tuple(block.strip() for block in re.split(r"\n\s*\n", parts[2]) if block.strip())
    if not head.get("title") or not head.get("summary"):
        raise RecordedError(f"texts/{path.name}: needs title and summary")
    if not paragraphs and kind not in KINDS_WITHOUT_TEXT | {"copy"}:
        raise RecordedError(f"texts/{path.name}: has no text")
    return Text(
        head["title"], head.get("byline", ""), head["summary"], head.get("section", ""), head.get("dateline", ""),
        paragraphs,
    )
