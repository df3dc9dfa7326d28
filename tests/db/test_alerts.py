"""Alerts in Postgres: found once by many, told once by each way, told again, cleared, and carried by the outbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from typing import Any

import psycopg
import pytest

from pipeline import alerts, database, steps
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.steps import looking
from tests.support import deskrows
from tests.support.deskrows import TOPIC
from tests.support.programs import plain_environment
from tests.support.receivers import Box, Hook

NOW = deskrows.START + timedelta(hours=5)
HOUR = timedelta(hours=1)


@pytest.fixture
def told(newsroom: Settings, webhook: Hook, mailbox: Box) -> Settings:
    """A newsroom whose desk is told by mail, webhook and Slack."""
    return replace(
        newsroom,
        desk_webhook_url=webhook.address,
        desk_webhook_secret="of the desk",
        desk_slack_url=webhook.address + "/slack",
        smtp_url=mailbox.address,
        desk_mail_to="desk@news.example",
        public_url="https://news.example",
    )


def text_of(mail: Message) -> str:
    assert isinstance(mail, EmailMessage)
    return " ".join(str(mail.get_content()).split())


def rows(settings: Settings, query: str) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return connection.execute(query).fetchall()


def add_feed(settings: Settings, url: str = "https://harbour.test/rss", **columns: Any) -> int:
    names = {"outlet": "Harbour", "url": url, "added_at": NOW - 99 * HOUR, "next_poll_at": NOW + 99 * HOUR} | columns
    names = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in names.items()}
    listed, values = ", ".join(names), ", ".join(f"%({name})s" for name in names)
    with database.connect(settings) as connection:
        row = connection.execute(f"INSERT INTO feeds ({listed}) VALUES ({values}) RETURNING id", names).fetchone()
    assert row is not None
    return int(row["id"])


def change(settings: Settings, statement: str, **values: Any) -> None:
    with database.connect(settings) as connection:
        connection.execute(statement, values)


def dead(settings: Settings) -> int:
    state = {"paused_since": f"{NOW - HOUR:%FT%T%z}", "answered_full": "2024-06-12T08:00:00+00:00"}
    return add_feed(settings, state="paused", state_reason="http-404 since 2024-06-16", poll_state=state)


def test_a_feed_that_died_is_told_once_by_each_way_and_again_after_a_day(
    told: Settings, webhook: Hook, mailbox: Box
) -> None:
    feed_id = dead(told)
    assert steps.alert(told, now=NOW) == {"raised": 1, "again": 0, "cleared": 0, "stand": 1, "internal": 0}
    for minutes in (5, 10, 15):
        assert steps.alert(told, now=NOW + timedelta(minutes=minutes))["stand"] == 1
        assert steps.deliver(told, now=NOW + timedelta(minutes=minutes))["tried"] == 0
    [mail] = mailbox.messages
    assert mail["Subject"] == "Alert: dead feed, Harbour: https://harbour.test/rss"
    assert "http-404 since 2024-06-16. It last answered at 2024-06-12 08:00 UTC." in text_of(mail)
    assert len(webhook.bodies) == 2
    slack = next(body for body in webhook.bodies if "blocks" in body)
    assert "<https://news.example/wirewatch/feeds|" in slack["blocks"][0]["text"]["text"]
    [shown] = rows(told, "SELECT * FROM alerts_now")
    assert (shown["kind"], shown["subject"], shown["times"]) == ("feed-died", str(feed_id), 1)

    again = NOW + alerts.AGAIN
    assert steps.alert(told, now=again)["again"] == 1
    assert [message["Subject"].partition(":")[0] for message in mailbox.messages] == ["Alert", "Still"]
    assert len(set(webhook.keys)) == 4, "each is a message of its own"


def test_a_feed_that_answers_again_is_told_to_those_who_had_heard(told: Settings, webhook: Hook, mailbox: Box) -> None:
    feed_id = dead(told)
    webhook.answers = [503, 503]
    steps.alert(told, now=NOW)
    change(told, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE id = %(id)s", id=feed_id)
    assert steps.alert(told, now=NOW + HOUR)["cleared"] == 1
    assert [message["Subject"].partition(":")[0] for message in mailbox.messages] == ["Alert", "Over"]
    steps.deliver(told, now=NOW + 2 * HOUR)
    assert len(webhook.bodies) == 2, "who had not heard of it is spared both"
    found = {row["channel"]: row["outcome"] for row in rows(told, "SELECT * FROM outbox WHERE alert_id IS NOT NULL")}
    assert found == {
        "raised-mail": "ok",
        "raised-webhook": "superseded",
        "raised-slack": "superseded",
        "cleared-mail": "ok",
    }
    assert rows(told, "SELECT * FROM alerts_now") == []
    # and it may die once more
    change(told, "UPDATE feeds SET state = 'retired', state_reason = 'http-410: gone' WHERE id = %(id)s", id=feed_id)
    assert steps.alert(told, now=NOW + 3 * HOUR)["raised"] == 1


def test_who_has_the_mail_that_others_refused_is_told_of_the_end(told: Settings, mailbox: Box) -> None:
    settings = replace(told, desk_mail_to="ana@news.example, bo@news.example", desk_webhook_url="", desk_slack_url="")
    feed_id = dead(settings)
    mailbox.refusals["bo@news.example"] = "450 greylisted"
    steps.alert(settings, now=NOW)
    change(settings, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE id = %(id)s", id=feed_id)
    assert steps.alert(settings, now=NOW + HOUR)["cleared"] == 1
    assert [message["Subject"].partition(":")[0] for message in mailbox.messages] == ["Alert", "Over"]


def test_a_feed_that_is_gone_for_good_is_told_once(told: Settings, mailbox: Box) -> None:
    add_feed(told, state="retired", state_reason="http-410: the server says it is gone for good")
    for days in range(4):
        steps.alert(told, now=NOW + timedelta(days=days))
    assert len(mailbox.messages) == 1


def test_what_a_person_paused_is_no_news(told: Settings) -> None:
    add_feed(told, state="paused", state_reason="on holiday")
    assert steps.alert(told, now=NOW)["raised"] == 0


def test_nothing_collected_is_told_and_its_end_too(told: Settings, mailbox: Box) -> None:
    feed_id = add_feed(told, next_poll_at=NOW - 2 * HOUR)
    assert steps.alert(told, now=NOW)["raised"] == 1
    assert "nobody asks them" in text_of(mailbox.messages[0])
    change(
        told,
        "UPDATE feeds SET next_poll_at = %(next)s, poll_state = jsonb_build_object('answered_304', %(at)s::text)"
        " WHERE id = %(id)s",
        next=NOW + HOUR,
        at=NOW.isoformat(),
        id=feed_id,
    )
    assert steps.alert(told, now=NOW + HOUR / 2)["cleared"] == 1


def test_feeds_on_which_our_own_code_fails_are_asked_in_vain(told: Settings, mailbox: Box) -> None:
    feed_id = add_feed(told, poll_state={"answered_full": (NOW - 2 * HOUR).isoformat()})
    change(
        told,
        "INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place)"
        " VALUES ('poll', 'feed', %(id)s, 1, %(at)s, %(at)s, %(at)s, 'ValueError', '', '')",
        id=feed_id,
        at=NOW,
    )
    assert steps.alert(told, now=NOW)["raised"] == 1
    assert "All of 1 feeds fail, most by `internal`" in text_of(mailbox.messages[0])


def test_recorded_coverage_is_asked_by_nobody_and_rings_no_bell(told: Settings) -> None:
    add_feed(told, url="https://harbour.example/rss", next_poll_at=NOW - 99 * HOUR)
    assert steps.alert(told, now=NOW)["raised"] == 0


def spread(settings: Settings, outlets: int, copies: int = 0) -> int:
    """A story that outlets tell a quarter of an hour apart, the last of them now; after them copies at others."""
    with database.connect(settings) as connection:
        model = connection.execute("SELECT id FROM embedding_models").fetchone()
        assert model is not None
        ids = [
            deskrows.add(connection, model["id"], number, f"{TOPIC} {number}", 0) for number in range(outlets + copies)
        ]
        for number, article in enumerate(ids):
            at = NOW - timedelta(minutes=15 * max(outlets - 1 - number, 0))
            connection.execute(
                "UPDATE articles SET published = %s, first_seen_at = %s WHERE id = %s", (at, at + HOUR, article)
            )
        story = connection.execute(
            "INSERT INTO stories (opened_at, first_published, last_published) VALUES (%s, %s, %s) RETURNING id",
            (NOW,) * 3,
        ).fetchone()
        assert story is not None
        for article in ids:
            connection.execute(
                "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
                " VALUES (%s, %s, %s, 1, 1, 'first')",
                (article, story["id"], NOW),
            )
        for article in ids[outlets:]:
            connection.execute(
                "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)"
                " VALUES (%s, %s, 1, 1, 'earliest', %s)",
                (article, ids[0], NOW),
            )
    return int(story["id"])


def test_a_story_that_spreads_is_told_once_with_its_page(told: Settings, mailbox: Box) -> None:
    settings = replace(told, alert_outlets=4, alert_minutes=45.0)
    story_id = spread(settings, 4)
    assert steps.alert(settings, now=NOW)["raised"] == 1
    assert f"https://news.example/wirewatch/stories/{story_id}" in text_of(mailbox.messages[0])
    assert steps.alert(settings, now=NOW + 4 * HOUR) == {
        "raised": 0, "again": 0, "cleared": 1, "stand": 0, "internal": 0,
    }  # fmt: skip
    assert len(mailbox.messages) == 1, "an occurrence has no end that anybody is told of"
    change(settings, "UPDATE articles SET published = published + interval '4 hours'")
    assert steps.alert(settings, now=NOW + 4 * HOUR)["raised"] == 0, "nor a second beginning"


def test_a_story_that_spreads_is_told_also_where_the_first_try_failed(told: Settings, webhook: Hook) -> None:
    settings = replace(told, alert_outlets=4, alert_minutes=45.0, desk_mail_to="", desk_slack_url="")
    spread(settings, 4)
    webhook.answers = [503, 503]
    assert steps.alert(settings, now=NOW)["raised"] == 1
    at = NOW + timedelta(minutes=5)
    assert steps.alert(settings, now=at) == {"raised": 0, "again": 0, "cleared": 0, "stand": 1, "internal": 0}
    steps.deliver(settings, now=at)
    assert steps.alert(settings, now=NOW + 4 * HOUR)["cleared"] == 1
    steps.deliver(settings, now=NOW + 4 * HOUR)
    assert [row["state"] for row in rows(settings, "SELECT state FROM outbox")] == ["delivered"], "it has happened"
    assert [body["subject"].partition(":")[0] for body in webhook.bodies] == ["Alert"] * 3
    assert len(set(webhook.keys)) == 1


def test_a_story_that_was_alerted_of_rings_no_second_time_in_the_story_that_took_it_in(told: Settings) -> None:
    settings = replace(told, alert_outlets=4, alert_minutes=45.0)
    story_id = spread(settings, 4)
    assert steps.alert(settings, now=NOW)["raised"] == 1
    change(
        settings,
        "WITH made AS (INSERT INTO stories (opened_at, first_published, last_published)"
        " SELECT opened_at, first_published, last_published FROM stories WHERE id = %(id)s RETURNING id),"
        " moved AS (UPDATE memberships SET story_id = made.id FROM made WHERE story_id = %(id)s)"
        " UPDATE stories SET merged_into = made.id FROM made WHERE stories.id = %(id)s",
        id=story_id,
    )
    assert steps.alert(settings, now=NOW + HOUR / 4) == {
        "raised": 0, "again": 0, "cleared": 1, "stand": 0, "internal": 0,
    }  # fmt: skip


def test_where_only_the_day_is_known_the_hour_is_when_we_saw_it(told: Settings) -> None:
    settings = replace(told, alert_outlets=4, alert_minutes=45.0)
    spread(settings, 4)
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    late = midnight + 18 * HOUR
    day = "published = %(at)s, published_precision = 'day'"
    change(settings, f"UPDATE articles SET {day}, first_seen_at = %(seen)s", at=midnight, seen=late)
    assert steps.alert(settings, now=late)["raised"] == 1


def test_days_of_last_week_that_we_see_now_ring_no_bell(told: Settings) -> None:
    settings = replace(told, alert_outlets=4, alert_minutes=45.0)
    spread(settings, 5)
    past = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=7)
    change(
        settings,
        "UPDATE articles SET published = %(at)s, published_precision = 'day', first_seen_at = %(seen)s"
        " WHERE id <> (SELECT max(id) FROM articles)",
        at=past,
        seen=NOW,
    )
    assert steps.alert(settings, now=NOW)["raised"] == 0


def test_copies_are_no_independent_outlets(told: Settings) -> None:
    settings = replace(told, alert_outlets=4, alert_minutes=45.0)
    spread(settings, 3, copies=3)
    assert steps.alert(settings, now=NOW)["raised"] == 0


def test_many_who_look_at_once_find_one_thing_once(told: Settings, webhook: Hook, mailbox: Box) -> None:
    dead(told)
    threads = [threading.Thread(target=steps.alert, args=(told,), kwargs={"now": NOW}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    steps.deliver(told, now=NOW + HOUR)
    assert len(mailbox.messages) == 1
    assert len(webhook.bodies) == 2
    assert len(rows(told, "SELECT * FROM alerts")) == 1


ALERT = """
import os, signal, sys
from datetime import datetime
from pipeline import settings, steps
from pipeline.steps import alerting
alerting.send_due = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
steps.alert(settings.load(), now=datetime.fromisoformat(sys.argv[1]))
"""


def test_what_is_killed_before_it_told_is_told_by_the_next_run(told: Settings, webhook: Hook) -> None:
    dead(told)
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=told.database_url,
        WIREWATCH_HOME=str(told.home),
        WIREWATCH_DESK_WEBHOOK_URL=webhook.address,
    )
    killed = subprocess.run([sys.executable, "-c", ALERT, NOW.isoformat()], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert webhook.bodies == []
    assert steps.deliver(told, now=NOW)["delivered"] == 1
    assert steps.alert(told, now=NOW)["raised"] == 0
    assert len(webhook.bodies) == 1


@pytest.mark.parametrize("holds", [True, False])
def test_what_is_killed_before_its_mark_is_one_message_to_who_keeps_the_ids(
    told: Settings, webhook: Hook, holds: bool
) -> None:
    feed_id = dead(told)
    settings = replace(told, desk_mail_to="", desk_slack_url="", desk_webhook_secret="of the desk")
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=told.database_url,
        WIREWATCH_HOME=str(told.home),
        WIREWATCH_DESK_WEBHOOK_URL=webhook.address,
        WIREWATCH_DESK_WEBHOOK_SECRET="of the desk",
    )
    script = ALERT.replace("alerting.send_due = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)", "")
    victim = subprocess.Popen([sys.executable, "-c", script, NOW.isoformat()], env=environment)
    webhook.before = victim.kill
    assert victim.wait(60) == -signal.SIGKILL
    webhook.before = lambda: None
    if not holds:
        change(settings, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE id = %(id)s", id=feed_id)
    later = NOW + timedelta(minutes=5)
    steps.alert(settings, now=later)
    steps.deliver(settings, now=later)
    acted: dict[str, str] = {}
    for headers, body in webhook.requests:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.new(b"of the desk", signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
        acted.setdefault(headers["webhook-id"], json.loads(body)["subject"].partition(":")[0])
    assert list(acted.values()) == (["Alert"] if holds else ["Alert", "Over"])
    assert len(webhook.requests) == 2


def test_a_kind_that_fails_leaves_the_others(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    dead(told)
    steps.alert(told, now=NOW)

    def broken(*_: object) -> list[alerts.Found]:
        raise ValueError("a fault of ours")

    kinds = tuple(replace(kind, look=broken) if kind.name == alerts.DIED else kind for kind in looking.KINDS)
    monkeypatch.setattr(looking, "KINDS", kinds)
    add_feed(told, url="https://echo.test/rss", next_poll_at=NOW - 2 * HOUR)
    found = steps.alert(told, now=NOW + HOUR)
    assert found == {"raised": 1, "again": 0, "cleared": 0, "stand": 2, "internal": 1}


def test_a_given_up_alert_is_seen_in_the_outbox(told: Settings, webhook: Hook) -> None:
    dead(told)
    settings = replace(told, desk_mail_to="", desk_slack_url="")
    webhook.answers = [404, 404, 404]
    at: datetime = NOW
    steps.alert(settings, now=at)
    for _ in range(3):
        at += HOUR
        steps.deliver(settings, now=at)
    [row] = rows(told, "SELECT state, outcome, tries, topic FROM outbox")
    assert row == {"state": "failed", "outcome": "http-404", "tries": 3, "topic": None}


def test_an_outbox_of_before_alerts_goes_on_as_it_was(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.ensure_database("before_alerts")
    old = Settings(database_url=embedded.url("before_alerts"))
    with monkeypatch.context() as patch:
        known = schema.migrations()
        patch.setattr(schema, "migrations", lambda: known[: [name for _, name, _ in known].index("alerts")])
        database.migrate(old)
    with database.connect(old) as connection:
        connection.execute("INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('t', 'T', '{}', 'UTC')")
        connection.execute(
            "INSERT INTO digests (topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at,"
            " state, published_at) VALUES ('t', '2024-06-19', 1, '', '', '', 0, 0, now(), now(), 'published', now())"
        )
        connection.execute(
            "INSERT INTO deliveries (digest_id, channel, at, outcome, next_try_at)"
            " SELECT d.id, c, now(), 'waiting', now() FROM digests d, unnest('{files,mail,review-mail}'::text[]) AS c"
        )
        before = connection.execute("SELECT digest_id, channel, state, key FROM outbox ORDER BY channel").fetchall()
    assert database.migrate(old)[0] == "0036_alerts"
    with database.connect(old) as connection:
        after = connection.execute("SELECT digest_id, channel, state, key FROM outbox ORDER BY channel").fetchall()
        ids = connection.execute("SELECT count(DISTINCT id) AS n FROM deliveries WHERE alert_id IS NULL").fetchone()
    database.close_idle()
    assert after == before
    assert len(before) == 3
    assert ids == {"n": 3}


def test_a_delivery_is_of_one_thing(told: Settings) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        change(told, "INSERT INTO deliveries (channel, at, outcome) VALUES ('mail', now(), 'waiting')")
