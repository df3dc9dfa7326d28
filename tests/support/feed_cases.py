"""The published parser test suites, read as expectations on our entries: how much of what each case states is met.

Run ``python -m tests.support.feed_cases`` for the table of its note, and with ``--missed`` for the cases not met.
Three suites state expectations in three ways: gofeed as JSON beside the feed, feedparser as a Python expression in the
feed's first comment, feedvalidator as the message its validator must (or must not) give.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import feeds, urls
from pipeline.errors import ItemError
from pipeline.feeds.markup import one_line
from pipeline.models import FeedEntry, ParsedFeed
from pipeline.text import dates
from tests.support import labelled

SUITES = ("feedparser", "gofeed", "feedvalidator")
ARCHIVES = {suite: f"feeds/{suite}.tar.xz" for suite in SUITES}
BASE = "http://127.0.0.1:8097/feed"  # where the suites serve their cases from
NOW = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation: where it stands, on which field, and whether our reading meets it."""

    family: str
    case: str
    field: str
    expected: str
    found: str
    met: bool


def unpack(folder: Path) -> Path:
    """Unpack the three suites into `folder`."""
    for suite in SUITES:
        with tarfile.open(labelled.path(ARCHIVES[suite])) as archive:
            archive.extractall(folder, filter="data")
    return folder


def files(folder: Path) -> list[Path]:
    """Every file of the three suites, feeds or not."""
    return sorted(path for suite in SUITES for path in (folder / suite).rglob("*") if path.is_file())


def read(path: Path) -> ParsedFeed | None:
    """A case parsed as if served from `BASE` (or where its own header comment says), None where it is refused."""
    body = path.read_bytes()
    head = body[:4000].decode("latin-1")
    header = re.search(r"^Content-[Tt]ype:\s*(.+)$", head, re.MULTILINE)
    location = re.search(r"^(?:Header:\s*)?Content-[Ll]ocation:\s*(\S+)", head, re.MULTILINE)
    url = urls.resolve(BASE, location[1]) if location else BASE
    try:
        return feeds.parse(body, url or BASE, header[1].strip() if header else None, NOW)
    except ItemError:
        return None


# --- comparing --------------------------------------------------------------------------------------------


def _same_text(expected: str, *found: str) -> bool:
    """Equal as a reader sees them: markup, escapes and white space of either side do not count."""
    wanted = {one_line(expected), " ".join(expected.split())}
    return any(one_line(text) in wanted or " ".join(text.split()) in wanted for text in found)


def _same_link(expected: str, found: str | None, base: str) -> bool:
    wanted = urls.resolve(base, expected)
    return (wanted or None) == found or (
        found is not None and wanted is not None and urls.identity(wanted) == urls.identity(found)
    )


def _same_time(expected: datetime, *found: datetime | None) -> bool:
    wanted = expected.replace(microsecond=0)
    return any(one is not None and one.replace(microsecond=0) == wanted for one in found)


def _check(
    family: str, case: Path, field: str, expected: Any, entry: FeedEntry | None, feed: ParsedFeed | None
) -> Check:
    found, met = "nothing", False
    holder = entry if entry is not None else feed
    if holder is not None:
        found, met = _compare(field, expected, holder)
    return Check(family, str(case), field, str(expected)[:200], found[:200], met)


def _compare(field: str, expected: Any, holder: FeedEntry | ParsedFeed) -> tuple[str, bool]:
    if isinstance(holder, ParsedFeed):
        if field == "title":
            return holder.title, _same_text(expected, holder.title)
        return str(holder.home_url), _same_link(expected, holder.home_url, BASE)
    match field:
        case "id":
            return str(holder.guid), expected in (holder.guid, urls.resolve(BASE, holder.guid))
        case "link":
            return str(holder.url), _same_link(expected, holder.url, BASE)
        case "title":
            return holder.title, _same_text(expected, holder.title)
        case "date":
            return f"{holder.published} {holder.updated}", _same_time(expected, holder.published, holder.updated)
        case _:
            return repr((holder.text, holder.summary_html, holder.content_html)), _same_text(
                expected, holder.text, holder.summary_html, holder.content_html
            )


# --- gofeed -----------------------------------------------------------------------------------------------

_GOFEED = {
    "id": "id", "guid": "id", "title": "title", "link": "link", "url": "link", "publishedParsed": "date",
    "updatedParsed": "date", "pubDateParsed": "date", "date_published": "date", "date_modified": "date",
    "description": "content", "summary": "content", "content": "content", "content_html": "content",
    "content_text": "content",
}  # fmt: skip


def gofeed(folder: Path) -> Iterator[Check]:
    """gofeed states the parsed feed as JSON under the same name, or as ``*_expected.json`` for JSON Feed."""
    root = folder / "gofeed" / "testdata"
    for path in sorted(root.rglob("*")):
        expected = path.with_name(path.stem + "_expected.json") if path.suffix == ".json" else path.with_suffix(".json")
        if path.suffix not in (".xml", ".json") or not expected.exists() or path.name.endswith("_expected.json"):
            continue
        document = json.loads(expected.read_text("utf-8"))
        feed = read(path)
        family = "gofeed " + "/".join(path.relative_to(root).parts[:-1])
        case = path.relative_to(folder)
        if document.get("title"):
            yield _check(family, case, "title", document["title"], None, feed)
        home = document.get("link") or document.get("home_page_url")
        if home:
            yield _check(family, case, "link", home, None, feed)
        for index, item in enumerate(document.get("items") or document.get("entries") or []):
            entry = feed.entries[index] if feed and index < len(feed.entries) else None
            yield from _gofeed_item(family, case, item, entry)


def _gofeed_item(family: str, case: Path, item: dict[str, Any], entry: FeedEntry | None) -> Iterator[Check]:
    for key, value in item.items():
        field = _GOFEED.get(key)
        if field is None:
            continue
        if isinstance(value, dict):
            value = value.get("value")
        if key == "content_text" and item.get("content_html"):
            continue  # the same content twice; ours is the fuller form
        if not isinstance(value, str) or not value:
            continue
        expected: Any = datetime.fromisoformat(value).astimezone(UTC) if field == "date" else value
        yield (
            _check(family, case, field, expected, entry, None)
            if entry
            else Check(family, str(case), field, value, "nothing", False)
        )


# --- feedparser -------------------------------------------------------------------------------------------

_FEEDPARSER = {
    "title": "title", "title_detail.value": "title", "link": "link", "id": "id", "guid": "id",
    "published_parsed": "date", "updated_parsed": "date", "date_parsed": "date", "modified_parsed": "date",
    "issued_parsed": "date", "created_parsed": "date", "summary": "content", "description": "content",
    "summary_detail.value": "content", "content.0.value": "content",
}  # fmt: skip
_EXPECT = re.compile(r"Expect:\s*(.+?)\s*(?:-->|$)", re.MULTILINE)


def feedparser(folder: Path) -> Iterator[Check]:
    """feedparser states a Python expression; its comparisons with a constant are the expectations."""
    root = folder / "feedparser" / "tests"
    for path in sorted(root.rglob("*.xml")):
        found = _EXPECT.search(_header(path))
        if not found:
            continue
        try:
            tree = ast.parse(found[1], mode="eval").body
        except SyntaxError:
            continue
        family = "feedparser " + path.relative_to(root).parts[0]
        family += "/" + path.relative_to(root).parts[1] if len(path.relative_to(root).parts) > 2 else ""
        feed = read(path)
        for where, value in _equalities(tree):
            yield from _feedparser_check(family, path.relative_to(folder), where, value, feed)


def _header(path: Path) -> str:
    body = path.read_bytes()[:4000]
    for encoding in ("utf-8", "utf-16", "utf-32", "latin-1"):
        try:
            text = body.decode(encoding, "ignore" if encoding == "utf-8" else "strict")
        except UnicodeDecodeError:
            continue
        if "Expect:" in text:
            return text
    return ""


def _equalities(node: ast.expr) -> Iterator[tuple[str, Any]]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _equalities(value)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        try:
            value = ast.literal_eval(node.comparators[0])
        except ValueError:
            return
        where = _dotted(node.left)
        if where:
            yield where, value


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return f"{_dotted(node.value)}.{node.slice.value!s}"
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _feedparser_check(family: str, case: Path, where: str, value: Any, feed: ParsedFeed | None) -> Iterator[Check]:
    holder, _, rest = where.partition(".")
    if holder == "feed":
        field = _FEEDPARSER.get(rest)
        if field in ("title", "link") and isinstance(value, str):
            yield _check(family, case, field, value, None, feed)
        return
    index, _, key = rest.partition(".")
    field = _FEEDPARSER.get(key)
    if holder != "entries" or field is None or not index.isdigit():
        return
    entry = feed.entries[int(index)] if feed and int(index) < len(feed.entries) else None
    expected: Any = value
    if field == "date":
        if not isinstance(value, tuple) or len(value) < 6:
            return
        expected = datetime(*value[:6], tzinfo=UTC)  # type: ignore[misc]
    elif not isinstance(value, str):
        return
    if entry is None:
        yield Check(family, str(case), field, str(expected), "nothing", False)
    else:
        yield _check(family, case, field, expected, entry, None)


# --- feedvalidator ----------------------------------------------------------------------------------------

_VALIDATOR_DATE = re.compile(r"Valid(?:W3CDTF|RFC2822|RFC3339)Date\{[^}]*element:(?P<element>[\w:]+)")


def feedvalidator(folder: Path) -> Iterator[Check]:
    """feedvalidator states a message. Where it is one of validity, the feed must be read with all its entries, and a
    date that it calls valid must be read as a date."""
    root = folder / "feedvalidator" / "testcases"
    for path in sorted(root.rglob("*.xml")):
        head = path.read_bytes()[:4000].decode("latin-1").replace("\x00", "")
        found = re.search(r"Expect:\s*(\S+)", head)
        markup = re.sub(r"<!--.*?-->", "", path.read_bytes().decode("latin-1"), flags=re.DOTALL)
        if (
            not found
            or not found[1].startswith(("!", "Valid"))
            or not re.search(r"<(?:\w+:)?(?:rss|feed|RDF|entry)\b", markup)
        ):
            continue
        family = "feedvalidator " + path.relative_to(root).parts[0]
        case = str(path.relative_to(folder))
        feed = read(path)
        # Entries inside entries (Google's and AtomPub's extensions, inline content) are not the feed's own.
        inline = bool(re.search(r"xmlns:(?:sx|app|m|feed|os)=|type=\"application/atom", markup))
        count = len(re.findall(r"<(?:\w+:)?(?:item|entry)[\s>/]", markup))
        if not inline:
            found_count = -1 if feed is None else len(feed.entries)
            yield Check(family, case, "entries", str(count), str(found_count), found_count == count)
        dated = _VALIDATOR_DATE.search(head)
        if dated:
            value = re.search(rf"<{dated['element']}[^>]*>(.*?)</", markup, re.DOTALL)
            if value:
                read_date = dates.read(value[1])
                yield Check(family, case, "date", value[1], str(read_date), read_date is not None)


def checks(folder: Path) -> list[Check]:
    """Every expectation of the three suites that bears on an entry or a feed of ours."""
    return [*feedparser(folder), *gofeed(folder), *feedvalidator(folder)]


def shares(found: list[Check]) -> dict[tuple[str, str], tuple[int, int]]:
    """(family, field) -> (met, stated)."""
    table: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for check in found:
        table[check.family, check.field].append(check.met)
    return {key: (sum(met), len(met)) for key, met in sorted(table.items())}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        found = checks(unpack(Path(name)))
    if "--missed" in sys.argv:
        for check in found:
            if not check.met:
                print(f"{check.case} [{check.field}]\n  expected {check.expected}\n  found    {check.found}")
        return
    fields = ("id", "link", "title", "date", "content", "entries")
    print("| case family | " + " | ".join(fields) + " |")
    print("| --- |" + " ---: |" * len(fields))
    table = shares(found)
    for family in dict.fromkeys(family for family, _ in table):
        cells = [f"{table[family, f][0]} / {table[family, f][1]}" if (family, f) in table else "" for f in fields]
        print(f"| {family} | " + " | ".join(cells) + " |")
    totals = [[check.met for check in found if check.field == field] for field in fields]
    print("| **all** | " + " | ".join(f"**{sum(t)} / {len(t)}**" for t in totals) + " |")


if __name__ == "__main__":
    main()
