"""What the panel of `wirewatch run` says of the light, and the line where it changes."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from pipeline import alerts, database, steps
from pipeline.local import state
from pipeline.local.show import Show
from pipeline.settings import Settings
from tests.support import deskrows

NOW = deskrows.START + timedelta(days=30)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def feeds(settings: Settings, count: int, poll_state: dict[str, Any], first: int = 1) -> None:
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO feeds (outlet, url, added_at, next_poll_at, last_polled_at, last_new_at, poll_state)"
            " SELECT 'Outlet ' || n, 'https://outlet' || n || '.test/rss', %(at)s, %(at)s + interval '1 hour', %(at)s,"
            " NULL, %(state)s FROM generate_series(%(first)s::int, %(last)s::int) AS n",
            {"at": NOW - MINUTE, "state": json.dumps(poll_state), "first": first, "last": first + count - 1},
        )


FAILS = {"failing_since": (NOW - MINUTE).isoformat(), "reason": "dns"}
ANSWERS = {"answered_full": (NOW - MINUTE).isoformat()}


def test_a_first_round_of_which_nothing_answers_is_red_at_once(settings: Settings) -> None:
    feeds(settings, 171, FAILS)
    for looked in (False, True):
        if looked:
            with database.connect(settings) as connection:
                connection.execute("INSERT INTO measurements VALUES ('look', 'deliver', %s, 1)", [NOW])
        assert steps.lights(settings, now=NOW).light == alerts.RED
        said = state.words(settings, NOW)
        assert said.startswith(
            "red: Nothing is collected. No feed ever answered. All of 171 feeds fail, most by `dns`."
        ), said
    # the desk is told once it has lasted
    assert steps.alert(settings, now=NOW)["raised"] == 0
    assert steps.alert(settings, now=NOW + HOUR, by="deliver")["raised"] == 2
    assert state.words(settings, NOW + HOUR).splitlines() == ["red: Nothing is collected", "171 of 171 feeds fail"]


def test_before_each_was_asked_nothing_is_said(settings: Settings) -> None:
    feeds(settings, 170, FAILS)
    feeds(settings, 1, {}, first=171)
    assert steps.lights(settings, now=NOW).light == alerts.AMBER, "nobody has looked yet"


def test_many_that_fail_are_named_before_they_are_an_alert(settings: Settings) -> None:
    feeds(settings, 100, FAILS)
    feeds(settings, 71, ANSWERS, first=101)
    steps.alert(settings, now=NOW, by="deliver")
    assert state.words(settings, NOW) == (
        "green: no alert stands, but 100 of 171 feeds fail, as yet for less than 15 minutes"
    )
    steps.alert(settings, now=NOW + 15 * MINUTE, by="deliver")
    assert state.words(settings, NOW + 15 * MINUTE) == "red: 100 of 171 feeds fail"


def test_a_house_in_order_is_green(settings: Settings) -> None:
    feeds(settings, 20, ANSWERS)
    steps.alert(settings, now=NOW, by="deliver")
    assert state.words(settings, NOW) == "green: all is well"


def test_where_nobody_looks_and_where_no_database_is_it_is_red(settings: Settings) -> None:
    steps.alert(settings, now=NOW, by="deliver")
    assert state.words(settings, NOW + timedelta(hours=1)).startswith("red: nobody has looked since")


def test_of_many_alerts_the_first_are_named(settings: Settings) -> None:
    feeds(settings, 20, ANSWERS)
    with database.connect(settings) as connection:
        connection.execute("UPDATE feeds SET state = 'retired', state_reason = 'http-410' WHERE id <= 5")
    steps.alert(settings, now=NOW, by="deliver")
    lines = state.words(settings, NOW).splitlines()
    assert lines[0].startswith("amber: Outlet 5: https://outlet5.test/rss"), lines
    assert len(lines) == 4
    assert lines[3] == "and 2 more"


def test_a_change_of_the_light_is_a_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(state, "LOOK_SECONDS", 0.0)
    light = state.Light(settings, Show(Console(file=written, width=200)))
    feeds(settings, 20, ANSWERS)
    light.look()
    assert written.getvalue() == "", "the panel has said it"
    with database.connect(settings) as connection:
        connection.execute("UPDATE feeds SET poll_state = %s", [json.dumps(FAILS)])
    light.look()
    light.look()
    [line] = written.getvalue().splitlines()
    assert "State red: Nothing is collected. No feed ever answered." in line
