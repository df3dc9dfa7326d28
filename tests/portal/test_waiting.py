"""The page that decides several waiting days in one go, in a real browser and against who may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline import database, steps, topics
from pipeline.digests import to_body, to_markdown
from pipeline.models import Digest, Review
from pipeline.store import digests

DAYS = ("2024-06-25", "2024-06-26", "2024-06-27")


@pytest.fixture
def waiting(portal: dict[str, Any]) -> Iterator[dict[str, int]]:
    """Three drafts of days after the others', which no decision on these compares anew."""
    settings = portal["server"].settings
    topic = topics.find(settings, "putin-kim-summit")
    ids = {}
    with database.connect(settings) as connection:
        for day in DAYS:
            digest = Digest(topic.slug, day, f"{topic.name}: {day}", (), (), 0, 0)
            moment = datetime.now(UTC)
            rendered = digests.Rendered(to_markdown(digest, topic), to_body(digest, topic), moment, moment)
            ids[day] = digests.save(connection, digest, rendered).id
    yield ids
    with database.connect(settings) as connection:
        connection.execute("DELETE FROM digests WHERE id = ANY(%s)", [list(ids.values())])


def states(portal: dict[str, Any], ids: dict[str, int]) -> dict[str, str]:
    with database.connect(portal["server"].settings) as connection:
        rows = connection.execute("SELECT id, state FROM digests WHERE id = ANY(%s)", [list(ids.values())]).fetchall()
    found = {row["id"]: row["state"] for row in rows}
    return {day: found[number] for day, number in ids.items()}


def test_two_of_three_days_are_published_in_one_go(page: Any, portal: dict[str, Any], waiting: dict[str, int]) -> None:
    page.goto(f"{portal['server'].address}/wirewatch/waiting")
    days = [each.partition(",")[0] for each in page.locator("legend").all_inner_texts()]
    assert days == sorted(days), "oldest day first"
    assert set(DAYS) <= set(days)
    for day in DAYS[:2]:
        page.get_by_label(day).check()
    page.get_by_label("Note to all that are ticked").fill("Back again")
    page.get_by_role("button", name="Publish the ticked days").click()
    page.get_by_role("status").wait_for()
    done = ", ".join(f"{day} (digest {waiting[day]})" for day in DAYS[:2])
    assert f"Published: {done}." in page.get_by_role("status").inner_text()
    assert states(portal, waiting) == dict(zip(DAYS, ("published", "published", "draft"), strict=True))
    assert page.get_by_label(DAYS[0]).count() == 0
    assert page.get_by_label(DAYS[2]).count() == 1


def test_nothing_is_taken_without_a_day_or_a_reason(page: Any, portal: dict[str, Any], waiting: dict[str, int]) -> None:
    page.goto(f"{portal['server'].address}/wirewatch/waiting")
    page.get_by_role("button", name="Publish the ticked days").click()
    assert "tick the days that are meant" in page.get_by_role("alert").inner_text()
    page.get_by_label(DAYS[1]).check()
    page.get_by_role("button", name="Reject the ticked days").click()
    assert "say in the note why" in page.get_by_role("alert").inner_text()
    assert page.get_by_label(DAYS[1]).is_checked(), "what was ticked stays ticked"
    assert set(states(portal, waiting).values()) == {"draft"}


def test_a_day_that_was_changed_meanwhile_says_so_and_the_others_are_done(
    page: Any, portal: dict[str, Any], waiting: dict[str, int]
) -> None:
    page.goto(f"{portal['server'].address}/wirewatch/waiting")
    with database.connect(portal["server"].settings) as connection:
        connection.execute(
            "UPDATE digests SET revision = revision + 1, edited_by = 'bo', edited_at = now() WHERE id = %s",
            [waiting[DAYS[0]]],
        )
    for day in DAYS[:2]:
        page.get_by_label(day).check()
    page.get_by_role("button", name="Publish the ticked days").click()
    page.get_by_role("status").wait_for()
    said = page.get_by_role("alert").inner_text()
    assert f"{DAYS[0]} (digest {waiting[DAYS[0]]}) was not taken: bo changed the draft" in said
    assert states(portal, waiting) == dict(zip(DAYS, ("draft", "published", "draft"), strict=True))


def test_all_are_ticked_by_one_press_and_the_buttons_stay_in_sight(
    page: Any, portal: dict[str, Any], waiting: dict[str, int]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{portal['server'].address}/wirewatch/waiting")
    page.get_by_role("link", name="Tick all").click()
    boxes = page.locator("input[type=checkbox]")
    assert boxes.count() >= len(DAYS)
    assert all(boxes.nth(number).is_checked() for number in range(boxes.count()))
    assert page.evaluate("window.scrollY") == 0
    assert page.get_by_role("button", name="Publish the ticked days").bounding_box()["y"] < 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert set(states(portal, waiting).values()) == {"draft"}, "a tick decides nothing"


def test_who_comes_second_is_told_who_decided_each_day(
    page: Any, portal: dict[str, Any], waiting: dict[str, int]
) -> None:
    page.goto(f"{portal['server'].address}/wirewatch/waiting")
    for day in DAYS[:2]:
        page.get_by_label(day).check()
    settings, review = portal["server"].settings, Review(True, "bo")
    steps.decide(settings, digest_id=waiting[DAYS[0]], review=review, now=datetime.now(UTC))
    steps.decide(settings, digest_id=waiting[DAYS[1]], review=review, now=datetime.now(UTC))
    page.get_by_role("button", name="Publish the ticked days").click()
    lines = page.get_by_role("alert").locator("p").all_inner_texts()
    for day, line in zip(DAYS[:2], lines, strict=True):
        assert line.startswith(
            f"{day} (digest {waiting[day]}) was not taken: digest {waiting[day]} was published by bo"
        )
    assert states(portal, waiting) == dict(zip(DAYS, ("published", "published", "draft"), strict=True))


@pytest.mark.parametrize("token", ["", "1.aa", f"{int(datetime(2030, 1, 1).timestamp())}.00"])
def test_a_form_that_was_not_made_for_its_reader_changes_nothing(
    portal: dict[str, Any], waiting: dict[str, int], token: str
) -> None:
    with portal["server"].login() as client:
        sent = {"token": token, "do": "publish", f"take-{waiting[DAYS[0]]}": "1", f"revision-{waiting[DAYS[0]]}": "1"}
        assert client.post("/wirewatch/waiting", data=sent).status_code == 403
    assert set(states(portal, waiting).values()) == {"draft"}
