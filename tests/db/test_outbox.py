"""The outbox against real receivers: once, again after a failure, and told where it is given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import psycopg
import pytest

from pipeline import database, steps
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps.channels import folder
from pipeline.steps.delivering import REFUSALS, TRIES, WAITS
from pipeline.store import faults, outbox
from pipeline.web import post
from tests.support.deskrows import TOPIC, now
from tests.support.programs import plain_environment
from tests.support.receivers import Box, Hook, box, hook

DAY = "2024-06-19"
YES = Review(True, "ana")
NOW = now()


@pytest.fixture
def desk(desk: Settings, webhook: Hook) -> Settings:
    """A digest of two stories waits as digest 1, and is to go to the webhook."""
    steps.cluster(desk, now=NOW)
    assert drafted(desk) == 1
    return replace(desk, webhook_url=webhook.address)


def drafted(settings: Settings) -> int:
    return int(steps.draft(settings, topic=TOPIC, day=DAY, now=NOW)["digest_id"])


def rows(settings: Settings) -> dict[str, dict[str, Any]]:
    with database.connect(settings) as connection:
        found = connection.execute("SELECT * FROM outbox ORDER BY channel").fetchall()
    return {row["channel"]: row for row in found}


def publish(settings: Settings, digest_id: int = 1, at: datetime = NOW) -> dict[str, Any]:
    return steps.publish(settings, digest_id=digest_id, review=YES, now=at)


SECRET = "whsec_" + base64.b64encode(b"known to sender and receiver").decode()


class Receiver:
    """As docs/operations.md tells a receiver to do: check the signature and the moment, and act once for each id."""

    def __init__(self) -> None:
        self.acted: list[bytes] = []
        self._seen: set[str] = set()

    def take(self, headers: dict[str, str], body: bytes) -> None:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = hmac.new(b"known to sender and receiver", signed, hashlib.sha256).digest()
        assert f"v1,{base64.b64encode(mac).decode()}" in headers["webhook-signature"].split(" ")
        assert abs(time.time() - int(headers["webhook-timestamp"])) < 300
        if headers["webhook-id"] not in self._seen:
            self._seen.add(headers["webhook-id"])
            self.acted.append(body)


def test_a_signed_post_that_is_sent_twice_is_acted_on_once(desk: Settings, webhook: Hook) -> None:
    signed = replace(desk, webhook_secret=SECRET)
    webhook.answers = [503]  # it has acted, and its answer is lost
    publish(signed)
    steps.deliver(signed, now=NOW + WAITS[0])
    assert len(webhook.requests) == 2
    receiver = Receiver()
    for headers, body in webhook.requests:
        receiver.take(headers, body)
    assert len(receiver.acted) == 1
    assert SECRET not in str(webhook.requests)


def test_a_secret_that_is_none_stops_its_own_channel_alone(desk: Settings, webhook: Hook, mailbox: Box) -> None:
    wrong = replace(
        desk,
        webhook_secret="whsec_…",
        desk_webhook_url=webhook.address,
        desk_webhook_secret="whsec_",
        smtp_url=mailbox.address,
        desk_mail_to="ana@news.example",
    )
    assert publish(wrong)["delivered"] == {"files": "ok", "webhook": "bad-secret"}
    at = NOW
    for wait in WAITS[: REFUSALS - 1]:
        at += wait
        steps.deliver(wrong, now=at)
    assert rows(wrong)["webhook"]["state"] == "failed"
    assert [message["subject"] for message in mailbox.messages] == [f"Not delivered: {TITLE}, by webhook"]
    assert steps.tell(wrong, subject="a run failed", text="", link="") == {"mail": "ok", "webhook": "bad-secret"}
    assert webhook.requests == []


def test_each_way_to_the_desk_says_why_a_run_failed_and_links_to_it_once(settings: Settings, webhook: Hook) -> None:
    with box() as mailbox:
        told = replace(
            settings,
            desk_webhook_url=webhook.address,
            desk_slack_url=webhook.address,
            smtp_url=mailbox.address,
            desk_mail_to="ana@news.example",
        )
        link = "https://desk.example/dags/collect"
        outcomes = steps.tell(told, subject="Failed: collect", text="task_failure", link=link)
    assert outcomes == {"mail": "ok", "webhook": "ok", "slack": "ok"}
    [mail] = mailbox.messages
    assert mail.get_content().split() == [link, "task_failure"]  # type: ignore[attr-defined]
    posted, slack = webhook.bodies
    assert posted["text"] == f"Failed: collect\ntask_failure\n{link}"
    assert slack["blocks"][0]["text"]["text"] == f"*Failed: collect*\ntask_failure\n<{link}|{link}>"
    assert webhook.keys[0] == f'"{mail["message-id"][1:].partition("@")[0]}"'


def test_what_the_desk_was_not_told_of_a_failed_run_is_tried_again_with_its_key(
    desk: Settings, webhook: Hook, mailbox: Box
) -> None:
    told = replace(
        desk,
        desk_webhook_url=webhook.address,
        smtp_url=mailbox.address,
        desk_mail_to="ana@news.example, bo@news.example",
    )
    webhook.answers = [503]
    mailbox.refusals["bo@news.example"] = "450 greylisted"
    outcomes = steps.tell(told, subject="Failed: collect", text="task_failure", link="https://desk.example/1")
    assert outcomes == {"mail": "partly-refused", "webhook": "http-503"}
    found = rows(told)
    assert (found["raised-webhook"]["state"], found["raised-webhook"]["tries"]) == ("waiting", 1)
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert steps.deliver(told, now=later)["delivered"] == 2
    assert mailbox.recipients == [["ana@news.example"], ["bo@news.example"]]
    assert len({message["message-id"] for message in mailbox.messages}) == 1
    assert [body["subject"] for body in webhook.bodies] == ["Failed: collect"] * 2
    assert len(set(webhook.keys)) == 1
    with database.connect(told) as connection:
        assert connection.execute("SELECT * FROM alerts_now").fetchall() == []


def test_without_a_database_the_desk_is_told_by_what_arrives(settings: Settings, webhook: Hook) -> None:
    away = replace(
        settings,
        database_url="postgresql://127.0.0.1:9/none",
        desk_webhook_url=webhook.address,
        desk_slack_url=webhook.address,
    )
    webhook.answers = [503]
    assert steps.tell(away, subject="s", text="", link="") == {"webhook": "http-503", "slack": "ok"}


def test_slack_gets_the_digest_and_the_draft_in_its_own_form(desk: Settings, webhook: Hook) -> None:
    slack = replace(desk, webhook_url="", slack_url=webhook.address, desk_slack_url=webhook.address)
    told = steps.tell_of_review(slack, digest_id=1, subject="2024-06-19", link="https://news.example/r", now=NOW)
    assert told == {"slack": "ok"}
    publish(slack)
    review, digest = webhook.bodies
    assert "<https://news.example/r|https://news.example/r>" in review["blocks"][0]["text"]["text"]
    assert digest["blocks"][0]["type"] == "header"
    assert rows(slack)["slack"]["state"] == "delivered"


# --- what is killed, and what comes at once -----------------------------------------------------------------------

PUBLISH = """
import os, signal, sys
from datetime import datetime
from pipeline import settings, steps
from pipeline.database import schema
from pipeline.database.embedded import Server
from pipeline.models import Review
from pipeline.steps import delivering, reviewing
{extra}
print("ready", flush=True)
sys.stdin.readline()
steps.publish(settings.load(), digest_id=1, review=Review(True, "ana"), now=datetime.fromisoformat(sys.argv[1]))
"""
DIE_BEFORE_SENDING = "reviewing.send_due = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)"


def process(settings: Settings, extra: str = "") -> subprocess.Popen[str]:
    """A process that is ready to publish digest 1 as soon as it reads a line."""
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=settings.database_url,
        WIREWATCH_HOME=str(settings.home),
        WIREWATCH_WEBHOOK_URL=settings.webhook_url,
    )
    command = [sys.executable, "-c", PUBLISH.format(extra=extra), NOW.isoformat()]
    started = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def go(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("go\n")
    started.stdin.flush()


def test_four_processes_that_publish_at_once_post_once(desk: Settings, webhook: Hook) -> None:
    webhook.before = lambda: time.sleep(0.5)  # long enough for all four to be at it
    four = [process(desk) for _ in range(4)]
    for each in four:
        go(each)
    for each in four:
        _, trouble = each.communicate(timeout=60)
        assert each.returncode == 0, trouble
    assert len(webhook.bodies) == 1
    assert {name: (row["state"], row["tries"]) for name, row in rows(desk).items()} == {
        "files": ("delivered", 1),
        "webhook": ("delivered", 1),
    }


def test_what_is_killed_after_the_decision_is_found_by_the_next_run(desk: Settings, webhook: Hook) -> None:
    victim = process(desk, DIE_BEFORE_SENDING)
    go(victim)
    victim.communicate(timeout=60)
    assert victim.returncode == -signal.SIGKILL
    assert {row["state"] for row in rows(desk).values()} == {"waiting"}
    assert webhook.bodies == []
    assert steps.deliver(desk, now=NOW) == {"tried": 2, "delivered": 2, "failed": 0, "internal": 0}
    assert steps.deliver(desk, now=NOW)["tried"] == 0
    assert len(webhook.bodies) == 1


def test_what_is_killed_before_its_mark_is_sent_again_under_the_same_key(desk: Settings, webhook: Hook) -> None:
    victim = process(desk)
    webhook.before = lambda: os.kill(victim.pid, signal.SIGKILL)
    go(victim)
    victim.communicate(timeout=60)
    assert victim.returncode == -signal.SIGKILL
    assert rows(desk)["webhook"]["outcome"] == "sending", "that a try began is known"
    webhook.before = lambda: None
    assert steps.deliver(desk, now=NOW)["tried"] == 0, "not before the try could have ended"
    assert steps.deliver(desk, now=NOW + timedelta(minutes=2))["delivered"] == 1
    assert len(webhook.bodies) == 2
    assert webhook.bodies[0] == webhook.bodies[1]
    [key] = set(webhook.keys)
    assert key == f'"{rows(desk)["webhook"]["key"]}"', "a receiver can tell that it is the same"


def test_who_sends_holds_the_row_even_where_its_next_try_has_come(desk: Settings, webhook: Hook) -> None:
    late = NOW + timedelta(days=1)
    webhook.before = lambda: outcomes.append(steps.deliver(desk, now=late)["tried"])
    outcomes: list[int] = []
    publish(desk)
    assert outcomes == [0], "a stalled sender is not overtaken"
    assert len(webhook.bodies) == 1


def test_a_database_whose_connections_all_end_while_it_is_sent_hears_of_it_all_the_same(
    desk: Settings, webhook: Hook
) -> None:
    def end_all() -> None:
        with psycopg.connect(desk.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    webhook.before = end_all
    assert publish(desk)["delivered"]["webhook"] == "ok"
    assert (rows(desk)["webhook"]["state"], len(webhook.bodies)) == ("delivered", 1)


# --- what fails ---------------------------------------------------------------------------------------------------


def test_a_failure_is_no_success_and_is_tried_again_after_growing_waits(desk: Settings, webhook: Hook) -> None:
    webhook.answers = [500, 503, (429, {"Retry-After": "3600"}, b"slow down")]
    outcome = publish(desk)
    assert outcome["state"] == "published"
    assert outcome["delivered"] == {"files": "ok", "webhook": "http-500"}
    assert outcome["undelivered"] == {"webhook": "http-500, next try 2024-06-20 00:01 UTC"}
    assert publish(desk)["undelivered"] == outcome["undelivered"], "said again, for as long as it is so"
    at = NOW + WAITS[0]
    assert steps.deliver(desk, now=at - timedelta(seconds=1))["tried"] == 0
    assert steps.deliver(desk, now=at) == {"tried": 1, "delivered": 0, "failed": 1, "internal": 0}
    at += WAITS[1]
    steps.deliver(desk, now=at)
    row = rows(desk)["webhook"]
    assert (row["outcome"], row["detail"], row["tries"]) == ("http-429", "slow down", 3)
    assert row["next_try_at"] == at + timedelta(hours=1), "Retry-After counts where it is longer than our own wait"
    assert steps.deliver(desk, now=at + timedelta(hours=1))["delivered"] == 1
    assert rows(desk)["webhook"]["state"] == "delivered"
    assert len(set(webhook.keys)) == 1


@pytest.mark.parametrize("how", ["silent", "dripping"])
def test_a_receiver_that_hangs_ends_in_time_and_not_as_success(desk: Settings, webhook: Hook, how: str) -> None:
    done = threading.Event()
    webhook.before = lambda: done.wait(20)
    if how == "dripping":
        webhook.before = lambda: None
        webhook.answers = [(200, {"X": "y", "Content-Length": "1000"}, b"")]  # the status is the answer
    hurried = replace(desk, total_timeout=0.5, read_timeout=0.3 if how == "silent" else 20.0)
    began = time.monotonic()
    outcome = publish(hurried)
    done.set()
    assert time.monotonic() - began < 10
    assert outcome["delivered"]["webhook"] == ("timeout-total" if how == "silent" else "ok")


def test_the_desk_is_told_once_of_what_is_given_up(desk: Settings, webhook: Hook, mailbox: Box) -> None:
    with hook() as chat:
        told = replace(
            desk,
            smtp_url=mailbox.address,
            desk_mail_to="ana@news.example",
            desk_webhook_url=chat.address,
            public_url="https://desk.example/",
        )
        webhook.answers = [404] * 10
        chat.answers = [500]
        publish(told)
        at = NOW
        for wait in WAITS:
            at += wait
            steps.deliver(told, now=at)
        assert len(webhook.bodies) == REFUSALS, "what refuses is not asked eight times"
        assert [message["subject"] for message in mailbox.messages] == [f"Not delivered: {TITLE}, by webhook"]
        assert "`wirewatch digest deliver 1` sends it" in mailbox.messages[0].get_content()  # type: ignore[attr-defined]
        assert [body["subject"] for body in chat.bodies] == [f"Not delivered: {TITLE}, by webhook"] * 2
        assert len(set(chat.keys)) == 1, "the notice itself is tried again, under one key"
        assert chat.bodies[0]["link"] == "https://desk.example/wirewatch/digests/1"
        row = rows(told)["webhook"]
        assert (row["state"], row["outcome"], row["tries"]) == ("failed", "http-404", REFUSALS)
        assert row["next_try_at"] is None
        steps.deliver(told, now=at + timedelta(days=9))
        assert (len(mailbox.messages), len(chat.bodies)) == (1, 2)
        webhook.answers = []
        outcome = steps.deliver(told, now=at + timedelta(days=9), digest_id=1, anew=True)
        assert outcome == {"tried": 1, "delivered": 1, "failed": 0, "internal": 0}, "a person has the last word"


TITLE = "Putin–Kim summit in Pyongyang: 2024-06-19"


def test_what_cannot_be_reached_is_tried_for_two_days(desk: Settings) -> None:
    away = replace(desk, webhook_url="http://127.0.0.1:9/hook")
    publish(away)
    at = NOW
    for tries, wait in enumerate(WAITS, 1):
        assert rows(away)["webhook"]["tries"] == tries
        at += wait
        steps.deliver(away, now=at)
    row = rows(away)["webhook"]
    assert (row["state"], row["outcome"], row["tries"]) == ("failed", "connect", TRIES)


# --- mail ---------------------------------------------------------------------------------------------------------


def test_who_has_the_mail_does_not_get_it_again_with_those_who_were_refused(desk: Settings, mailbox: Box) -> None:
    mailed = replace(desk, webhook_url="", smtp_url=mailbox.address, mail_to="ana@news.example, bo@news.example")
    mailbox.refusals["bo@news.example"] = "450 greylisted"
    assert publish(mailed)["delivered"] == {"files": "ok", "mail": "partly-refused"}
    assert "bo@news.example: 450" in rows(mailed)["mail"]["detail"]
    assert steps.deliver(mailed, now=NOW + WAITS[0])["delivered"] == 1
    assert mailbox.recipients == [["ana@news.example"], ["bo@news.example"]]
    [identity] = {message["message-id"] for message in mailbox.messages}
    assert identity == f"<{rows(mailed)['mail']['key']}@127.0.0.1>"


def test_a_goodbye_that_goes_wrong_does_not_send_the_mail_twice(desk: Settings, mailbox: Box) -> None:
    mailed = replace(desk, webhook_url="", smtp_url=mailbox.address, mail_to="ana@news.example")
    mailbox.goodbye = "421 too busy"
    assert publish(mailed)["delivered"]["mail"] == "ok"


def test_a_mail_that_all_refuse_for_good_is_given_up_early(desk: Settings, mailbox: Box) -> None:
    mailed = replace(desk, webhook_url="", smtp_url=mailbox.address, mail_to="gone@news.example")
    at = NOW
    for wait in (timedelta(), *WAITS[:REFUSALS]):
        mailbox.refusals["gone@news.example"] = "550 no such user"
        at += wait
        publish(mailed, at=at)
    row = rows(mailed)["mail"]
    assert (row["state"], row["outcome"], row["tries"]) == ("failed", "SMTPRecipientsRefused", REFUSALS)


# --- what changes meanwhile ---------------------------------------------------------------------------------------


def test_a_terminal_that_lacks_a_channel_leaves_its_row_as_it_is_and_names_the_variable(
    desk: Settings, webhook: Hook
) -> None:
    webhook.answers = [503]
    publish(desk)
    before = rows(desk)["webhook"]
    terminal = replace(desk, webhook_url="")
    steps.deliver(terminal, now=NOW + timedelta(minutes=30), digest_id=1, anew=True)
    assert rows(desk)["webhook"] == before
    assert "WIREWATCH_WEBHOOK_URL is not set here" in steps.undelivered(terminal, digest_id=1)["webhook"]
    assert "not set" not in steps.undelivered(desk, digest_id=1)["webhook"]


def test_a_command_that_lacks_a_channel_leaves_it_to_the_run_that_has_it(desk: Settings, webhook: Hook) -> None:
    webhook.answers = [503]
    publish(desk)
    before = rows(desk)["webhook"]
    late = NOW + timedelta(days=30)
    assert steps.deliver(replace(desk, webhook_url=""), now=late, of_the_house=False)["tried"] == 0
    assert rows(desk)["webhook"] == before
    assert steps.deliver(desk, now=late)["delivered"] == 1


def test_a_receiver_that_stalls_ends_no_run(desk: Settings, webhook: Hook) -> None:
    """Each waiting try takes as long as the receiver does; a run stops between two of them."""
    told = replace(desk, desk_webhook_url=webhook.address, desk_slack_url=webhook.address)
    with database.connect(told) as connection:
        outbox.add(connection, 1, ["review-webhook", "review-slack"], NOW, {"subject": "s", "link": ""})
    webhook.before = lambda: time.sleep(0.5)
    assert steps.deliver(told, now=NOW, seconds=0.3)["tried"] == 1
    assert steps.deliver(told, now=NOW)["tried"] == 1, "what is left is sent by the next run"


def test_a_channel_set_later_gets_no_old_digest_and_one_removed_says_so(desk: Settings, webhook: Hook) -> None:
    webhook.answers = [503]
    publish(desk)
    off = replace(desk, webhook_url="", smtp_url="smtp://127.0.0.1:9", mail_to="ana@news.example")
    assert steps.deliver(off, now=NOW + timedelta(hours=1))["tried"] == 0
    found = rows(off)
    assert set(found) == {"files", "webhook"}
    assert (found["webhook"]["state"], found["webhook"]["tries"]) == ("switched off", 1)
    assert steps.undelivered(off, digest_id=1)["webhook"].startswith("not-configured, next try")
    assert steps.deliver(desk, now=NOW + timedelta(hours=3))["delivered"] == 1, "within a week it may come back"


def test_a_removed_channel_is_left_alone_after_a_week(desk: Settings, webhook: Hook) -> None:
    webhook.answers = [503]
    publish(desk)
    off = replace(desk, webhook_url="")
    steps.deliver(off, now=NOW + timedelta(days=8))
    assert rows(off)["webhook"]["state"] == "not needed"
    assert steps.deliver(desk, now=NOW + timedelta(days=9))["tried"] == 0


def test_a_version_that_another_replaced_is_sent_no_more(desk: Settings, webhook: Hook) -> None:
    webhook.answers = [503]
    publish(desk)
    second = drafted(desk)
    publish(desk, second)
    assert steps.deliver(desk, now=NOW + timedelta(hours=1))["delivered"] == 0
    assert [(body["digest_id"], body["version"]) for body in webhook.bodies] == [(1, 1), (second, 2)]
    with database.connect(desk) as connection:
        states = {row.channel: row.state for row in outbox.of_digest(connection, 1)}
    assert states == {"files": "delivered", "webhook": "not needed"}


def test_the_files_are_those_of_the_newest_version(desk: Settings) -> None:
    publish(desk)
    second = drafted(desk)
    steps.publish(desk, digest_id=second, review=Review(True, "ana", "Second edition"), now=NOW)
    with database.connect(desk) as connection:
        connection.execute("UPDATE deliveries SET outcome = 'waiting', next_try_at = at WHERE digest_id = 1")
    steps.deliver(desk, now=NOW)
    assert "Second edition" in (folder(desk, TOPIC) / f"{DAY}.md").read_text()


def test_a_feed_reader_sees_each_day_once_and_each_version_as_its_update(desk: Settings) -> None:
    def read() -> tuple[bytes, list[tuple[str, str]]]:
        body = (folder(desk, TOPIC) / "atom.xml").read_bytes()
        parsed = feedparser.parse(body)
        assert not parsed.bozo
        return body, [(entry.id, entry.updated) for entry in parsed.entries]

    publish(desk)
    first, [(identity, updated)] = read()
    for _ in range(2):
        with database.connect(desk) as connection:
            connection.execute("UPDATE deliveries SET outcome = 'waiting', next_try_at = at WHERE channel = 'files'")
        steps.deliver(desk, now=NOW + timedelta(days=1))
        assert read()[0] == first, "what is written again is no news"
    publish(desk, drafted(desk), at=NOW + timedelta(hours=1))
    _, [(same, later)] = read()
    assert same == identity
    assert datetime.fromisoformat(later) > datetime.fromisoformat(updated)


def test_a_try_set_by_a_clock_that_was_wrong_does_not_wait_for_years(desk: Settings, webhook: Hook) -> None:
    webhook.answers = [503]
    publish(desk, at=NOW + timedelta(days=4000))
    assert steps.deliver(desk, now=NOW)["delivered"] == 1


def test_a_review_notice_is_tried_again_for_as_long_as_the_draft_waits(desk: Settings) -> None:
    with hook() as chat:
        chat.answers = [503, 503]
        told = replace(desk, desk_webhook_url=chat.address)

        def tell() -> dict[str, str]:
            return steps.tell_of_review(told, digest_id=1, subject="19 June", link="https://a.example/b", now=NOW)

        assert tell() == {"webhook": "http-503"}
        steps.deliver(told, now=NOW + WAITS[0])
        publish(told)
        steps.deliver(told, now=NOW + timedelta(hours=1))
        assert len(chat.bodies) == 2, "nobody needs to review what is published"
        assert rows(told)["review-webhook"]["state"] == "not needed"


def test_what_our_own_code_gives_up_is_told_and_a_release_sends_it(
    desk: Settings, webhook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hook() as chat:
        told = replace(desk, desk_webhook_url=chat.address)

        def stumble(settings: Settings, url: str, *arguments: Any) -> str:
            if url == webhook.address:
                raise AttributeError("stumbled")
            return post(settings, url, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr("pipeline.steps.channels.web.post", stumble)
            at = NOW
            publish(told, at=at)
            for hours in (1, 2, 6, 24):
                at += timedelta(hours=hours)
                steps.deliver(told, now=at)
        row = rows(told)["webhook"]
        assert (row["state"], row["outcome"], row["tries"]) == ("failed", "internal", 5)
        assert len(chat.bodies) == 1
        assert steps.deliver(told, now=at + timedelta(days=1))["tried"] == 0
        with database.connect(told) as connection:
            assert faults.release(connection, items=["digest:1"]) == ["digest:1"]
        assert steps.deliver(told, now=at + timedelta(days=1))["delivered"] == 1


def test_the_decision_and_its_outbox_stand_or_fall_together(desk: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> None:
        raise AttributeError("stumbled")

    monkeypatch.setattr("pipeline.store.outbox.add", lost)
    with pytest.raises(Exception, match="still a draft"):
        publish(desk)
    assert rows(desk) == {}


def test_what_was_sent_before_there_was_an_outbox(embedded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.ensure_database("before_outbox")
    old = Settings(database_url=embedded.url("before_outbox"))
    with monkeypatch.context() as patch:
        known = schema.migrations()
        patch.setattr(schema, "migrations", lambda: known[: [name for _, name, _ in known].index("outbox")])
        database.migrate(old)
    with database.connect(old) as connection:
        connection.execute("INSERT INTO topics (slug, name, definition, digest_zone) VALUES ('t', 'T', '{}', 'UTC')")
        connection.execute(
            "INSERT INTO digests (id, topic, day, version, title, markdown, html, articles, outlets, as_of, drafted_at,"
            " state, published_at) OVERRIDING SYSTEM VALUE SELECT n, 't', DATE '2024-06-18' + n, 1, '', '', '', 0, 0,"
            " now(), now(), 'published', now() FROM generate_series(1, 2) AS n"
        )
        connection.execute(
            "INSERT INTO deliveries (digest_id, channel, at, outcome) VALUES (1, 'files', now(), 'ok'),"
            " (1, 'webhook', now(), 'http-503'), (1, 'mail', now() - interval '9 days', 'TimeoutError'),"
            " (1, 'review-mail', now(), 'TimeoutError')"
        )
    assert database.migrate(old)[0] == "0015_outbox"
    with database.connect(old) as connection:
        found = connection.execute("SELECT digest_id, channel, state, tries FROM outbox ORDER BY 1, 2").fetchall()
        keys = connection.execute("SELECT count(DISTINCT key) AS n FROM deliveries").fetchone()
    database.close_idle()
    assert [tuple(row.values()) for row in found] == [
        (1, "files", "delivered", 1),
        (1, "mail", "failed", 1),
        (1, "review-mail", "failed", 1),
        (1, "webhook", "waiting", 1),
        (2, "files", "waiting", 0),
    ], "what a killed process left without a row has its files written"
    assert keys == {"n": 5}
