"""`wirewatch topic new` at a terminal: wrong answers are asked again, and nothing that was typed is lost."""

from __future__ import annotations

import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import topics
from pipeline.settings import Settings
from tests.support.dialogue import CTRL_C, CTRL_D, talk
from tests.support.project import REPOSITORY
from tests.support.terminal import wirewatch

NEW = ("topic", "new")
NAME, TAGS, EN, DAYS, DIGEST = "called?", "[en]:", "Words in en:", "..]:", "Warsaw ["
ABOUT = "newspaper would write them.\r\n"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    for name in ("topics", "documents"):
        shutil.copytree(REPOSITORY / "seeds" / name, tmp_path / "seeds" / name)
    return tmp_path / "seeds"


def files(seeds: Path) -> set[str]:
    """What stands in the folders of seeds, but for what is shipped."""
    shipped = {path.name for path in (REPOSITORY / "seeds").rglob("*")}
    return {path.name for path in seeds.rglob("*")} - shipped


def test_a_wrong_answer_is_asked_again_and_the_others_stay(seeds: Path) -> None:
    ended = talk(NEW, [
        (NAME, ""), ("an answer is needed", None), (NAME, "선거"), ("has no Latin letter", None),
        (NAME, "Russia and North Korea"), ("has that name already", None),
        (NAME, "Putin Kim summit"), ("is there already", None), (NAME, "Ice of Greenland"),
        (ABOUT, " "), ("an answer is needed", None), (ABOUT, "The ice melts. Nuuk watches."),
        (TAGS, "english"), ("'english' is no code of a language", None), (TAGS, "EN, pl, en"),
        (EN, ";,"), ("write it like", None), (EN, "ice*; Greenland"),
        ("Words in pl, ", "lód"), ("en has 2, pl has 1", None),
        ("Words in pl, ", "*; x"), ("'*' stands in any", None),
        ("Words in pl, ", "lód, lodow*; Grenland*"),
        (DAYS, "tomorrow"), ("'tomorrow' is no day", None),
        (DAYS, "2026-12-01..2026-11-01"), ("is before 2026-12-01", None),
        (DAYS, "2026-12-01.."),
        (DIGEST, "25 Europe/Warsaw"), ("'25' is no hour", None), (DIGEST, "7 Europe/Warschau"), ("is no zone", None),
        (DIGEST, "7"), ("the zone is missing", None),
        (DIGEST, "7 America/Nuuk"),
    ], seeds=str(seeds))  # fmt: skip
    assert ended.status == 0, ended.screen
    made = topics.find(Settings(seeds=seeds), "ice-of-greenland")
    assert made.groups == {
        "ice": {"en": ("ice*",), "pl": ("lód", "lodow*")}, "greenland": {"en": ("Greenland",), "pl": ("Grenland*",)},
    }  # fmt: skip
    assert made.start == datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert made.documents == ("The ice melts. Nuuk watches.\n",)
    assert files(seeds) == {"ice-of-greenland.toml", "ice-of-greenland.txt"}


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_who_stops_midway_gets_a_command_that_goes_on(seeds: Path, key: bytes) -> None:
    about = 'It\'s "half" typed, with a \\ and an $HOME.'
    ended = talk(NEW, [
        (NAME, "Ice"), (ABOUT, about), (TAGS, "en"), (EN, "ice*; Greenland"), (DAYS, key),
    ], seeds=str(seeds))  # fmt: skip
    assert ended.status == 130
    assert "Traceback" not in ended.screen
    assert files(seeds) == set()
    _, _, command = ended.screen.partition("goes on from your answers: ")
    program, *options = shlex.split(command)
    assert program == "wirewatch"
    answer = wirewatch(*options, "--days", "2026-11-28..", "--digest", "7 UTC", seeds=seeds)
    assert answer.status == 0, answer.err
    made = topics.find(Settings(seeds=seeds), "ice")
    assert made.documents == (about + "\n",)
    assert list(made.groups) == ["ice", "greenland"]


def test_a_file_that_cannot_be_written_loses_no_answer(tmp_path: Path) -> None:
    (tmp_path / "documents").write_text("no folder")
    ended = talk(NEW, [
        (NAME, "Ice"), (ABOUT, "The ice melts."), (TAGS, ""), (EN, "ice*"), (DAYS, ""), (DIGEST, "7 UTC"),
    ], seeds=str(tmp_path))  # fmt: skip
    assert ended.status == 1
    assert "Traceback" not in ended.screen
    assert "topic new --name Ice --about 'The ice melts.' --words 'en: ice*'" in ended.screen
    assert not list((tmp_path / "topics").iterdir())


def test_three_hundred_terms_of_a_line_are_three_hundred(seeds: Path, tmp_path: Path) -> None:
    terms = [f"glacier number {number:03}" for number in range(300)]
    line = f"{', '.join(terms)}; Greenland"
    assert len(line) > 4_096, "more than a terminal passes on by itself"
    rest = [(DAYS, ""), (DIGEST, "7 UTC")]
    begin = [(NAME, "Ice"), (ABOUT, "The ice melts."), (TAGS, "en")]
    ended = talk(NEW, [*begin, (EN, line), *rest], seeds=str(seeds))
    assert ended.status == 0, ended.screen[-500:]
    first, second = topics.find(Settings(seeds=seeds), "ice").groups.values()
    assert first["en"] == tuple(terms)
    assert second["en"] == ("Greenland",)

    # Where lines cannot be edited, the kernel cuts them off; that is said, and asked again.
    begin[0] = (NAME, "Ice again")
    cut = [(EN, line), ("the rest was lost", None), (EN, "ice*; Greenland")]
    ended = talk(NEW, [*begin, *cut, *rest], piped=tmp_path / "out", seeds=str(seeds))
    assert ended.status == 0, ended.screen[-500:]
    assert (tmp_path / "out").read_text().splitlines()[0].endswith("ice-again.toml")


def test_markup_and_words_of_any_script_survive(seeds: Path) -> None:
    name = "He said \"[not]\" \\n = ''' # x"
    ended = talk(NEW, [
        (NAME, name), (ABOUT, "About \"\"\" it. [groups] a = 1"), (TAGS, "ar, he"),
        ("Words in ar:", 'غزة*, "رفح"; [not]'), ("Words in he, ", "עזה; הפסקת\\אש"), (DAYS, ""), (DIGEST, "7 UTC"),
    ], seeds=str(seeds))  # fmt: skip
    assert ended.status == 0, ended.screen
    made = topics.find(Settings(seeds=seeds), "he-said-not-n-x")
    assert made.name == name
    assert list(made.groups.values()) == [
        {"ar": ("غزة*", '"رفح"'), "he": ("עזה",)}, {"ar": ("[not]",), "he": ("הפסקת\\אש",)},
    ]  # fmt: skip


def test_options_are_read_before_anything_is_asked(seeds: Path) -> None:
    ended = talk((*NEW, "--digest", "25 UTC"), [], seeds=str(seeds))
    assert ended.status == 1
    assert "wirewatch: --digest '25 UTC': '25' is no hour" in ended.screen
    assert "of 5" not in ended.screen
    twice = wirewatch(*NEW, "--name", "Ice", "--words", "en: ice", "--words", "en: glacier", seeds=seeds)
    assert "give each language once" in twice.complaint
    assert files(seeds) == set()
