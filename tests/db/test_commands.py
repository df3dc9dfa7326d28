"""The commands over Postgres, called as a person calls them."""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from pipeline import database, steps
from pipeline.database.embedded import Server
from pipeline.database.ports import free_port
from pipeline.settings import Settings
from tests.support.deskrows import TOPIC, now, placed
from tests.support.outlet import outlet
from tests.support.project import REPOSITORY
from tests.support.receivers import hook
from tests.support.terminal import Answer, wirewatch, without_ours

DAY = "2024-06-19"
Call = Callable[..., Answer]


def caller(settings: Settings) -> Call:
    def call(*arguments: object, **environment: object) -> Answer:
        own = {"home": settings.home, "database_url": settings.database_url, "extract_processes": 1}
        return wirewatch(*arguments, **{**own, **environment})  # type: ignore[arg-type]

    return call


@pytest.fixture
def call(settings: Settings) -> Call:
    """`wirewatch` on an empty database of its own."""
    return caller(settings)


@pytest.fixture
def at_desk(desk: Settings) -> tuple[Call, Settings]:
    """`wirewatch` on a database with two stories."""
    steps.cluster(desk, now=now())
    return caller(desk), desk


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with outlet() as found:
        yield found


# --- db -------------------------------------------------------------------------------------------------------


def test_migrate_brings_an_empty_database_up_and_until_then_each_command_says_so(embedded: Server) -> None:
    embedded.ensure_database("not_migrated")
    url = embedded.url("not_migrated")
    for arguments in ("feeds list", "collect", "ledger x", "digest list"):
        complaint = wirewatch(*arguments.split(), database_url=url).complaint
        assert complaint.endswith("run `wirewatch db migrate`")
    first = wirewatch("db", "migrate", "--json", database_url=url).objects[0]
    assert first["step"] == "migrate"
    assert first["applied"] == len(database.migrations())
    again = wirewatch("db", "migrate", database_url=url)
    assert again.out == "migrate   applied 0, migrations none\n"
    assert "no feeds yet" in wirewatch("feeds", "list", database_url=url).err


def test_url_prints_the_address_and_nothing_else(call: Call, settings: Settings) -> None:
    assert call("db", "url") == Answer(0, settings.database_url + "\n", "")


@pytest.mark.parametrize(("query", "status"), [("SELECT 6 * 7", 0), ("SELECT broken", 1)])
def test_shell_hands_its_arguments_to_psql(settings: Settings, query: str, status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "db", "shell", "-X", "-A", "-t", "-c", query],
        cwd=REPOSITORY, env=without_ours() | {"WIREWATCH_DATABASE_URL": settings.database_url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert done.stdout == ("" if status else "42\n")
    assert ("broken" in done.stderr) == bool(status)


# --- feeds ----------------------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do_next(call: Call) -> None:
    for arguments in ("feeds list", "feeds check"):
        answer = call(*arguments.split())
        assert (answer.status, answer.out) == (0, "")
        assert answer.err.startswith("no feeds yet; `wirewatch feeds add URL` adds one")
    answer = call("digest", "list")
    assert (answer.status, answer.out) == (0, "")
    assert answer.err.startswith("no digest yet; `wirewatch digest")


def test_feeds_travel_as_opml(call: Call, tmp_path: Path) -> None:
    counts = call("feeds", "import", REPOSITORY / "seeds" / "feeds.opml", "--json").objects[0]
    assert counts["feeds"] == counts["added"] > 20
    listed = call("feeds", "list").out
    assert "KCNA Watch" in listed
    target = tmp_path / "list.opml"
    assert call("feeds", "export", target).out == ""
    assert call("feeds", "export").out.rstrip("\n") == target.read_text().rstrip("\n")
    again = call("feeds", "import", target)
    assert f"feeds {counts['feeds']}, added 0" in again.out
    target.write_text("<html><body>No list</body></html>")
    assert "OPML" in call("feeds", "import", target).complaint
    assert str(tmp_path / "no" / "x.opml") in call("feeds", "export", tmp_path / "no" / "x.opml").complaint


def slot(settings: Settings) -> datetime:
    """When the outlet may be asked next."""
    with database.connect(settings) as connection:
        (row,) = connection.execute("SELECT next_request_at FROM hosts WHERE host = '127.0.0.1'").fetchall()
    at: datetime = row["next_request_at"]
    return at


def test_a_feed_is_found_from_the_home_page_checked_and_collected(call: Call, settings: Settings, address: str) -> None:
    refused = call("feeds", "add", address)
    assert "127.0.0.1" in refused.complaint
    here = {"allow_hosts": "127.0.0.1", "host_interval": 0}
    added = call("feeds", "add", address, "--country", "de", "--ownership", "public", **here)
    assert added.status == 0, added.err
    assert added.out.endswith(f"added: feed 1, {address}/feed.xml\n")
    again = call("feeds", "add", f"{address}/feed.xml", **here)
    assert again.out.endswith(f"known already: feed 1, {address}/feed.xml\n")
    from_inside = call("feeds", "add", f"{address}/ferry", **here)
    assert from_inside.out.endswith(f"known already: feed 1, {address}/feed.xml\n"), "found by its usual path"
    after_discovery = slot(settings)
    (row,) = [line for line in call("feeds", "check", **here).out.splitlines() if "feed.xml" in line]
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[1:5] == ["The Harbour Post", "active", "ok", "2"]
    assert slot(settings) > after_discovery, "both take slots of the pace that all workers share"

    first = {row.pop("step"): row for row in call("collect", "--json", **here).objects}
    stages = ["match", "extract", "copies", "embed", "place", "reassign"]
    assert list(first) == ["poll", *stages]
    assert (first["poll"]["polled"], first["poll"]["entries"]) == (1, 2)
    second = call("collect", **here)
    assert "no feed is due" in second.err
    assert [line.split()[0] for line in second.out.splitlines()] == stages
    way = call("ledger", "Ferry returns")
    assert way.status == 0, way.err
    assert "https://harbour.example/ferry" in way.out
    assert "The Harbour Post" in way.out
    assert "no entry matches 'moon'" in call("ledger", "moon").complaint
    assert "nothing was found" in call("search", "zebras", "--by", "words", "--since", "2999-01-01").err
    assert "is both, words or meaning" in call("search", "x", "--by", "luck").err


# --- backfill -------------------------------------------------------------------------------------------------


def test_an_archive_that_does_not_answer_is_one_line(call: Call) -> None:
    call("feeds", "import", REPOSITORY / "seeds" / "recorded" / "feeds.opml")
    gate = f"http://127.0.0.1:{free_port()}"
    answer = call(
        "backfill", "--topic", TOPIC, "--day", DAY,
        archive_url=f"{gate}/timegate/", archive_timemap_url=f"{gate}/timemap/link/", host_interval=0,
    )  # fmt: skip
    assert "the archive at WIREWATCH_ARCHIVE_URL does not answer" in answer.complaint
    assert answer.out == ""


def test_maintain_counts(call: Call) -> None:
    (counts,) = call("maintain", "--json").objects
    assert counts.pop("step") == "maintain"
    assert counts
    assert all(count == 0 for count in counts.values())


# --- digest ---------------------------------------------------------------------------------------------------


def test_a_digest_is_drafted_listed_shown_and_published(at_desk: tuple[Call, Settings]) -> None:
    call, settings = at_desk
    (drafted,) = call("digest", "--topic", TOPIC, "--day", DAY, "--json").objects
    assert (drafted["step"], drafted["day"], drafted["stories"]) == ("draft", DAY, 2)
    number = drafted["digest_id"]
    (row,) = [line for line in call("digest", "list").out.splitlines() if DAY in line]
    assert [cell.strip() for cell in row.split("│")][1:5] == [str(number), DAY, TOPIC, "draft"]
    shown = call("digest", "show", number)
    assert shown.out.startswith("# ")
    assert "limousine" in shown.out
    car = placed(settings)[4]
    assert f"story 999 is not in digest {number}" in call("digest", "publish", number, "--drop", 999).complaint
    (outcome,) = call("digest", "publish", number, "--drop", car, "--note", "Quiet", "--json").objects
    assert (outcome["state"], outcome["stories"], outcome["delivered"]) == ("published", 1, {"files": "ok"})
    with database.connect(settings) as connection:
        kept = connection.execute("SELECT reviewed_by, note FROM digests WHERE id = %s", (number,)).fetchone()
    assert kept == {"reviewed_by": getpass.getuser(), "note": "Quiet"}
    assert "limousine" not in call("digest", "show", number).out
    late = call("digest", "publish", number, "--reject", "--as", "mina")
    assert f"digest {number} was published by" in late.complaint
    assert "cannot be rejected" in late.complaint


def test_a_decision_is_signed_by_whom_the_command_names(at_desk: tuple[Call, Settings]) -> None:
    call, settings = at_desk
    number = call("digest", "--topic", TOPIC, "--day", DAY, "--json").objects[0]["digest_id"]
    assert call("digest", "publish", number, "--reject", "--as", "mina").status == 0
    assert "was rejected by mina" in call("digest", "publish", number).complaint
    with database.connect(settings) as connection:
        kept = connection.execute("SELECT state, reviewed_by FROM digests WHERE id = %s", (number,)).fetchone()
    assert kept == {"state": "rejected", "reviewed_by": "mina"}


def test_a_digest_can_be_rejected_and_drafted_as_of_then(at_desk: tuple[Call, Settings]) -> None:
    call, _ = at_desk
    early = call("digest", "--day", DAY, "--as-of", "2024-06-19T00:30:00", "--json").objects[0]
    assert early["stories"] == 0
    outcome = call("digest", "publish", early["digest_id"], "--reject").out
    assert outcome == f"publish   digest id {early['digest_id']}, state rejected, stories 0\n"
    for verb in ("show", "publish"):
        complaint = call("digest", verb, 77).complaint
        assert "there is no digest 77; `wirewatch digest list` names those there are" in complaint


def test_a_digest_that_did_not_arrive_is_one_line_and_not_done(at_desk: tuple[Call, Settings]) -> None:
    call, _ = at_desk
    assert call("digest", "deliver", "--json").objects[0]["tried"] == 0
    number = call("digest", "--day", DAY, "--json").objects[0]["digest_id"]
    with hook() as receiver:
        receiver.answers = [500, 500]
        told = {"webhook_url": receiver.address}
        published = call("digest", "publish", number, **told)
        assert published.status == 1, "the decision stands, the delivery does not"
        assert "state published" in published.out
        assert f"digest {number} is published, but has not reached webhook (http-500, next try " in published.complaint
        assert call("digest", "deliver", **told).status == 0, "nothing is due yet"
        assert "http-500" in call("digest", "deliver", number, **told).complaint
        done = call("digest", "deliver", number, **told)
        assert (done.status, done.err) == (0, "")
    assert "there is no digest 77" in call("digest", "deliver", 77).complaint


# --- quarantine -----------------------------------------------------------------------------------------------


def set_aside(settings: Settings) -> None:
    """Two articles in quarantine for one step, one of them also for another."""
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, set_aside_at,"
            " class, message, place) VALUES"
            " ('embed', 'article', 1, 5, now(), now(), now(), now(), 'AttributeError', 'no get', 'a/facts.py:1'),"
            " ('embed', 'article', 2, 1, now(), now(), '2030-01-01', NULL, 'ValueError', 'odd', 'embedding.py:2'),"
            " ('copies', 'article', 1, 1, now(), now(), '2030-01-01', NULL, 'ValueError', 'odd', 'copying.py:3')"
        )


def test_what_is_in_quarantine_is_listed_and_released(at_desk: tuple[Call, Settings]) -> None:
    call, settings = at_desk
    assert "no item waits" in call("quarantine", "list").err
    set_aside(settings)
    shown = call("quarantine", "list").out
    for part in ("article:1", "set aside", "AttributeError: no get", "a/facts.py:1", "2030-01-01", "Outlet 1"):
        assert part in shown
    listed = call("quarantine", "list", "--json").objects
    assert (listed[0]["item"], listed[0]["step"], listed[0]["class"]) == ("article:1", "embed", "AttributeError")
    assert len(listed) == 3
    released = call("quarantine", "release", "article:1", "--step", "embed", "--json").objects
    assert released == [{"step": "release", "released": 1, "items": ["article:1"]}]
    assert call("quarantine", "release", "--step", "embed", "--json").objects[0]["items"] == ["article:2"]
    assert call("quarantine", "release", "--all", "--json").objects[0]["items"] == ["article:1"]
    assert call("quarantine", "list", "--json").out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "name what to release"),
        ("article:1 --all", "name what to release"),
        ("article:9", "article:9 is not in quarantine; see"),
        ("article:2 --step copies", "article:2 is not in quarantine of step copies"),
        ("--step moon", "nothing of step 'moon'"),
    ],
)
def test_what_cannot_be_released_is_one_line(arguments: str, said: str, at_desk: tuple[Call, Settings]) -> None:
    call, settings = at_desk
    set_aside(settings)
    assert said in call("quarantine", "release", *arguments.split()).complaint
    assert len(call("quarantine", "list", "--json").objects) == 3


# --- story ----------------------------------------------------------------------------------------------------


def test_a_persons_word_moves_articles_and_stands_in_the_story(at_desk: tuple[Call, Settings]) -> None:
    call, settings = at_desk
    treaty, car = placed(settings)[1], placed(settings)[4]
    shown = call("story", "show", treaty).out
    assert shown.count("Outlet ") == 3
    assert "first" in shown

    split = call("story", "split", treaty, 2, "--reason", "another pact")
    assert split.status == 0, split.err
    apart = placed(settings)[2]
    assert f"new story id {apart}" in split.out
    assert call("story", "pin", 2, car, "--reason", "about the car").status == 0
    assert placed(settings)[2] == car
    assert call("story", "merge", car, treaty, "--reason", "one visit").status == 0
    assert set(placed(settings).values()) == {min(car, treaty)}
    assert call("story", "not-topic", 1, TOPIC, "--reason", "an advert").status == 0

    merged = call("story", "show", max(car, treaty))
    assert merged.err == f"story {max(car, treaty)} was merged into story {min(car, treaty)}\n"
    for word in ("merge", "must-link", "not-topic", "one visit", "an advert", getpass.getuser()):
        assert word in merged.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("show 999", "there is no story 999"),
        ("merge 1 999 --reason x", "there is no story 999"),
        ("merge 1 1 --reason x", "are one already"),
        ("split 1 99 --reason x", "article 99 is not in story 1"),
        ("split 1 1 2 3 --reason x", "some of a story's articles"),
        ("pin 99 1 --reason x", "article 99 is in no story yet"),
        ("not-topic 1 moon --reason x", "no topic 'moon'; there is putin-kim-summit"),
    ],
)
def test_a_word_that_cannot_be_carried_out_is_one_line(
    arguments: str, said: str, at_desk: tuple[Call, Settings]
) -> None:
    call, settings = at_desk
    before = placed(settings)
    assert said in call("story", *arguments.split()).complaint
    assert placed(settings) == before


def test_counts_are_json_for_programs_and_a_line_for_people(call: Call) -> None:
    assert json.loads(call("db", "migrate", "--json").out) == {"step": "migrate", "applied": 0, "migrations": []}


def test_search_finds_articles_by_words(at_desk: tuple[Call, Settings]) -> None:
    call, settings = at_desk
    with database.connect(settings) as connection:
        connection.execute("UPDATE articles SET title = 'Treaties', language = 'en' WHERE id = 1")
    found = call("search", "treaty", "--by", "words", "--json").objects
    assert (1, "Treaties") in [(each["id"], each["title"]) for each in found]
    assert [each["place"] for each in found] == list(range(1, len(found) + 1))
