"""Topic files and what is on topic."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline import topics
from pipeline.errors import ConfigurationError
from pipeline.settings import REPOSITORY, Settings

IN_WINDOW = datetime(2024, 6, 18, 20, tzinfo=UTC)
DOCUMENTS = REPOSITORY / "seeds" / "documents"
TOPIC = REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml"


@pytest.fixture(scope="module")
def summit() -> topics.Topic:
    return topics.load(TOPIC, DOCUMENTS)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Putin arrives in Pyongyang", "Kim Jong Un welcomed him at the airport."),
        ("푸틴, 평양 도착", "김정은 위원장과 회담한다."),
        ("Путин прибыл в Пхеньян", "Ким Чен Ын встретил его в аэропорту."),
        ("プーチン氏が平壌に到着", "金正恩総書記が出迎えた。"),
        ("普京抵达平壤", "金正恩到机场迎接。"),
        ("Poutine arrive à Pyongyang", "Kim Jong-un l'accueille."),
        ("Putin in Pjöngjang gelandet", "Kim Jong Un empfing ihn am Flughafen."),
        ("Putin llega a Pyongyang", "Kim Jong-un lo recibe."),
    ],
)
def test_every_language_is_found_by_its_words_alone(summit: topics.Topic, title: str, text: str) -> None:
    verdict = topics.match(summit, title, text, IN_WINDOW, None)
    assert verdict.on_topic, verdict
    assert verdict.rule == "query"
    assert len(verdict.terms) == 3


def test_the_row_says_by_which_rule_and_how_close(summit: topics.Topic) -> None:
    late = topics.match(summit, "Putin in Pyongyang", "Kim Jong Un at talks", datetime(2024, 7, 9, tzinfo=UTC), 0.9)
    assert (late.on_topic, late.rule) == (False, "window")
    missile = topics.match(summit, "Kim Jong Un watches a missile test", "North Korea fired it.", IN_WINDOW, 0.4)
    assert (missile.on_topic, missile.rule) == (False, "groups")
    close = topics.match(summit, "Putin in Pyongyang", "Kim Jong Un at talks", IN_WINDOW, 0.9)
    assert close.on_topic
    assert close.similarity == 0.9
    assert close.score > close.threshold


def test_a_day_is_the_calendar_day_of_the_topics_zone(summit: topics.Topic) -> None:
    start, end = summit.day_bounds(date(2024, 6, 19))
    assert start == datetime(2024, 6, 18, 15, tzinfo=UTC)
    assert end == datetime(2024, 6, 19, 15, tzinfo=UTC)
    assert summit.yesterday(datetime(2024, 6, 19, 16, tzinfo=UTC)) == date(2024, 6, 19)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[window]", "[wundow]"), "the key 'window' is missing"),
        (("Asia/Pyongyang", "Asia/Pjöngjang"), "is no IANA zone"),
        (("hour = 7", "hour = 27"), "digest.hour must be 0 to 23"),
        (("2024-06-16T15:00:00Z", "2025-06-16T15:00:00Z"), "window.start must lie before"),
        (("2024-06-16T15:00:00Z", '"June"'), "window.start must be a date"),
        (("putin-kim-summit-en.txt", "missing.txt"), "seed document missing.txt is not in"),
        (('name = "Putin', "name = Putin"), "not valid TOML"),
    ],
)
def test_a_wrong_topic_file_gets_one_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    text = TOPIC.read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "summit.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as caught:
        topics.load(path, DOCUMENTS)
    assert "\n" not in str(caught.value)
    assert "summit.toml" in str(caught.value)


def test_no_topic_and_unknown_topic_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no topic file in"):
        topics.load_all(Settings(seeds=tmp_path))
    with pytest.raises(ConfigurationError, match="there is putin-kim-summit"):
        topics.find(Settings(), "moon-landing")
