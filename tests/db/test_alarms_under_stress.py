"""Alarms where all goes wrong at once: two who look, a clock that jumps, a long list, a channel that hangs, strangers'
words."""

from __future__ import annotations

import json
import threading
import time
import unicodedata
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from pipeline import alerts, database, steps
from pipeline.settings import Settings
from pipeline.store import feeds as store
from pipeline.store.feeds import Moved
from tests.support import deskrows
from tests.support.receivers import Box, Hook, hook

NOW = deskrows.START + timedelta(days=30)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MARKUP, BACKWARDS, CONTROLS = "<script>alert(1)</script>", "\u202egpj.exe\u2066", "a\r\nBcc: x@y.example\x1b[2J\x07"


@pytest.fixture
def told(settings: Settings, webhook: Hook, mailbox: Box) -> Settings:
    return replace(
        settings,
        desk_webhook_url=webhook.address,
        smtp_url=mailbox.address,
        desk_mail_to="desk@news.example",
        public_url="https://news.example",
    )


def run(settings: Settings, statement: str, **values: Any) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def feeds(
    settings: Settings, count: int, poll_state: dict[str, str], outlet: str = "Outlet", state: str = "active"
) -> None:
    run(
        settings,
        "INSERT INTO feeds (outlet, url, added_at, next_poll_at, last_polled_at, last_new_at, state, state_reason,"
        " poll_state) SELECT %(outlet)s || ' ' || n, 'https://' || gen_random_uuid() || '.test/rss', %(added)s,"
        " %(next)s, %(at)s, %(at)s, %(state)s, %(state)s, %(poll_state)s FROM generate_series(1, %(count)s::int) AS n",
        outlet=outlet,
        added=NOW - 90 * DAY,
        next=NOW + 9 * DAY,
        at=NOW - MINUTE,
        state=state,
        count=count,
        poll_state=json.dumps(poll_state),
    )


def paused(hours: int = 60) -> dict[str, str]:
    since = (NOW - hours * HOUR).isoformat()
    return {"failing_since": since, "paused_since": since, "reason": "http-503", "answered_full": since}


def healthy(settings: Settings) -> None:
    """A hundred feeds that answer, so that what else is told is of the few that do not."""
    feeds(settings, 100, {"answered_full": (NOW + DAY).isoformat()}, outlet="Well")


def text_of(message: object) -> str:
    assert isinstance(message, EmailMessage)
    return str(message.get_content())


def test_a_list_of_2000_of_which_1900_fail_is_two_messages_and_is_looked_at_in_seconds(
    told: Settings, mailbox: Box
) -> None:
    feeds(told, 1_900, paused(), state="paused")
    feeds(told, 100, {"answered_full": NOW.isoformat()})
    began = time.process_time()
    assert steps.alert(told, now=NOW, by="deliver")["raised"] == 1_901
    assert sorted(str(message["Subject"]) for message in mailbox.messages) == [
        "Alert: 1900 feeds died",
        "Alert: 1900 of 2000 feeds fail",
    ]
    assert max(len(text_of(message)) for message in mailbox.messages) < 4_000
    run(told, "UPDATE feeds SET state = 'active', poll_state = '{}'")
    assert steps.alert(told, now=NOW + HOUR, by="deliver")["cleared"] == 1_901
    assert len(mailbox.messages) == 4
    assert time.process_time() - began < 30


def test_two_who_look_at_once_tell_each_thing_once(told: Settings, mailbox: Box, webhook: Hook) -> None:
    healthy(told)
    feeds(told, 40, paused(), state="paused")
    start = threading.Barrier(4)

    def look(by: str) -> None:
        start.wait()
        steps.alert(told, now=NOW, by=by)

    threads = [threading.Thread(target=look, args=(by,)) for by in ("deliver", "watch", "deliver", "watch")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(run(told, "SELECT 1 FROM alerts WHERE kind = 'feed-died'")) == 40
    steps.deliver(told, now=NOW + MINUTE)
    assert len(mailbox.messages) == len(webhook.bodies) == 1


def test_a_clock_that_jumps_back_a_day_raises_and_clears_nothing_twice(told: Settings, mailbox: Box) -> None:
    healthy(told)
    feeds(told, 1, paused(), state="paused")
    steps.alert(told, now=NOW + 6 * HOUR, by="deliver")
    assert len(mailbox.messages) == 1
    back = NOW - 18 * HOUR
    for minutes in (0, 5, 10):
        found = steps.alert(told, now=back + minutes * MINUTE, by="deliver")
        assert (found["raised"], found["again"], found["cleared"], found["internal"]) == (0, 0, 0, 0)
    assert steps.lights(told, now=back + 10 * MINUTE).light == alerts.AMBER
    run(told, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE state = 'paused'")
    assert steps.alert(told, now=back + 15 * MINUTE, by="deliver")["cleared"] == 1
    steps.deliver(told, now=back + 15 * MINUTE)
    assert [str(message["Subject"]).strip()[:5] for message in mailbox.messages] == ["Alert", "Over:"]
    rows = run(told, "SELECT raised_at, cleared_at FROM alerts")
    assert rows[0]["cleared_at"] >= rows[0]["raised_at"]


def test_a_channel_that_hangs_holds_up_no_other_and_no_look(told: Settings, mailbox: Box) -> None:
    held = threading.Event()
    with hook() as hanging:
        hanging.before = lambda: held.wait(60)
        settings = replace(told, desk_webhook_url=hanging.address, read_timeout=1.0, total_timeout=2.0)
        healthy(settings)
        feeds(settings, 1, paused(), state="paused")
        began = time.monotonic()
        assert steps.alert(settings, now=NOW, by="deliver")["raised"] == 1
        assert time.monotonic() - began < 30
        held.set()
    assert len(mailbox.messages) == 1
    rows = run(settings, "SELECT channel, outcome FROM deliveries ORDER BY channel")
    assert rows[0] == {"channel": "raised-mail", "outcome": "ok"}
    assert rows[1]["outcome"].startswith("timeout")


def test_strangers_words_stay_in_their_line_and_are_bounded_wherever_they_are_told(
    told: Settings, mailbox: Box, webhook: Hook
) -> None:
    """An outlet's name as an early version kept it, and an address as a server announced it."""
    with hook() as slack:
        settings = replace(told, desk_slack_url=slack.address)
        for number, words in enumerate((MARKUP, BACKWARDS, CONTROLS, "x" * 10_000_000)):
            feeds(settings, 1, paused(), outlet=words, state="paused")
            with database.connect(settings) as connection:
                there = f"https://there{number}.test/{words[:1_000]}"
                move = Moved(
                    number + 1, NOW - HOUR, f"https://here{number}.test/", there, "announced", "refused", "dns"
                )
                store.moved(connection, [move])
        for at in (NOW, NOW + DAY):
            assert steps.alert(settings, now=at, by="deliver")["internal"] == 0
        run(settings, "UPDATE feeds SET state = 'active', poll_state = '{}'")
        steps.alert(settings, now=NOW + 2 * DAY, by="deliver")
        steps.deliver(settings, now=NOW + 2 * DAY)
        assert not run(settings, "SELECT 1 FROM deliveries WHERE outcome <> 'ok'")
    for message in mailbox.messages:
        assert set(message.keys()) & {"Bcc", "bcc"} == set()
    said = [str(message["Subject"]) + text_of(message) for message in mailbox.messages]
    said += [json.dumps(body, ensure_ascii=False) for body in (*webhook.bodies, *slack.bodies)]
    said += [row["title"] + row["text"] for row in run(settings, "SELECT title, text FROM alerts")]
    assert len(said) > 12
    for text in said:
        assert len(text) < 20_000
        assert not [letter for letter in text if unicodedata.category(letter) == "Cc" and letter not in "\r\n"]
        assert not set(text) & set(BACKWARDS[:1] + BACKWARDS[-1:])
    assert not [body for body in (*webhook.bodies, *slack.bodies) if "<script>" in json.dumps(body)]
