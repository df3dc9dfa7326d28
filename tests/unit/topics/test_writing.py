"""A topic file out of five answers: what is written is read again as it was meant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import topics
from pipeline.topics import writing
from pipeline.topics.writing import Wanted

WORDS = {
    "en": [["Ice*", "glacier*"], ["Greenland", "Nuuk"]],
    "pl": [["Lód", "lodow*"], ["Grenland*"]],
}


def wanted(**other: object) -> Wanted:
    answers = {
        "name": "Greenland's ice", "about": "The ice sheet melts. Nuuk watches.", "words": WORDS,
        "first": date(2026, 11, 28), "last": None, "zone": "America/Nuuk", "hour": 7,
    }  # fmt: skip
    return Wanted(**{**answers, **other})  # type: ignore[arg-type]


def read(folder: Path, made: Wanted) -> topics.Topic:
    (folder / "t.txt").write_text(made.about, "utf-8")
    (folder / "t.toml").write_text(writing.to_toml(made, "t.txt"), "utf-8")
    return topics.load(folder / "t.toml", folder)


def test_what_is_written_is_what_was_answered(tmp_path: Path) -> None:
    topic = read(tmp_path, wanted())
    assert (topic.name, topic.description) == ("Greenland's ice", "The ice sheet melts.")
    assert topic.groups == {
        "ice": {"en": ("Ice*", "glacier*"), "pl": ("Lód", "lodow*")},
        "greenland": {"en": ("Greenland", "Nuuk"), "pl": ("Grenland*",)},
    }
    assert topic.required == ("ice", "greenland")
    assert topic.languages == {"en", "pl"}
    assert (topic.start, topic.end) == (datetime(2026, 11, 28, 2, tzinfo=UTC), None), "midnight in Nuuk"
    assert (topic.timezone, topic.digest_hour) == ("America/Nuuk", 7)
    assert topic.documents == ("The ice sheet melts. Nuuk watches.",)


def test_a_last_day_is_within(tmp_path: Path) -> None:
    topic = read(tmp_path, wanted(last=date(2026, 11, 30), zone="Asia/Seoul"))
    assert topic.end == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert topic.days(datetime.now(UTC)) == [date(2026, 11, day) for day in (28, 29, 30)]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Wybory w Łodzi, 2027!", "wybory-w-lodzi-2027"),
        ("Straße & Œuvre", "strasse-oeuvre"),
        ("선거", ""),
        ("a" * 50, "a" * 40),
    ],
)
def test_the_file_is_named_by_the_topic(name: str, slug: str) -> None:
    assert writing.slug_of(name) == slug


def test_groups_without_latin_letters_or_of_one_name_are_numbered(tmp_path: Path) -> None:
    topic = read(tmp_path, wanted(words={"ko": [["선거"], ["Seoul"], ["seoul*"], ["2027"]]}))
    assert list(topic.groups) == ["group_1", "seoul", "group_3", "group_4"]


@given(text=st.text(min_size=1, max_size=60).filter(lambda text: text.replace("*", "").strip() != ""))
def test_any_text_survives_the_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    made = wanted(name=text, words={"en": [[text]]})
    folder = tmp_path_factory.mktemp("topic")
    topic = read(folder, made)
    assert topic.name == text
    assert list(topic.groups.values()) == [{"en": (text,)}]
