"""Languages that feeds speak and a topic has no terms in are said, not lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from pipeline import database, steps, topics
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.steps.model import keep_parameters, story_parameters
from tests.support.deskrows import TOPIC
from tests.support.terminal import wirewatch

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
OPML = """<opml version="2.0"><body>
<outline text="A" type="rss" xmlUrl="https://a.example/rss" language="pl"/>
<outline text="B" type="rss" xmlUrl="https://b.example/rss" language="pl-PL"/>
<outline text="C" type="rss" xmlUrl="https://c.example/rss" language="cs"/>
<outline text="D" type="rss" xmlUrl="https://d.example/rss" language="en-GB"/>
<outline text="E" type="rss" xmlUrl="https://e.example/rss"/>
</body></opml>"""


def fed(settings: Settings) -> Settings:
    steps.import_feeds(settings, OPML.encode())
    return settings


def test_a_language_that_the_model_cannot_read_either_is_lost(settings: Settings) -> None:
    gap, ongoing = steps.language_gaps(fed(settings))
    assert (gap.topic, dict(gap.covered), dict(gap.lost)) == (TOPIC, {}, {"cs": 1, "pl": 2})
    assert "has no terms in cs (1 feed), pl (2 feeds), and closeness by the model" in str(gap)
    assert "most of what they tell is lost" in str(gap)
    assert (ongoing.topic, dict(ongoing.lost)) == ("russia-north-korea", {"cs": 1}), "it has Polish terms"
    found = [each for each in steps.examine(settings, now=NOW) if each.check == "languages of topics"]
    assert [(each.is_well, each.says) for each in found] == [(False, str(gap)), (False, str(ongoing))]


def test_closeness_stands_in_where_the_model_reads_the_language(settings: Settings) -> None:
    fed(settings)
    with database.connect(settings) as connection:
        known = story_parameters(connection, settings)
        assert known.topic is not None
        measured = replace(known.topic, stand_in=0.8)
        keep_parameters(connection, settings, replace(known, languages=frozenset({"en", "pl"}), topic=measured))
    gap, _ = steps.language_gaps(settings)
    assert (dict(gap.covered), dict(gap.lost)) == ({"pl": 2}, {"cs": 1})
    assert str(gap).endswith(
        f"; nor in pl (2 feeds): closeness to its seed documents stands in for them; terms in {TOPIC}.toml find more"
    )
    assert "\n" not in str(gap)


def test_an_entry_and_its_full_text_are_judged_by_closeness_where_words_are_missing(settings: Settings) -> None:
    """The packaged model, told to read Polish: a threshold between two texts says which of them passes."""
    reading = replace(settings, model_languages="en,pl")
    fed(settings)
    with database.connect(settings) as connection:
        known = story_parameters(connection, settings)
        assert known.topic is not None
        measured = replace(known.topic, stand_in=0.4)
        keep_parameters(connection, reading, replace(known, languages=frozenset({"en", "pl"}), topic=measured))
        for number, (title, text) in enumerate(
            (
                (
                    "Summit of the two leaders",
                    "The president of Russia and the leader of North Korea sign a partnership.",
                ),
                ("Zupa dnia", "Przepis na barszcz z uszkami."),
            )
        ):
            connection.execute(
                "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule,"
                " first_seen_at, last_seen_at) SELECT id, %(key)s, %(url)s, %(url)s, %(title)s, %(text)s, %(at)s,"
                " 'published', %(at)s, %(at)s FROM feeds WHERE url = 'https://a.example/rss'",
                {"key": number, "url": f"https://a.example/{number}", "title": title, "text": text, "at": NOW},
            )
    # Words of the topic are not what is tested: it has Korean terms alone.
    with without_terms_but("ko"):
        steps.match(reading, now=NOW)
        with database.connect(settings) as connection:
            connection.execute(
                "UPDATE articles a SET state = 'extracted', extracted_at = %(at)s, copies_at = %(at)s, title = e.title,"
                " text = e.text, language = 'pl', published = %(at)s FROM entries e WHERE e.article_id = a.id",
                {"at": NOW},
            )
        steps.embed(reading, now=NOW)
    with database.connect(settings) as connection:
        entries = connection.execute(
            "SELECT rule, on_topic FROM entry_topics WHERE topic = %s ORDER BY entry_id", (TOPIC,)
        ).fetchall()
        articles = connection.execute("SELECT rule, on_topic FROM article_topics WHERE topic = %s", (TOPIC,)).fetchall()
    assert entries == [{"rule": "seed", "on_topic": True}, {"rule": "seed", "on_topic": False}]
    assert articles == [{"rule": "seed", "on_topic": True}]


@contextmanager
def without_terms_but(language: str) -> Iterator[None]:
    whole = topics.load_all

    def narrowed(settings: Settings) -> list[topics.Topic]:
        return [subject.only({language}) for subject in whole(settings)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.topics.load_all", narrowed)
        yield


def test_feeds_that_topics_have_terms_for_and_retired_ones_are_no_gap(settings: Settings) -> None:
    steps.add_feed(settings, FeedSource(url="https://d.example/rss", title="D", outlet="D", language="ko-KR"))
    steps.add_feed(settings, FeedSource(url="https://a.example/rss", title="A", outlet="A", language="pl"))
    with database.connect(settings) as connection:
        connection.execute("UPDATE feeds SET state = 'retired' WHERE language = 'pl'")
    assert steps.language_gaps(settings) == []
    [found] = [each for each in steps.examine(settings, now=NOW) if each.check == "languages of topics"]
    assert found.is_well


def test_importing_a_list_says_it_on_stderr(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text(OPML, "utf-8")
    answer = wirewatch("feeds", "import", path, home=settings.home, database_url=settings.database_url)
    assert answer.status == 0, answer.err
    line, ongoing = [line for line in answer.err.splitlines() if "has no terms" in line]
    assert line.startswith(f"topic {TOPIC} has no terms in cs (1 feed), pl (2 feeds)")
    assert ongoing.startswith("topic russia-north-korea has no terms in cs (1 feed), and")
    assert "no terms" not in answer.out


def test_a_verdict_by_another_rule_is_no_row(desk: Settings) -> None:
    with (
        database.connect(desk) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="article_topics_rule"),
    ):
        connection.execute("UPDATE article_topics SET rule = 'guess'")
