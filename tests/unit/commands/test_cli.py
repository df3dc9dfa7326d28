"""The commands that need no database, and every mistake that one line answers."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from pipeline import cli
from pipeline.commands.lines import documents
from pipeline.errors import ConfigurationError
from pipeline.models import Article, Document
from pipeline.settings import Settings
from tests.support import light
from tests.support.commandline import COMMANDS
from tests.support.outlet import ARTICLE, FEED, outlet
from tests.support.project import REPOSITORY
from tests.support.terminal import Answer, wirewatch, without_ours

TREATY = "Putin and Kim signed a comprehensive strategic partnership treaty in Pyongyang on Wednesday. "
WIRE = TREATY + (
    "The document has a clause on mutual assistance if one of the two countries is attacked, the leaders said after "
    "two hours of talks in the Kumsusan guest house. It replaces the treaties of 1961 and 2000, and the parliaments "
    "of both countries have to ratify it before it enters into force. A joint statement was to follow in the evening."
)
FERRY = "The ferry to the island sails again after four weeks in the dock, with two new engines and an old timetable."
ROWS: list[dict[str, Any]] = [
    {"id": "late", "title": "Treaty signed", "text": WIRE, "published": "2024-06-19T12:00:00Z", "source": "Daily A"},
    {"id": "early", "title": "Pact signed", "text": WIRE, "published": "2024-06-19T09:00:00+00:00", "extra": [1, {}]},
    {"id": "ferry", "title": "배가 다시 다닌다", "text": FERRY, "published": None},
    {"id": "late", "title": "Ferry is back", "text": FERRY + " Half \ud800 of a pair.", "published": "2024-06-19"},
    {"id": 7, "title": "", "text": "", "published": None},
]


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for the module, so that the model is loaded once."""
    return tmp_path_factory.mktemp("home with a space")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with outlet() as found:
        yield found


# --- parse-feed -----------------------------------------------------------------------------------------------


def test_parse_feed_prints_an_entry_a_line_and_a_line_for_what_is_no_feed(tmp_path: Path) -> None:
    feed, page, empty = tmp_path / "feed.xml", tmp_path / "page.html", tmp_path / "empty.xml"
    feed.write_text(FEED)
    page.write_text(ARTICLE)
    empty.write_bytes(b"")
    answer = wirewatch("parse-feed", page, feed, empty, tmp_path / "missing.xml", feed)
    assert answer.status == 1
    assert [row["title"] for row in answer.objects] == 2 * ["Ferry returns to service", "항구가 다시 열렸다"]
    assert {row["feed"] for row in answer.objects} == {str(feed)}
    assert "항구" in answer.out, "letters stand as they are, whatever the locale"
    complaints = answer.err.splitlines()
    assert [line.split(": ")[1:3] for line in complaints] == [
        [str(page), "html-page"], [str(empty), "empty-body"], [str(tmp_path / "missing.xml"), "unreadable"],
    ]  # fmt: skip


def test_parse_feed_goes_on_past_a_feed_that_our_own_code_fails_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.feeds.reading import FeedReader

    whole = FeedReader.read
    names = ["one.xml", "two.xml", "three.xml"]
    for name in names:
        (tmp_path / name).write_text(FEED)

    def stumbling(reader: FeedReader, document: Any) -> Any:
        if "two" in document.url:
            raise AttributeError("stumbled")
        return whole(reader, document)

    monkeypatch.setattr(FeedReader, "read", stumbling)
    answer = wirewatch("parse-feed", *(tmp_path / name for name in names))
    assert {Path(row["feed"]).name for row in answer.objects} == {"one.xml", "three.xml"}
    assert f"{tmp_path / 'two.xml'}: internal: AttributeError: stumbled (commands/articles.py:" in answer.complaint


def test_extract_goes_on_past_a_page_that_our_own_code_fails_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline import extraction

    whole = extraction.to_json
    for name in ("one", "two", "three"):
        (tmp_path / name).write_text(ARTICLE)

    def stumbling(result: Any) -> Any:
        if isinstance(result, Article) and result.url.endswith("/two"):
            raise AttributeError("stumbled")
        return whole(result)

    monkeypatch.setattr(extraction, "to_json", stumbling)
    answer = wirewatch("extract", *(tmp_path / name for name in ("one", "two", "three")), extract_processes=1)
    assert answer.status == 0
    assert [row.get("error") for row in answer.objects] == [None, "internal", None]
    assert answer.objects[1]["detail"].startswith("AttributeError: stumbled (commands/articles.py:")
    assert answer.objects[1]["url"].endswith("/two")


def test_cluster_goes_on_past_a_document_that_our_own_code_fails_on(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.copies.memory_index import MemoryCopyIndex

    whole = MemoryCopyIndex.place

    def stumbling(self: MemoryCopyIndex, document: Any) -> Any:
        if document.id == "early":
            raise AttributeError("stumbled")
        return whole(self, document)

    monkeypatch.setattr(MemoryCopyIndex, "place", stumbling)
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines(ROWS[:3]))
    answer = wirewatch("cluster", path, home=home)
    assert answer.status == 1
    assert [row["id"] for row in answer.objects] == ["late", "early", "ferry"]
    assert answer.objects[1]["error"] == "internal"
    assert answer.objects[1]["detail"].startswith("AttributeError: stumbled (")
    assert all("story_id" in answer.objects[n] for n in (0, 2))


def test_parse_feed_of_an_address_keeps_to_public_ones_unless_told(address: str, home: Path) -> None:
    refused = wirewatch("parse-feed", f"{address}/feed.xml", home=home)
    assert refused.complaint.endswith("WIREWATCH_ALLOW_HOSTS")
    assert refused.out == ""
    told = wirewatch("parse-feed", f"{address}/feed.xml", home=home, allow_hosts="127.0.0.1", host_interval=0)
    assert told.status == 0, told.err
    assert [row["feed"] for row in told.objects] == 2 * [f"{address}/feed.xml"]
    gone = wirewatch("parse-feed", f"{address}/gone.xml", home=home, allow_hosts="127.0.0.1", host_interval=0)
    assert "404" in gone.complaint


# --- extract --------------------------------------------------------------------------------------------------


def test_extract_keeps_the_order_and_says_error_where_there_is_no_article(tmp_path: Path, address: str) -> None:
    (tmp_path / "ferry.html").write_text(ARTICLE)
    (tmp_path / "blank.html").write_text("<html><body></body></html>")
    manifest = tmp_path / "pages.jsonl"
    rows = [{"path": "no\0file"}, {"path": "ferry.html", "url": "https://harbour.example/f/ferry?utm_source=x"}]
    manifest.write_bytes(lines(rows))
    answer = wirewatch(
        "extract", tmp_path / "blank.html", f"{address}/ferry", "--manifest", manifest,
        extract_processes=1, allow_hosts="127.0.0.1", host_interval=0,
    )  # fmt: skip
    assert answer.status == 0, answer.err
    assert answer.err == "", "no bar where stderr is no terminal"
    blank, fetched, missing, told = answer.objects
    assert blank["error"]
    assert missing["error"] == "unreadable"
    assert fetched["title"] == told["title"] == "Ferry returns to service"
    assert fetched["url"] == f"{address}/ferry"
    assert told["url"].startswith("https://harbour.example/f/ferry")
    assert told["canonical_url"] == "https://harbour.example/ferry"
    assert told["published"].startswith("2024-06-19T12:00:00")
    assert told["authors"] == ["Mara Lind"]
    assert told["language"] == "en"
    assert "second vessel" in told["text"]
    assert not told.get("error")


@pytest.mark.parametrize("line", [b'{"url": "https://a.example"}', b'{"path": 5}'])
def test_a_manifest_line_without_a_path_is_named(line: bytes) -> None:
    assert "stdin:1: each line needs a path" in wirewatch("extract", "--manifest", "-", stdin=line).complaint


def test_a_broken_line_of_a_manifest_is_an_error_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "ferry.html").write_text(ARTICLE)
    (tmp_path / "feed.html").write_text(FEED)
    (tmp_path / "packed.html").write_bytes(gzip.compress(ARTICLE.encode()))
    (tmp_path / "large.html").write_text(ARTICLE + 200_000 * " ")
    manifest = tmp_path / "pages.jsonl"
    names = ("ferry", "feed", "packed", "large", "missing")
    good = [lines([{"path": f"{name}.html", "url": f"https://harbour.example/{name}"}]) for name in names]
    manifest.write_bytes(
        good[0] + b"{broken\n[1]\n" + b"".join(good[1:]) + b'{"url": "https://a.example/x"}\n' + good[0]
    )
    answer = wirewatch("extract", "--manifest", manifest, extract_processes=1, max_page_bytes=100_000)
    assert [row.get("error") for row in answer.objects] == [
        None, "bad-line", "bad-line", "not-html", "not-html", "too-large", "unreadable", "bad-line", None,
    ]  # fmt: skip
    assert [row["url"].rpartition("/")[2] for row in answer.objects[3:8]] == ["feed", "packed", "large", "missing", "x"]
    assert "gzip" in answer.objects[4]["detail"]
    assert answer.status == 1
    assert [line.split(": ")[1] for line in answer.err.splitlines()] == [f"{manifest}:{n}" for n in (2, 3, 8)]


def test_extract_takes_the_address_of_a_file_from_the_option(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(ARTICLE.replace('<link rel="canonical" href="https://harbour.example/ferry">', ""))
    (row,) = wirewatch("extract", page, "--url", "https://harbour.example/print", extract_processes=1).objects
    assert row["url"] == "https://harbour.example/print"


# --- cluster, evaluate, calibrate -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clustered(home: Path) -> Answer:
    return wirewatch("cluster", "-", stdin=b"\xef\xbb\xbf" + lines(ROWS) + b"\n", home=home)


def test_cluster_answers_every_line_in_order_with_its_five_keys(clustered: Answer) -> None:
    assert clustered.status == 0, clustered.err
    assert clustered.err == ""
    assert [row["id"] for row in clustered.objects] == ["late", "early", "ferry", "late", "7"]
    assert all(list(row) == ["id", "story_id", "copy_of", "score", "method"] for row in clustered.objects)


def test_cluster_finds_stories_and_copies_by_time_of_publication(clustered: Answer) -> None:
    late, early, ferry, twin, blank = clustered.objects
    assert late["copy_of"] == "early", "the earlier copy is the origin, wherever it stands in the file"
    assert early["copy_of"] is None
    assert late["story_id"] == early["story_id"]
    assert ferry["story_id"] == twin["story_id"] != late["story_id"], "two lines with one id are two documents"
    assert blank["story_id"] not in (late["story_id"], ferry["story_id"])


def test_cluster_reads_and_writes_files_as_well(clustered: Answer, home: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(lines(ROWS))
    answer = wirewatch("cluster", source, "--out", target, home=home)
    assert (answer.status, answer.out) == (0, "")
    assert target.read_text() == clustered.out


def test_cluster_places_a_round_up_in_no_story_as_the_pipeline_does(home: Path) -> None:
    text = "The ferry between Aro and Belt is back. " * 8
    rows = [
        {"id": str(number), "title": title, "text": text, "published": f"2024-06-19T0{number + 1}:00:00Z"}
        for number, title in enumerate(["Ferry is back", "Thursday Briefing: Ferry is back", "Ferry is back at Aro"])
    ]
    article, round_up, print_ = wirewatch("cluster", "-", stdin=lines(rows), home=home).objects
    assert article["story_id"] == print_["story_id"] != round_up["story_id"]
    assert round_up["method"] == "roundup"
    assert round_up["copy_of"] == article["id"], "whose text it is, is told all the same"
    assert print_["copy_of"] == article["id"]


def test_cluster_places_what_was_copied_from_a_round_up(home: Path) -> None:
    text = "The ferry between Aro and Belt is back. " * 8
    rows = [
        {"id": str(number), "title": title, "text": text, "published": f"2024-06-19T0{number + 1}:00:00Z"}
        for number, title in enumerate(["Thursday Briefing: Ferry is back", "Ferry is back", "Ferry is back at Aro"])
    ]
    round_up, *placed = wirewatch("cluster", "-", stdin=lines(rows), home=home).objects
    assert {row["copy_of"] for row in placed} == {round_up["id"]}
    assert len({row["story_id"] for row in placed} - {round_up["story_id"]}) == 1


def test_cluster_of_nothing_is_nothing() -> None:
    assert wirewatch("cluster", "-") == Answer(0, "", "")


GOOD = b'{"id": "a", "title": "t", "text": "x", "published": null}\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b"[1]", "must be a JSON object"),
        (b'{"id": "a", "title": "t"}', "'text' is missing"),
        (b'{"id": "a", "title": "t", "text": "x", "published": "soon"}', "published must be ISO 8601"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b'{"id": "a", "title": "t", "text": "x", "published": "9999-12-31"}', "write null where it is unknown"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"id": ' + b"9" * 5_000 + b', "title": "t", "text": "x"}', "write long numbers as text"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_by_file_and_number(line: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n")
    good, mistake, *without_time = documents(path)
    assert isinstance(good, Document)
    assert str(mistake).startswith(f"{path}:3: ")
    assert said in str(mistake)
    assert [row.published for row in without_time if isinstance(row, Document)] == [None] * len(without_time)


def test_ledger_looks_for_words_that_the_database_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.commands import stories

    asked: list[str] = []
    monkeypatch.setattr("pipeline.database.connect", lambda _: nullcontext())
    monkeypatch.setattr("pipeline.store.reports.ledger", lambda _, entry: asked.append(entry))
    with pytest.raises(ConfigurationError, match="no entry matches"):
        stories.ledger("Ta\udce9lks")
    assert asked == ["Talks"]


def test_cluster_goes_on_over_lines_that_it_cannot_read(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    undated = b'{"id": "b", "title": "t", "text": "y", "published": "soon"}\n'
    source.write_bytes(GOOD + b"{\n" + undated + b'{"id": "c"}\n')
    answer = wirewatch("cluster", source, home=home)
    assert answer.status == 1
    assert [row["id"] for row in answer.objects] == ["a", "b"]
    assert [line.split(": ")[1] for line in answer.err.splitlines()] == [f"{source}:{n}" for n in (2, 3, 4)]


NOBODY = "postgresql://nobody:secret@127.0.0.1:1/wirewatch"


def labelled(path: Path) -> Path:
    rows = []
    for day in range(6):
        for name, text in (("treaty", TREATY), ("ferry", FERRY)):
            moment = f"2024-06-{10 + day}T0{day}:00:00Z"
            rows += [
                {"id": f"{name}{day}{n}", "title": f"{name} {day}", "text": f"{text} Part {day}, told {n} times.",
                 "published": moment, "language": "en" if n else "de", "story": f"{name}{day}"}
                for n in range(2)
            ]  # fmt: skip
    path.write_bytes(lines(rows))
    return path


def test_evaluate_scores_a_labelled_set_by_language(home: Path, tmp_path: Path) -> None:
    path = labelled(tmp_path / "small.jsonl")
    as_json = wirewatch("evaluate", path, "--json", home=home)
    assert as_json.status == 0, as_json.err
    assert [row["set"] for row in as_json.objects] == ["small", "small · de", "small · en"]
    whole = as_json.objects[0]
    assert (whole["documents"], whole["stories"]) == (24, 12)
    assert 0 < whole["b_cubed_f1"] <= 1
    assert whole["intervals"]["b_cubed_f1"]["low"] <= whole["b_cubed_f1"]
    table = wirewatch("evaluate", path, home=home)
    assert "B³ F1 (95%)" in table.out
    assert f"{whole['b_cubed_f1']:.3f} (" in table.out


def test_calibrate_writes_thresholds_to_a_file_that_cluster_reads_without_a_database(tmp_path: Path) -> None:
    own, kept = tmp_path / "home", tmp_path / "fitted.json"
    small = labelled(tmp_path / "small.jsonl")
    answer = wirewatch("calibrate", small, "--thresholds-only", "--out", kept, home=own, database_url=NOBODY)
    assert answer.status == 0, answer.err
    assert f"thresholds: {kept}" in answer.out
    assert kept.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    fitted = json.loads(kept.read_text())
    assert fitted["name"] == light.MODEL
    # Thresholds that nothing reaches: each line is a story of its own.
    for rule in fitted["rules"].values():
        rule |= {"split": 90.0, "merge": 95.0, "join": 100.0}
    kept.write_text(json.dumps(fitted))
    answer = wirewatch("cluster", small, "--parameters", kept, home=own, database_url=NOBODY)
    alone = [row["story_id"] for row in answer.objects if row["copy_of"] is None]
    assert len(alone) == len(set(alone))
    assert wirewatch("calibrate", small, home=own, database_url=NOBODY).complaint.endswith("WIREWATCH_DATABASE_URL")
    assert not (own / "postgres").exists(), "no database was asked"


def test_thresholds_that_an_earlier_version_left_are_mentioned(tmp_path: Path) -> None:
    left = tmp_path / "models" / f"{light.MODEL}.json"
    left.parent.mkdir()
    left.write_text("{}")
    answer = wirewatch("cluster", "-", home=tmp_path)
    assert (answer.status, answer.out) == (0, "")
    assert f"`--parameters {left}` uses them" in answer.err


# --- mistakes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:pa%sesame@127.0.0.1:1/db",
        "postgresql://desk:12/sesame@127.0.0.1:1/db",
        "postgresql://desk:12?sesame@127.0.0.1:1/db",
        "postgresql://desk:12?sesame=1@127.0.0.1:1/db",
        "postgresql://desk:12#sesame@127.0.0.1:1/db",
        "postgresql://desk:p@sesame@127.0.0.1:1/db",
        "postgresql://desk:open sesame@127.0.0.1:1/db",
        "postgresql://desk:sesame@[::1/db",
        "postgresql://desk:sesame@127.0.0.1:99999/db",
        "postgresql://desk@127.0.0.1:1/db?password=sesame%zz",
        "postgresql://127.0.0.1:1/db?password=x&sesame=1",
        "postgresql://127.0.0.1:1/db?sslpassword=sesame",
        "desk:sesame@127.0.0.1:1/db",
    ],
)
@pytest.mark.parametrize("command", ["feeds list", "settings", "doctor", "db shell", "db dump x.dump"])
def test_no_mistake_in_an_address_shows_its_password(url: str, command: str, tmp_path: Path) -> None:
    answer = wirewatch(*command.split(), home=tmp_path, database_url=url)
    assert "WIREWATCH_DATABASE_URL" in answer.out + answer.err
    assert "sesame" not in answer.out + answer.err


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ("settings", {"colour": "red"}, "WIREWATCH_COLOUR is not a setting of Wirewatch; `wirewatch settings` lists"),
        ("settings", {"port": "eighty"}, "WIREWATCH_PORT='eighty' is not a number; the default is 8080"),
        ("settings", {"port": "70000"}, "WIREWATCH_PORT=70000 is no port"),
        ("settings", {"read_timeout": "nan"}, "WIREWATCH_READ_TIMEOUT=nan must be above 0"),
        ("settings", {"concurrency": "0"}, "WIREWATCH_CONCURRENCY=0 must be above 0"),
        ("feeds list", {"database_url": "mysql://there/db"}, "WIREWATCH_DATABASE_URL must look like postgresql://"),
        ("feeds list", {"database_url": "postgresql://there:port/db"}, "WIREWATCH_DATABASE_URL must look like"),
        ("feeds list", {"database_url": f"{NOBODY}?colour=red"}, "WIREWATCH_DATABASE_URL: invalid URI query parameter"),
        ("feeds list", {"database_url": NOBODY}, "127.0.0.1:1/wirewatch cannot be reached"),
        ("db migrate", {"database_url": NOBODY}, "check WIREWATCH_DATABASE_URL"),
        ("collect", {"model": "/no/model", "database_url": NOBODY}, "WIREWATCH_MODEL: there is no folder /no/model"),
        ("backfill", {"model": "/no/model", "database_url": NOBODY}, "WIREWATCH_MODEL: there is no folder"),
        ("maintain", {"backend": "abacus", "database_url": NOBODY}, "WIREWATCH_BACKEND=abacus is none of auto"),
        ("cluster -", {"model": "/no/model"}, "WIREWATCH_MODEL: there is no folder /no/model; unset it for multi"),
        ("evaluate /no/file", {"model": "/no/model"}, "WIREWATCH_MODEL: there is no folder"),
        ("cluster /no/file", {}, "/no/file: No such file or directory; name a file of JSON lines, or - for stdin"),
        ("cluster - --out /no/folder/out", {}, "/no/folder/out: No such file or directory"),
        ("calibrate /no/file", {}, "/no/file: No such file or directory"),
        ("extract", {}, "extract needs pages: name files or addresses, or a file with --manifest"),
        ("extract --manifest /no/file", {}, "/no/file: No such file or directory"),
        ("collect", {"seeds": "/no/seeds"}, "no topic file in /no/seeds/topics; copy one there or set WIREWATCH_SEEDS"),
        ("backfill --topic moon", {"database_url": NOBODY}, "no topic 'moon'; there is putin-kim-summit"),
        ("backfill --day 19.6.", {"database_url": NOBODY}, "'19.6.' is no day; write it like 2024-06-19"),
        ("backfill --day 2024-06-20..2024-06-18", {"database_url": NOBODY}, "the range ends before it begins"),
        ("backfill --day 2024-06-19", {"database_url": NOBODY}, "backfill needs WIREWATCH_ARCHIVE_URL"),
        ("digest --topic moon", {"database_url": NOBODY}, "no topic 'moon'"),
        ("digest --day 9999-12-31", {"database_url": NOBODY}, "'9999-12-31' is no day"),
        ("feeds import /no/file", {"database_url": NOBODY}, "/no/file: No such file or directory; name an OPML file"),
        ("feeds add https://a.example --ownership mine", {"database_url": NOBODY}, "must be state, public, private"),
        ("run", {"model": "/no/model", "port": "{free}"}, "WIREWATCH_MODEL: there is no folder /no/model"),
        ("run", {"port": "{taken}"}, "is taken; set WIREWATCH_PORT to a free one"),
    ],
)
def test_a_mistake_gets_one_line_that_says_what_to_do(
    arguments: str, environment: dict[str, str], said: str, address: str, tmp_path: Path
) -> None:
    from pipeline.database.ports import free_port

    ports = {"free": free_port(), "taken": address.rpartition(":")[2]}
    settings = {name: value.format(**ports) for name, value in environment.items()}
    assert said in wirewatch(*arguments.split(), **{"home": tmp_path / "home", **settings}).complaint  # type: ignore[arg-type]
    assert not (tmp_path / "home" / "postgres").exists(), "nothing was started"


def test_a_model_without_thresholds_says_how_to_get_them(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    assert "run `wirewatch calibrate LABELLED.jsonl" in wirewatch("cluster", "-", model=tmp_path).complaint


def test_numbers_that_are_broken_are_named_by_file(tmp_path: Path) -> None:
    kept = tmp_path / "models" / f"{light.MODEL}.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    complaint = wirewatch("collect", home=tmp_path, database_url=NOBODY).complaint
    assert complaint.startswith(f"wirewatch: {kept}: not a story model")
    assert complaint.endswith("delete it or run `wirewatch calibrate` again")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name = ", "nome = "), "the key 'name' is missing"),
        (('timezone = "', 'timezone = "Moon/'), "is no IANA zone"),
        (("[window]", "[window"), "not valid TOML"),
    ],
)
def test_a_wrong_topic_file_is_named_before_anything_starts(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    (tmp_path / "topics").mkdir()
    (tmp_path / "documents").symlink_to(REPOSITORY / "seeds" / "documents")
    text = (REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml").read_text()
    assert change[0] in text
    (tmp_path / "topics" / "mine.toml").write_text(text.replace(*change))
    complaint = wirewatch("collect", seeds=tmp_path, database_url=NOBODY).complaint
    assert complaint.startswith("wirewatch: mine.toml: ")
    assert said in complaint


@pytest.mark.parametrize(
    "arguments", ["frobnicate", "settings --loud", "digest show", "digest show two", "story show 99999999999999999999",
                  "story merge 1 2", "digest --as-of soon", ""]
)  # fmt: skip
def test_a_wrong_call_ends_with_status_2_and_the_way_to_help(arguments: str) -> None:
    answer = wirewatch(*arguments.split())
    assert answer.status == 2
    assert "Usage: wirewatch" in answer.err + answer.out
    assert "Traceback" not in answer.err


class Interrupted(io.RawIOBase):
    """A person who answers with Ctrl-C."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise KeyboardInterrupt


def test_ctrl_c_is_one_line_and_status_130() -> None:
    answer = wirewatch("cluster", "-", stdin=Interrupted())
    assert answer.status == 130
    assert answer.err == "wirewatch: stopped; what was done stays, and the next run goes on from there\n"


# --- what the terminal sees -----------------------------------------------------------------------------------


def test_settings_lists_every_variable_whole_and_hides_secrets(tmp_path: Path) -> None:
    long = tmp_path / ("folder" * 40)
    answer = wirewatch("settings", home=long, smtp_url="smtp://desk:hunter2@mail.example")
    assert answer.status == 0
    for variable, _, _, why in Settings.table():
        (line,) = [line for line in answer.out.splitlines() if f" {variable} " in line]
        assert why in line, "piped tables do not fold"
    assert str(long) in answer.out
    assert "hunter2" not in answer.out
    assert "\x1b" not in answer.out


BAR = """
from pipeline.commands import console
with console.progress("extract", 1) as advance:
    console.write_json({"id": 1})
    advance()
"""


def test_a_bar_is_for_terminals_and_never_takes_what_goes_to_a_file() -> None:
    ours, theirs = pty.openpty()
    environment = without_ours() | {"TERM": "xterm", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", BAR], stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.stdout == b'{"id": 1}\n'
    assert "extract" in shown
    assert '{"id"' not in shown


def test_a_reader_who_had_enough_is_no_error(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(FEED)
    command = [sys.executable, "-m", "pipeline", "parse-feed", *([str(feed)] * 200)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY, env=without_ours()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_what_comes_from_outside_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from pipeline.commands import console

    console.table(("title",), [["[bold]kept[/] \x1b]0;renamed\x07 :smile:"]])
    console.fail("two\nlines \x1b[2J")
    shown = capsys.readouterr()
    assert "[bold]kept[/]" in shown.out
    assert ":smile:" in shown.out
    assert "\x1b" not in shown.out + shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("name", [pytest.param(name, id=name or "wirewatch") for name in COMMANDS])
def test_every_command_and_each_of_its_parameters_is_explained(name: str) -> None:
    command = COMMANDS[name]
    answer = wirewatch(*name.split(), "--help")
    assert answer.status == 0
    assert f"Usage: wirewatch {name}".rstrip() in answer.out
    assert command.help
    assert command.help.rstrip().endswith((".", ".`"))
    assert [parameter.name for parameter in command.params if not parameter.help] == []


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (psycopg.OperationalError("server closed the connection\nunexpectedly"), "Postgres went away; run it again"),
        (psycopg.errors.CrashShutdown("crash of another process"), "it lost a process and starts anew; run it again"),
        (psycopg.InterfaceError("the connection is closed"), "the connection to Postgres was lost; run it again"),
        (PoolTimeout("no connection"), "Postgres went away"),
        (BrokenProcessPool("a child was lost"), "a process of this program was killed"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer; run it again"),
        (OSError(28, "No space left on device"), "No space left on device; run it again"),
    ],
)
def test_what_a_kill_leaves_of_an_error_is_one_line(
    error: Exception, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "_ASKED", ())  # this process keeps its own ways to be stopped
    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    answer = capsys.readouterr()
    assert (ended.value.code, answer.out) == (1, "")
    assert answer.err.count("\n") == 1 and says in answer.err
    monkeypatch.setattr(cli, "app", lambda **_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_calibrate_without_topics_keeps_the_packaged_numbers_and_says_what_it_did_not_use(tmp_path: Path) -> None:
    small = labelled(tmp_path / "small.jsonl")
    rows = [json.loads(line) | {"topic": 2} for line in small.read_text().splitlines()]
    small.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ("calibrate", small, "--thresholds-only", "--out", "-")
    answer = wirewatch(*arguments, home=tmp_path / "home", database_url=NOBODY)
    assert answer.status == 0, answer.err
    assert "its key topic is not used, as there is no topic file" in answer.err
    assert json.loads(answer.out)["topic"] == light.numbers().to_plain()["topic"]
    rows[0]["topic"] = 5
    small.write_text("".join(json.dumps(row) + "\n" for row in rows))
    wrong = wirewatch(*arguments, home=tmp_path / "home", database_url=NOBODY)
    assert wrong.complaint.endswith("small.jsonl:1: topic must be 2 (on it), 1 (related) or 0 (not)")


def test_a_decision_is_signed_by_a_person_before_root() -> None:
    from pipeline import settings as configuration
    from pipeline.commands.arguments import signature

    assert signature(configuration.load({"SUDO_USER": "mina"}), "") == "mina"
    assert signature(configuration.load({"SUDO_USER": "mina", "WIREWATCH_REVIEWER": "ana"}), "") == "ana"
    assert signature(configuration.load({"WIREWATCH_REVIEWER": "ana"}), "bo") == "bo"
    assert signature(configuration.load({}), "") != ""
