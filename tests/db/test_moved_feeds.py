"""A feed that its server redirects for good: where it is asked, what the desk is told, and what the list says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline import alerts, database, steps
from pipeline.feeds import opml
from pipeline.models import FeedSource
from pipeline.settings import Settings
from tests.support.hosts import RSS, Hosts, feed
from tests.support.receivers import Box, Hook

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOVED = (0, 13, 26)
DOCUMENT = feed(("https://outlet.test/a", "Putin in Pyongyang"))


@pytest.fixture
def told(settings: Settings, mailbox: Box, webhook: Hook) -> Settings:
    """A desk that is told by mail and webhook, and whose feeds are at loopback addresses."""
    return replace(
        settings,
        allow_hosts="127.0.0.0/8",
        desk_webhook_url=webhook.address,
        smtp_url=mailbox.address,
        desk_mail_to="desk@news.example",
    )


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with Hosts(2) as running:
        yield running


def add(settings: Settings, url: str, outlet: str = "Echo") -> int:
    return steps.add_feed(settings, FeedSource(url=url, title="", outlet=outlet))[0]


def poll(settings: Settings, ids: Sequence[int], hours: Sequence[int] = MOVED) -> None:
    for hour in hours:
        steps.poll(settings, feed_ids=ids, now=NOW + hour * HOUR)


def rows(settings: Settings, query: str) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return connection.execute(query.encode()).fetchall()


def subjects(mailbox: Box) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.messages]


def test_a_moved_feed_is_told_once_from_where_to_where_and_leaves_the_light_after_a_week(
    told: Settings, hosts: Hosts, mailbox: Box, webhook: Hook
) -> None:
    new = hosts.serve("/new", DOCUMENT, RSS, host="127.0.0.2")
    old = hosts.redirect("/old", new)
    poll(told, [add(told, old)])
    assert rows(told, "SELECT url FROM feeds") == [{"url": new}]
    at = NOW + 26 * HOUR
    assert steps.alert(told, now=at, by="deliver")["raised"] == 1
    assert subjects(mailbox) == [f"Alert: Echo: {old}"]
    (row,) = rows(told, "SELECT * FROM alerts_now")
    assert (row["kind"], row["path"]) == ("feed-moved", "/wirewatch/feeds")
    assert row["text"].startswith(
        f"Its server has redirected to {new} for good, for a day or longer. It is asked there"
    )
    assert len(webhook.bodies) == 1
    assert steps.lights(told, now=at).light == alerts.AMBER
    for days in range(1, 7):
        assert steps.alert(told, now=at + days * DAY, by="deliver")["again"] == 0
    assert steps.alert(told, now=at + 8 * DAY, by="deliver")["cleared"] == 1
    assert steps.lights(told, now=at + 8 * DAY).light == alerts.GREEN
    assert len(mailbox.messages) == len(webhook.bodies) == 1, "that it moved a week ago is no news"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_redirect_for_now_moves_nothing(told: Settings, hosts: Hosts, status: int) -> None:
    old = hosts.redirect("/old", hosts.serve("/new", DOCUMENT, RSS), status)
    poll(told, [add(told, old)], (0, 13, 26, 39, 52))
    assert rows(told, "SELECT url FROM feeds") == [{"url": old}]
    assert rows(told, "SELECT * FROM feed_moves") == []


def test_many_that_move_are_one_message(told: Settings, hosts: Hosts, mailbox: Box) -> None:
    ids = []
    for number in range(6):
        new = hosts.serve(f"/new/{number}", DOCUMENT, RSS, host="127.0.0.2")
        ids.append(add(told, hosts.redirect(f"/old/{number}", new), f"Outlet {number}"))
    poll(told, ids)
    assert steps.alert(told, now=NOW + 26 * HOUR)["raised"] == 6
    assert subjects(mailbox) == ["Alert: 6 feeds moved"]


def test_a_feed_that_moves_onto_another_of_ours_is_told_as_that_one(told: Settings, hosts: Hosts) -> None:
    new = hosts.serve("/new", DOCUMENT, RSS)
    known = add(told, new, "Echo, all")
    poll(told, [add(told, hosts.redirect("/old", new))])
    steps.alert(told, now=NOW + 26 * HOUR)
    (row,) = rows(told, "SELECT text FROM alerts_now")
    assert row["text"].endswith(
        f"That is feed {known} already, so that this one is asked no more. There is nothing to do."
    )
    assert rows(told, "SELECT state_reason FROM feeds WHERE state = 'retired'") == [
        {"state_reason": f"moved to {new}, which is feed {known}"}
    ]


def test_another_spelling_of_the_address_is_followed_and_is_no_news(told: Settings, hosts: Hosts) -> None:
    new = hosts.serve("/feed/", DOCUMENT, RSS)
    poll(told, [add(told, hosts.redirect("/feed", new))])
    assert rows(told, "SELECT url FROM feeds") == [{"url": new}]
    assert steps.alert(told, now=NOW + 26 * HOUR)["raised"] == 0


def test_a_list_that_is_older_than_the_move_brings_no_second_feed(told: Settings, hosts: Hosts) -> None:
    """Each start of `wirewatch run` reads the list once more."""
    new = hosts.serve("/new", DOCUMENT, RSS)
    old = hosts.redirect("/old", new)
    poll(told, [add(told, old)])
    listed = opml.write([FeedSource(url=old, title="Echo", outlet="Echo")]).encode()
    assert steps.import_feeds(told, listed)[0] == {"feeds": 1, "added": 0, "problems": 0, "internal": 0}
    assert rows(told, "SELECT url FROM feeds") == [{"url": new}]
    add(told, old)  # somebody who wants the old address has it
    assert len(rows(told, "SELECT * FROM feeds")) == 2
