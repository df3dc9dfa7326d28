"""`wirewatch topic`: a file out of five answers, and a topic tried on what is stored."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import database, steps, topics
from pipeline.database.embedded import Server
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps import trying
from tests.support.deskrows import TOPIC
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY
from tests.support.terminal import Answer, wirewatch

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
ANSWERS = (
    ("--name", "Ice of Greenland"),
    ("--about", "The ice sheet melts faster. Nuuk watches it."),
    ("--words", "en: ice*, glacier*; Greenland, Nuuk"),
    ("--days", "2026-11-28.."),
    ("--digest", "7 America/Nuuk"),
)
ENTRIES = [
    ("Putin and Kim sign a pact in Pyongyang", "The treaty pledges mutual assistance.", NOW),
    ("Putin and Kim sign a pact in Pyongyang", "The treaty pledges mutual assistance.", NOW + timedelta(hours=1)),
    ("Vietnam welcomes Putin in Hanoi", "Russia and Vietnam spoke of oil.", NOW),
    ("Soup of the day", "Beetroot.", NOW),
    ("Old news of Putin and North Korea", "It was another year.", NOW - timedelta(days=900)),
]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    for name in ("topics", "documents"):
        shutil.copytree(REPOSITORY / "seeds" / name, tmp_path / "seeds" / name)
    return tmp_path / "seeds"


def new(seeds: Path, *answers: tuple[str, str]) -> Answer:
    return wirewatch("topic", "new", *(part for answer in answers for part in answer), seeds=seeds)


def test_a_topic_is_made_by_options_alone_and_is_valid(seeds: Path) -> None:
    answer = new(seeds, *ANSWERS, ("--words", "pl: lód, lodow*; Grenland*, Nuuk"))
    assert answer.status == 0, answer.err
    path = seeds / "topics" / "ice-of-greenland.toml"
    assert answer.out.splitlines() == [str(path), str(seeds / "documents" / "ice-of-greenland.txt")]
    assert f"wirewatch topic try {path}" in answer.err
    made = topics.find(Settings(seeds=seeds), "ice-of-greenland")
    assert made.languages == {"en", "pl"}
    assert made.end is None
    again = new(seeds, *ANSWERS)
    assert "is there already" in again.complaint


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--name", "선거", "has no Latin letter"),
        ("--words", "Greenland", "write it like 'en: "),
        ("--days", "tomorrow", "'tomorrow' is no day"),
        ("--days", "2026-11-28", "write it like 2026-11-28.."),
        ("--days", "2026-11-28..2026-11-01", "write it like 2026-11-28.."),
        ("--digest", "25 Europe/Warsaw", "write an hour and a zone"),
        ("--digest", "7 Europe/Warschau", "write an hour and a zone"),
        ("--digest", "7", "write an hour and a zone"),
    ],
)
def test_a_wrong_answer_is_one_line_and_leaves_no_file(seeds: Path, option: str, value: str, says: str) -> None:
    answer = new(seeds, *((name, value if name == option else good) for name, good in ANSWERS))
    assert says in answer.complaint
    assert len(list((seeds / "topics").iterdir())) == len(list((REPOSITORY / "seeds" / "topics").iterdir()))


def test_languages_need_the_same_groups(seeds: Path) -> None:
    answer = new(seeds, *ANSWERS, ("--words", "pl: Grenland*"))
    assert "en has 2, pl has 1" in answer.complaint


def test_nobody_there_to_ask_names_the_option(seeds: Path) -> None:
    assert "give --days" in new(seeds, *ANSWERS[:3], ANSWERS[4]).complaint


def test_five_questions_are_asked_of_somebody_at_a_terminal(seeds: Path) -> None:
    ours, theirs = pty.openpty()
    said = ["Ice of Greenland", "The ice melts.", "en, pl", "ice*; Greenland", "lód; Grenland*", "", "8 America/Nuuk"]
    os.write(ours, "".join(f"{line}\n" for line in said).encode())
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "topic", "new"],
        env=plain_environment(WIREWATCH_SEEDS=str(seeds)), cwd=REPOSITORY, stdin=theirs, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    for number in range(1, 6):
        assert f"{number} of 5. " in done.stderr
    made = topics.find(Settings(seeds=seeds), "ice-of-greenland")
    assert made.groups["greenland"] == {"en": ("Greenland",), "pl": ("Grenland*",)}
    assert made.digest_hour == 8
    assert made.end is None, "the usual answer is from today on"


@pytest.fixture
def stored(settings: Settings) -> Settings:
    """Some entries, none of which anybody judged."""
    steps.add_feed(settings, FeedSource(url="https://a.example/rss", title="A", outlet="Courier", language="en"))
    with database.connect(settings) as connection:
        for number, (title, text, at) in enumerate(ENTRIES):
            connection.execute(
                "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule,"
                " first_seen_at, last_seen_at) SELECT id, %(key)s, %(url)s, %(url)s, %(title)s, %(text)s, %(at)s,"
                " 'published', %(at)s, %(at)s FROM feeds",
                {"key": str(number), "url": f"https://a.example/{number}", "title": title, "text": text, "at": at},
            )
    return settings


def test_a_topic_is_tried_on_what_is_stored_and_nothing_is_written(stored: Settings) -> None:
    trial = trying.try_topic(stored, topics.find(stored, TOPIC))
    assert (trial.entries, trial.days, trial.without_window) == (4, 1.0, False), "one lies outside its window"
    assert [each.entry.title for each in trial.caught] == [ENTRIES[0][0], ENTRIES[1][0]]
    [near] = trial.near
    assert near.entry.title == "Vietnam welcomes Putin in Hanoi"
    assert "[not] 'Vietnam' took off" in near.because
    assert (trial.cost.pages, trial.cost.new, trial.cost.fetching) == (2.0, 2.0, None)
    with database.connect(stored) as connection:
        for table in ("topics", "entry_topics", "articles"):
            assert connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone() == {"n": 0}, table


def test_what_is_judged_by_the_trial_is_what_the_step_judges(stored: Settings) -> None:
    trial = trying.try_topic(stored, topics.find(stored, TOPIC))
    steps.match(stored, now=NOW)
    with database.connect(stored) as connection:
        rows = connection.execute(
            "SELECT entry_id FROM entry_topics WHERE topic = %s AND on_topic ORDER BY 1", (TOPIC,)
        ).fetchall()
    assert sorted(each.entry.id for each in trial.caught) == [row["entry_id"] for row in rows]


def judged(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Title -> the topics that judged it, with their rule."""
    with database.connect(settings) as connection:
        rows = connection.execute(
            "SELECT e.title, t.topic, t.rule FROM entries e JOIN entry_topics t ON t.entry_id = e.id ORDER BY 2"
        ).fetchall()
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["title"], []).append((row["topic"], row["rule"]))
    return found


def test_only_open_topics_judge_an_entry_and_all_where_none_is_open(stored: Settings) -> None:
    steps.match(stored, now=NOW)
    told = judged(stored)
    assert told["Soup of the day"] == [(TOPIC, "groups")]
    assert told["Old news of Putin and North Korea"] == [(TOPIC, "window"), ("russia-north-korea", "window")]


def test_an_entry_that_moves_to_other_days_keeps_no_verdict_of_before(stored: Settings) -> None:
    steps.match(stored, now=NOW)
    with database.connect(stored) as connection:
        connection.execute(
            "UPDATE entries SET published = '2026-01-01', matched_at = NULL WHERE title LIKE 'Vietnam%%'"
        )
    steps.match(stored, now=NOW + timedelta(hours=1))
    assert [topic for topic, _ in judged(stored)["Vietnam welcomes Putin in Hanoi"]] == ["russia-north-korea"]


def test_who_waits_sees_how_far_a_trial_is(stored: Settings) -> None:
    seen: list[str] = []

    @contextmanager
    def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
        seen.append(f"{label} of {total}")
        yield lambda: seen.append(label)

    trying.try_topic(stored, topics.find(stored, TOPIC), progress)
    assert seen == ["entries of 4", *["entries"] * 4, "pages of 0"]


def test_a_topic_of_other_days_is_tried_without_its_window(stored: Settings) -> None:
    later = replace(topics.find(stored, TOPIC), start=datetime(2030, 1, 1, tzinfo=UTC), end=None)
    trial = trying.try_topic(stored, later)
    assert (trial.entries, trial.without_window) == (5, True)
    assert len(trial.caught) == 3


def test_the_command_says_it_for_people(stored: Settings) -> None:
    answer = wirewatch(
        "topic", "try", REPOSITORY / "seeds" / "topics" / f"{TOPIC}.toml", home=stored.home,
        database_url=stored.database_url,
    )  # fmt: skip
    assert answer.status == 0, answer.err
    assert "tried on 4 stored entries, published 2024-06-19 to 2024-06-19 (1.0 days)" in answer.out
    assert (
        "It would catch 2 (2.0 a day):\n  (its score, where 0.25 is enough, and so is a word of each group;"
        in answer.out
    )
    assert "It misses 1 by a hair:" in answer.out
    assert "A day costs 2.0 pages, 2.0 of them fetched for no other topic; judging" in answer.out


def test_nothing_stored_and_no_file_say_what_to_do(settings: Settings, tmp_path: Path) -> None:
    def complaint(file: Path) -> str:
        return wirewatch("topic", "try", file, home=settings.home, database_url=settings.database_url).complaint

    assert "nothing is stored yet to try it on" in complaint(REPOSITORY / "seeds" / "topics" / f"{TOPIC}.toml")
    assert "`wirewatch topic new` writes one" in complaint(tmp_path / "no.toml")
    assert "is a folder" in complaint(tmp_path)


def test_without_tables_nothing_is_stored_yet(embedded: Server, tmp_path: Path) -> None:
    embedded.ensure_database("without_tables")
    file = REPOSITORY / "seeds" / "topics" / f"{TOPIC}.toml"
    answer = wirewatch("topic", "try", file, home=tmp_path, database_url=embedded.url("without_tables"))
    assert "nothing is stored yet to try it on" in answer.complaint


def test_a_topic_is_tried_from_anywhere_with_its_document_beside_it(stored: Settings, tmp_path: Path) -> None:
    shipped = REPOSITORY / "seeds" / "topics" / f"{TOPIC}.toml"
    folder = tmp_path / "mine"
    folder.mkdir()
    file = folder / "mine.toml"
    file.write_text(shipped.read_text("utf-8").replace("putin-kim-summit-en.txt", "mine.txt"), "utf-8")

    def tried() -> Answer:
        return wirewatch("topic", "try", file, home=stored.home, database_url=stored.database_url)

    assert f"mine.toml: seed document mine.txt is missing; put it into one of {tmp_path}" in tried().complaint
    (folder / "mine.txt").write_text("Putin and Kim sign a treaty in Pyongyang.\n", "utf-8")
    assert "It would catch 2 (2.0 a day):" in tried().out


def test_a_topic_of_other_things_catches_none_and_says_so(stored: Settings, tmp_path: Path) -> None:
    new_one = wirewatch("topic", "new", *(part for answer in ANSWERS for part in answer), seeds=tmp_path)
    assert new_one.status == 0, new_one.err
    file = tmp_path / "topics" / "ice-of-greenland.toml"
    answer = wirewatch("topic", "try", file, home=stored.home, database_url=stored.database_url)
    assert "It would catch 0 (0.0 a day).\n" in answer.out
    assert "It misses 0 by a hair.\n" in answer.out
