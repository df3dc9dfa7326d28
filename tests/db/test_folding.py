"""Two addresses of one page become one article: its story, its copies and a person's word about it come out sound."""

from __future__ import annotations

from pipeline import database, steps
from pipeline.settings import Settings
from pipeline.store import articles
from tests.support.deskrows import now, placed


def fold(settings: Settings, article: int, into: int) -> None:
    """As extraction does where a page names the address of another article as its own."""
    with database.connect(settings) as connection:
        articles.fold(connection, article, into)


def sound(settings: Settings) -> bool:
    counts = steps.maintain(settings, now=now())
    return all(counts[name] == 0 for name in ("profiles_of_wrong_size", "members_of_merged_stories", "circular_copies"))


def test_a_story_that_loses_an_article_has_the_sums_of_the_others(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    before = placed(desk)
    fold(desk, 3, 1)
    steps.reassign(desk, now=now())
    assert placed(desk) == {article: story for article, story in before.items() if article != 3}
    assert sound(desk)


def test_a_story_that_loses_its_only_article_lives_no_more(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    outcome = steps.split(desk, story_id=placed(desk)[1], article_ids=[3], actor="ada", reason="r", now=now())
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM overrides")
    fold(desk, 3, 1)
    steps.reassign(desk, now=now())
    assert outcome["new_story_id"] not in placed(desk).values()
    assert sound(desk)


def test_a_persons_word_about_one_address_holds_for_the_page(desk: Settings) -> None:
    steps.cluster(desk, now=now())
    treaty, car = placed(desk)[1], placed(desk)[4]
    steps.pin(desk, article_id=3, story_id=car, actor="ada", reason="it is", now=now())
    fold(desk, 3, 1)
    steps.reassign(desk, now=now())
    assert placed(desk) == {1: car, 2: treaty, 4: car, 5: car}
    assert sound(desk)


def test_copies_of_the_one_are_copies_of_the_other(desk: Settings) -> None:
    with database.connect(desk) as connection:
        for copy, origin in ((2, 3), (1, 3)):
            connection.execute(
                "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)"
                " VALUES (%s, %s, 1, 1, 'earliest', %s)",
                (copy, origin, now()),
            )
    fold(desk, 3, 1)
    with database.connect(desk) as connection:
        rows = connection.execute("SELECT article_id, origin_id FROM copies").fetchall()
    assert rows == [{"article_id": 2, "origin_id": 1}]
