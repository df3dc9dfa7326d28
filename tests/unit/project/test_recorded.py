"""The recorded web holds what it promises, is what its builder makes, and quotes nobody beyond the record."""

import gzip
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import feedparser
import pytest
from warcio.archiveiterator import ArchiveIterator

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "seeds" / "recorded"
LABELS = ROOT / "tests" / "data" / "recorded-labels.jsonl"
WARCS = ("2024-06-18.warc.gz", "2024-06-19.warc.gz", "2024-06-20.warc.gz")
QUIRK_OF_KIND = {"missing404": 404, "forbidden403": 403}


@pytest.fixture(scope="module")
def recording() -> Any:
    """The builder's modules, loaded from the folder that is no package of the project."""
    sys.path.insert(0, str(RECORDED))
    try:
        spec = importlib.util.spec_from_file_location("recorded_build", RECORDED / "build.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != str(RECORDED)]
    return module


@pytest.fixture(scope="module")
def slots(recording: Any) -> Any:
    return recording.slots.read_slots(RECORDED)


@pytest.fixture(scope="module")
def pages(recording: Any, slots: Any) -> Any:
    return recording.timeline.pages(slots, recording.slots.read_outlets(RECORDED))


@pytest.fixture(scope="module")
def labels() -> Any:
    return [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def outlets() -> Any:
    return {row["id"]: row for row in tomllib.loads((RECORDED / "outlets.toml").read_text("utf-8"))["outlet"]}


@pytest.fixture(scope="module")
def captures() -> Any:
    """Every captured answer by address, in order of time: (time, status, content type, headers, body)."""
    found = defaultdict(list)
    for name in WARCS:
        with (RECORDED / name).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type != "response":
                    continue
                head = record.rec_headers
                found[head.get_header("WARC-Target-URI")].append(
                    (
                        datetime.fromisoformat(head.get_header("WARC-Date")),
                        int(record.http_headers.get_statuscode()),
                        record.http_headers.get_header("Content-Type"),
                        dict(record.http_headers.headers),
                        record.content_stream().read(),
                    )
                )
    return found


def test_holds_the_outlets_formats_and_languages_that_it_promises(outlets: Any, labels: Any) -> None:
    assert {label["outlet"] for label in labels} == set(outlets)
    assert len(outlets) >= 24
    assert len({outlet["country"] for outlet in outlets.values()}) >= 8
    assert len({label["language"] for label in labels}) >= 6
    assert {outlet["feed_format"] for outlet in outlets.values()} == {"rss2", "rss1", "atom", "json"}
    assert sum(outlet["ownership"] == "agency" for outlet in outlets.values()) >= 2
    assert {outlet["design"] for outlet in outlets.values()} == {"d1", "d2", "d3", "d4", "d5"}
    assert all(outlet["domain"].endswith(".example") for outlet in outlets.values())


def test_holds_the_pages_copies_and_developments_that_it_promises(labels: Any) -> None:
    assert len({label["url"] for label in labels}) >= 150
    off_topic = [label for label in labels if not label["on_topic"]]
    assert len({label["url"] for label in off_topic}) / len({label["url"] for label in labels}) >= 1 / 3
    assert sum(label["hard_negative"] for label in off_topic) >= 20
    assert sum(label["copy_of"] is not None for label in labels) >= 30
    told_by = defaultdict(set)
    for label in labels:
        if label["copy_of"] is None and label["on_topic"]:
            told_by[label["story"]].add((label["outlet"], label["language"]))
    told = [outlets for outlets in told_by.values() if len({outlet for outlet, _ in outlets}) >= 3]
    assert len(told) >= 20
    assert sum(len({language for _, language in outlets}) >= 2 for outlets in told) >= 10
    kinds = Counter(label["kind"] for label in labels)
    assert kinds["correction"] >= 3
    assert all(kinds[kind] for kind in ("missing404", "forbidden403", "teaser", "script_only", "liveblog", "analysis"))


def test_copies_name_the_page_that_they_copy(labels: Any) -> None:
    by_url = defaultdict(list)
    for label in labels:
        by_url[label["url"]].append(label)
    for label in labels:
        if label["copy_of"] is None:
            continue
        origins = by_url[label["copy_of"]]
        assert origins and all(origin["story"] == label["story"] for origin in origins)
        assert min(origin["published"] for origin in origins) < label["published"]
        assert origins[0]["language"] == label["language"]


def test_the_files_in_the_repository_are_what_the_builder_makes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        command = [
            sys.executable,
            str(RECORDED / "build.py"),
            "--out",
            str(tmp_path / folder),
            "--labels",
            str(tmp_path / folder / "labels.jsonl"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    for name in WARCS:
        first, second = (tmp_path / folder / name for folder in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()
        # Another zlib may compress otherwise; what is in the file must be the same.
        assert gzip.decompress(first.read_bytes()) == gzip.decompress((RECORDED / name).read_bytes()), name
    assert (tmp_path / "one" / "labels.jsonl").read_text("utf-8") == LABELS.read_text("utf-8")
    assert (tmp_path / "one" / "feeds.opml").read_text("utf-8") == (RECORDED / "feeds.opml").read_text("utf-8")


def test_a_missing_text_is_one_line_that_names_it(recording: Any, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "slots.jsonl").write_text((RECORDED / "slots.jsonl").read_text("utf-8").splitlines()[0], "utf-8")
    with pytest.raises(recording.slots.RecordedError, match=r"1 of 1 texts are missing.*0617-01") as error:
        recording.slots.read_slots(tmp_path)
    assert "\n" not in str(error.value)
    assert recording.slots.read_slots(tmp_path, partial=True) == []


def test_is_small_and_says_what_it_is(captures: Any) -> None:
    assert sum((RECORDED / name).stat().st_size for name in WARCS) < 5_000_000
    for name in WARCS:
        with (RECORDED / name).open("rb") as stream:
            info = next(iter(ArchiveIterator(stream)))
            assert info.rec_type == "warcinfo"
            assert b"invented" in info.content_stream().read()
    times = [capture[0] for answers in captures.values() for capture in answers]
    assert min(times) >= datetime.fromisoformat("2024-06-17T21:00:00Z")
    assert max(times) < datetime.fromisoformat("2024-06-21T00:00:00Z")


def test_every_labelled_page_was_captured_as_it_was_answered(labels: Any, captures: Any) -> None:
    for label in labels:
        answers = captures[label["url"]]
        expected = QUIRK_OF_KIND.get(label["kind"], 200)
        assert {status for _, status, *_ in answers} == {expected}, label["url"]
        first = answers[0][0] - datetime.fromisoformat(label["published"])
        if label["kind"] != "correction":
            assert 0 < first.total_seconds() < 600
        assert len(answers) >= 2


def test_every_page_says_that_its_outlet_is_invented(captures: Any, recording: Any, pages: Any) -> None:
    words = tomllib.loads((RECORDED / "designs" / "phrases.toml").read_text("utf-8"))
    assert all("Wirewatch" in language["invented"] for language in words.values())
    for page in pages:
        assert all(b"Wirewatch" in body for *_, body in captures[page.url]), page.url


def test_feeds_parse_in_their_format_and_list_every_page(captures: Any, recording: Any, pages: Any) -> None:
    outlets = recording.slots.read_outlets(RECORDED)
    versions = {"rss2": "rss20", "rss1": "rss10", "atom": "atom10"}
    for outlet in outlets.values():
        listed, own = set(), [page for page in pages if page.outlet.id == outlet.id]
        for _, status, kind, _, body in captures[outlet.feed_url]:
            assert status == 200
            if outlet.feed_format == "json":
                document = json.loads(body)
                assert document["version"] == "https://jsonfeed.org/version/1.1"
                listed |= {item["title"] for item in document["items"]}
                continue
            if "bad_charset" in outlet.quirks:
                with pytest.raises(UnicodeDecodeError):
                    body.decode("utf-8")
                body = body.decode("windows-1251").encode()
            feed = feedparser.parse(body, response_headers={"content-type": kind})
            assert feed.version == versions[outlet.feed_format], outlet.id
            assert feed.feed.language == outlet.language
            assert not feed.bozo, (outlet.id, feed.get("bozo_exception"))
            listed |= {entry.title for entry in feed.entries}
        missing = {page.versions[-1].slot.text.title for page in own} - listed
        assert not missing, (outlet.id, missing)
        assert 6 <= len(captures[outlet.feed_url]) / 3.1 <= 13


def test_an_unchanged_feed_keeps_its_bytes_and_validators(captures: Any, recording: Any) -> None:
    unchanged = 0
    for outlet in recording.slots.read_outlets(RECORDED).values():
        if outlet.validators not in {"honest", "weak"}:
            continue
        answers = captures[outlet.feed_url]
        for (*_, before, body), (*_, after, later) in pairwise(answers):
            same = body == later
            unchanged += same
            assert (before["ETag"] == after["ETag"]) == same
            assert (before["Last-Modified"] == after["Last-Modified"]) == same
    assert unchanged > 100


def test_entries_that_a_feed_drops_come_back(recording: Any, pages: Any) -> None:
    env = recording.captures.pages.environment()
    dropping = [o for o in recording.slots.read_outlets(RECORDED).values() if "drop_and_return" in o.quirks]
    assert len(dropping) >= 3
    for outlet in dropping:
        own = [page for page in pages if page.outlet.id == outlet.id]
        times = recording.timeline.feed_captures(outlet)
        shown = [recording.captures.feeds.render(env, outlet, own, time) for time in times]
        present = ["".join("x" if page.path.encode() in body else "." for body in shown) for page in own]
        assert all("x" in row for row in present)
        assert any(re.search(r"x\.+x", row) for row in present), outlet.id


def test_a_correction_stands_at_the_address_of_the_error(slots: Any, pages: Any, captures: Any) -> None:
    by_id = {version.slot.id: page for page in pages for version in page.versions}
    corrections = [slot for slot in slots if slot.corrects]
    assert len(corrections) >= 3
    for slot in corrections:
        page = by_id[slot.id]
        assert page is by_id[slot.corrects]
        first, last = captures[page.url][0][-1], captures[page.url][-1][-1]
        assert page.versions[0].paragraphs != page.versions[-1].paragraphs
        assert first != last


def test_teasers_say_that_they_are_not_free_and_script_pages_hold_no_text(
    slots: Any, pages: Any, captures: Any
) -> None:
    for page in pages:
        body = captures[page.url][-1][-1]
        if page.slot.kind == "teaser":
            assert b'"isAccessibleForFree": false' in body
        if page.slot.kind == "script_only":
            assert b'<div id="app"></div>' in body
            assert page.versions[0].paragraphs[0].encode()[:80] not in body


def test_live_pages_grow(pages: Any, captures: Any) -> None:
    live = [page for page in pages if page.slot.kind == "liveblog"]
    assert live
    for page in live:
        sizes = [len(version.paragraphs) for version in page.versions]
        assert len(sizes) >= 6 and sizes == sorted(set(sizes))
        assert len(captures[page.url]) > len(sizes)


def test_texts_are_as_long_as_their_kind_wants(slots: Any) -> None:
    per_word = {"zh": 1.7, "ja": 2.2, "ko": 0.75}
    for slot in slots:
        if slot.kind in {"copy", *QUIRK_OF_KIND}:
            continue
        text = "".join(slot.text.paragraphs) if slot.lang in {"zh", "ja"} else " ".join(slot.text.paragraphs)
        size = len(re.sub(r"\s", "", text)) if slot.lang in {"zh", "ja"} else len(text.split())
        least = 75 if slot.kind == "teaser" else 110
        assert least <= size / per_word.get(slot.lang, 1) <= 800, (slot.id, size)


def test_no_two_tellings_share_a_long_run(slots: Any, pages: Any, recording: Any) -> None:
    """Copies share their origin's words, and corrections those of the error; nobody else does."""
    runs: dict[tuple[str, str], str] = {}
    for page in pages:
        for slot in {version.slot.id: version.slot for version in page.versions}.values():
            if slot.kind == "copy" or slot.corrects:
                continue
            units, length = _units(slot)
            for start in range(len(units) - length + 1):
                run = (slot.lang, " ".join(units[start : start + length]))
                other = runs.setdefault(run, slot.id)
                assert other == slot.id, f"{slot.id} and {other}: {run[1]}"


def test_what_is_quoted_in_english_stands_in_the_record(slots: Any) -> None:
    """Quotation marks of four words or more hold only words that developments.toml allows."""
    facts = tomllib.loads((RECORDED / "developments.toml").read_text("utf-8"))
    allowed = [_plain(quote["text"]) for item in facts["development"] + facts["off_topic"] for quote in item["quotes"]]
    for slot in slots:
        if slot.lang != "en":
            continue
        for paragraph in (slot.text.title, slot.text.summary, *slot.text.paragraphs):
            for quoted in re.findall(r"[“\"]([^”\"]+)[”\"]", paragraph):
                plain = _plain(quoted)
                if len(plain.split()) >= 4:
                    assert any(plain in words or words in plain for words in allowed), (slot.id, quoted)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.lower().replace("’", "'")))


def _units(slot: Any) -> tuple[list[str], int]:
    """The words of a text (in Chinese and Japanese its characters) without what stands in quotation marks."""
    text = " ".join(slot.text.paragraphs)
    text = re.sub(r"“[^”]*”|\"[^\"]*\"|„[^“]*“|«[^»]*»|「[^」]*」|『[^』]*』|‘[^’]{20,}’", " ", text)
    if slot.lang in {"zh", "ja"}:
        return re.findall(r"\w", text), 24
    return re.findall(r"\w+", text.lower()), 13
