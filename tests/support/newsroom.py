"""A month of six invented feeds, as they were answered at each poll, and beside it what became of every entry.

    python -m tests.support.newsroom

writes `tests/data/newsroom/`: the recording, and the truth. The truth is told from the desk: it knows each piece by its
name, whatever the feed calls it and wherever it stands, and never looks into a document. Every piece's text ends with
its name, by which a row is told to be its. What the feeds live through:

- harbour-courier, RSS with ids: corrected headlines, texts and dates, each headline with a new address; pieces taken
  back and shown again; an ETag; a temporary redirect.
- tidewater-post, RSS without ids: http to https, www, no slash at the end, a parameter that tells who asked.
- upland-gazette, Atom: all ids change, twice; several pieces of one headline.
- lantern-weekly, JSON Feed: moves for good, and its old address dies; pieces without a date.
- quarry-times, RSS whose ids are its addresses, which differ in a parameter alone: their order, http to https, www.
- skerry-wire, RSS of twelve entries: scrolls, brings more at once than it holds, is empty once, fails, shows a page.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.support.project import REPOSITORY

FOLDER = REPOSITORY / "tests" / "data" / "newsroom"
START = datetime(2024, 6, 1, tzinfo=UTC)
DAYS, A_DAY = 30, 3
DAY = timedelta(days=1)
MOVED, OLD_DIES = 9.0, 16.0
"""Days after which lantern-weekly answers with a permanent redirect, and with nothing."""
_PLACES = ("Veldin", "Osk Harbour", "Tarnmouth", "Lower Brey", "Quill Sound", "Marrow Bay", "Hestle", "Ivory Point")
_BODIES = ("council", "ferry board", "harbour master", "school trust", "fishery", "library", "water company", "choir")
_DEEDS = ("votes to rebuild", "puts off", "opens", "sells", "asks for more money for", "finds a fault in", "names")
_THINGS = ("the old pier", "its night ferry", "a second lighthouse", "the tide mill", "the winter fair", "a reservoir")


# --- what the desks wrote -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """What a piece says from a moment on; `slug` is the part of its address that follows the headline."""

    since: datetime
    title: str
    text: str
    published: datetime | None
    slug: str


@dataclass(slots=True)
class Piece:
    """One piece of one outlet over the month."""

    outlet: str
    number: int
    wordings: list[Wording]
    away: tuple[datetime, datetime] | None = None

    @property
    def name(self) -> str:
        return f"{self.outlet.split('-')[0]}-{self.number}"

    def at(self, now: datetime) -> Wording | None:
        """Its wording at a moment; None where it is not out, or taken back."""
        if self.away is not None and self.away[0] <= now < self.away[1]:
            return None
        return next((each for each in reversed(self.wordings) if each.since <= now), None)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A feed: how many pieces a day, how many it shows, their ids and addresses at a moment, and how it is written."""

    name: str
    a_day: float
    holds: int
    identity: Callable[[Piece, float], str | None]
    address: Callable[[Piece, float, Wording], str]
    write: Callable[[Outlet, Sequence[Shown]], str]
    kind: str = "application/rss+xml"
    edited: float = 0.15
    away: float = 0.0
    dateless: float = 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a document has it."""

    identity: str | None
    address: str
    wording: Wording


def _pieces(outlet: Outlet) -> list[Piece]:
    chance = random.Random(f"newsroom {outlet.name}")
    times = sorted(START + DAY * chance.uniform(-3, DAYS) for _ in range(round(outlet.a_day * (DAYS + 3))))
    if outlet.name == "skerry-wire":  # more at once than it shows
        times = sorted([*times, *(START + timedelta(days=15, hours=3, minutes=n) for n in range(20))])
    return [_piece(outlet, number, at.replace(microsecond=0), chance) for number, at in enumerate(times, 1)]


def _piece(outlet: Outlet, number: int, at: datetime, chance: random.Random) -> Piece:
    place, body, deed, thing = (chance.choice(each) for each in (_PLACES, _BODIES, _DEEDS, _THINGS))
    title = f"{place} {body} {deed} {thing}"
    if outlet.name == "upland-gazette" and number % 10 in (3, 4):
        title = "Weather for the upland"  # two pieces in ten have the headline of others
    name = f"{outlet.name.split('-')[0]}-{number}"
    text = f"The {body} of {place} {deed} {thing}, its members said after {chance.randint(2, 9)} hours. ({name})"
    published = None if chance.random() < outlet.dateless else at
    first = Wording(at, title, text, published, title.lower().replace(" ", "-"))
    made = Piece(outlet.name, number, [first])
    for _ in range(3):
        if chance.random() < outlet.edited:
            made.wordings.append(_corrected(made.wordings[-1], chance, outlet.name == "harbour-courier"))
    if chance.random() < outlet.away:
        gone = at + DAY * chance.uniform(0.4, 1.5)
        made.away = (gone, gone + DAY * chance.uniform(0.5, 3))
    return made


def _corrected(last: Wording, chance: random.Random, new_slug: bool) -> Wording:
    since = (last.since + DAY * chance.uniform(0.1, 2)).replace(microsecond=0)
    title, text, published, slug = last.title, last.text, last.published, last.slug
    kind = chance.choice(("title", "text", "date", "all"))
    if kind in ("title", "all"):
        title = f"{title}, {chance.choice(('again', 'after all', 'at last', 'say neighbours'))}"
        slug = title.lower().replace(" ", "-").replace(",", "") if new_slug else slug
    if kind in ("text", "all"):
        text = f"Corrected on {since:%d %B}: {text}"
    if kind in ("date", "all") and published is not None:
        published = since
    return Wording(since, title, text, published, slug)


# --- how the feeds name and write them -----------------------------------------------------------------------


def _tidewater(piece: Piece, day: float, wording: Wording) -> str:
    first = piece.wordings[0]
    path = f"tidewater-post.example/{first.since:%Y/%m/%d}/{first.slug}-{piece.number}"
    if day < 8:
        return f"http://{path}/"
    if day < 14:
        return f"https://{path}/"
    if day < 20:
        return f"https://www.{path}/"
    return f"https://www.{path}?utm_source=feed&utm_campaign={int(day * 10)}"


def _quarry(piece: Piece, day: float, wording: Wording) -> str:
    if day < 10:
        return f"http://quarry-times.example/story.php?id={piece.number}&lang=en"
    if day < 20:
        return f"https://quarry-times.example/story.php?lang=en&id={piece.number}"
    return f"https://www.quarry-times.example/story.php?lang=en&id={piece.number}"


def _upland_id(piece: Piece, day: float) -> str:
    if day < 12:
        return f"tag:upland-gazette.example,2024:{piece.number}"
    if day < 18:
        return f"urn:upland:{hashlib.sha256(piece.name.encode()).hexdigest()[:12]}"
    return f"{40_000 + piece.number}"


def _rss(outlet: Outlet, shown: Sequence[Shown]) -> str:
    items = "".join(
        f"<item><title>{escape(each.wording.title)}</title><link>{escape(each.address)}</link>"
        + (f'<guid isPermaLink="{str(each.identity == each.address).lower()}">{escape(each.identity)}</guid>'
           if each.identity else "")
        + (f"<pubDate>{format_datetime(each.wording.published, usegmt=True)}</pubDate>"
           if each.wording.published else "")
        + f"<description>{escape(f'<p>{each.wording.text}</p>')}</description></item>\n"
        for each in shown
    )  # fmt: skip
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{outlet.name}</title>'
        f"<link>https://{outlet.name}.example/</link>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, shown: Sequence[Shown]) -> str:
    entries = "".join(
        f"<entry><id>{escape(each.identity or '')}</id><title>{escape(each.wording.title)}</title>"
        f'<link rel="alternate" href="{escape(each.address)}"/>'
        f"<published>{(each.wording.published or START).isoformat()}</published>"
        f"<updated>{each.wording.since.isoformat()}</updated>"
        f'<summary type="html">{escape(f"<p>{each.wording.text}</p>")}</summary></entry>\n'
        for each in shown
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:{outlet.name}</id>'
        f"<title>{outlet.name}</title>\n{entries}</feed>\n"
    )


def _json(outlet: Outlet, shown: Sequence[Shown]) -> str:
    items = [
        {"id": each.identity, "url": each.address, "title": each.wording.title, "content_text": each.wording.text}
        | ({"date_published": each.wording.published.isoformat()} if each.wording.published else {})
        for each in shown
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "items": items}, indent=1)


OUTLETS = (
    Outlet("harbour-courier", 2, 24, lambda p, _: f"courier-{p.number}",
           lambda p, _, w: f"https://harbour-courier.example/news/{w.slug}-{p.number}", _rss, edited=0.3, away=0.2),
    Outlet("tidewater-post", 2, 16, lambda *_: None, _tidewater, _rss),
    Outlet("upland-gazette", 1.5, 14, _upland_id,
           lambda p, *_: f"https://upland-gazette.example/articles/{p.number}", _atom, "application/atom+xml"),
    Outlet("lantern-weekly", 1, 10, lambda p, _: str(p.number),
           lambda p, *_: f"https://lantern-weekly.example/{p.number}", _json, "application/feed+json", dateless=0.4),
    Outlet("quarry-times", 1.5, 14, lambda p, day: _quarry(p, day, p.wordings[0]), _quarry, _rss),
    Outlet("skerry-wire", 5, 12, lambda p, _: f"skerry.{p.number}",
           lambda p, *_: f"https://skerry-wire.example/w/{p.number}", _rss, edited=0.05),
)  # fmt: skip


# --- the recording ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """What must stand in the row of a piece: its last wording, its times, and its former wordings by when they ended.

    A piece that never stood in a document that was read has no row.
    """

    outlet: str
    name: str
    title: str
    text: str
    published: str
    first_seen: str
    last_seen: str
    absent_since: str | None = None
    returned: int = 0
    revisions: list[dict[str, Any]] = field(default_factory=list)


def moments() -> Iterator[datetime]:
    """When the feeds are asked: three times a day, never at the same minute."""
    chance = random.Random("newsroom polls")
    for number in range(DAYS * A_DAY):
        yield START + number * DAY / A_DAY + timedelta(minutes=chance.randrange(1, 50))


def answers(outlet: Outlet, at: datetime, shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """How the feed's addresses answer at a poll; without a body of news where it fails."""
    day, path = (at - START) / DAY, f"/{outlet.name}/feed"
    said = {"at": at.isoformat(), "path": path, "status": 200, "type": outlet.kind}
    if outlet.name == "skerry-wire" and 6 <= day < 6.6:
        return [said | {"status": 503, "type": "text/plain", "body": "Busy"}]
    if outlet.name == "skerry-wire" and 21 <= day < 21.4:
        return [said | {"type": "text/html", "body": "<!doctype html><html><body>We are rebuilding</body></html>"}]
    body = {"body": outlet.write(outlet, shown)}
    if outlet.name == "harbour-courier":
        if 17 <= day < 19:
            there = f"{path}-for-now"
            return [said | {"status": 302, "location": there, "body": ""}, said | {"path": there} | body]
        return [said | body | {"etag": f'"{hashlib.sha256(body["body"].encode()).hexdigest()[:16]}"'}]
    if outlet.name == "lantern-weekly" and day >= MOVED:
        there = f"{path}.json"
        old = {"status": 301, "location": there, "body": ""} if day < OLD_DIES else {"status": 404, "body": "Gone"}
        return [said | old, said | {"path": there} | body]
    return [said | body]


def record() -> tuple[list[dict[str, Any]], list[Told]]:
    """The answers of all feeds at all polls, and what must become of every piece."""
    taken, truth = list[dict[str, Any]](), list[Told]()
    for outlet in OUTLETS:
        pieces, rows, last = _pieces(outlet), dict[str, Told](), ""
        for at in moments():
            there = [] if outlet.name == "skerry-wire" and at - START > 25 * DAY > at - START - DAY / A_DAY else pieces
            out = sorted((p for p in there if p.at(at)), key=lambda p: (p.wordings[0].since, p.number))[-outlet.holds :]
            day = (at - START) / DAY
            shown = [
                Shown(outlet.identity(p, day), outlet.address(p, day, w), w) for p in reversed(out) if (w := p.at(at))
            ]
            given = answers(outlet, at, shown)
            taken += given
            document = given[-1]["body"]
            if given[-1]["status"] == 200 and given[-1]["type"] == outlet.kind and document != last:
                last = document
                _tell(rows, {p.name: (p.outlet, w) for p in out if (w := p.at(at))}, at.isoformat())
        truth += rows.values()
    return taken, truth


def _tell(rows: dict[str, Told], there: dict[str, tuple[str, Wording]], at: str) -> None:
    """One more document was read: what it says of the pieces."""
    for name, (outlet, wording) in there.items():
        published = wording.published.isoformat() if wording.published else None
        row = rows.get(name)
        if row is None:
            rows[name] = Told(outlet, name, wording.title, wording.text, published or at, at, at)
            continue
        new = {"title": wording.title, "text": wording.text, "published": published or row.published}
        changed = [key for key, value in new.items() if getattr(row, key) != value]
        if changed:
            row.revisions.append({"seen": at, "changed": changed, "title": row.title, "text": row.text})
            row.title, row.text, row.published = new["title"], new["text"], new["published"]
        row.returned += row.absent_since is not None
        row.last_seen, row.absent_since = at, None
    for name, row in rows.items():
        if name not in there:
            row.absent_since = row.absent_since or at


def lines(rows: Sequence[dict[str, Any]]) -> str:
    """As JSON, a line each."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read(folder: Path = FOLDER) -> tuple[list[dict[str, Any]], list[Told]]:
    """The recording and the truth as they are kept."""
    taken = gzip.decompress((folder / "recording.jsonl.gz").read_bytes()).decode()
    truth = (folder / "truth.jsonl").read_text("utf-8")
    return list(map(json.loads, taken.splitlines())), [Told(**json.loads(line)) for line in truth.splitlines()]


def main() -> None:
    """Write both."""
    taken, truth = record()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "recording.jsonl.gz").write_bytes(gzip.compress(lines(taken).encode(), mtime=0))
    (FOLDER / "truth.jsonl").write_text(lines([asdict(each) for each in truth]), "utf-8")


if __name__ == "__main__":
    main()
