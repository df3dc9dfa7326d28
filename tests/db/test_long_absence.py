"""A fortnight in which nobody reviews, while feeds die, return and move: what the desk is told, what waits, and how
several days are decided in one go. Every hour is passed in."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline import alerts, cli, database, edits, steps
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.store import digests as digest_store
from tests.support import deskrows
from tests.support.deskrows import TOPIC
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY
from tests.support.receivers import Box, Hook

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = date(2024, 6, 19)
DAYS = 14
DAG = "digest__putin_kim_summit"


@pytest.fixture
def told(desk: Settings, mailbox: Box, webhook: Hook) -> Settings:
    """A desk with stories, told by mail and webhook."""
    steps.place(desk, now=deskrows.now())
    return replace(desk, smtp_url=mailbox.address, desk_mail_to="desk@news.example", desk_webhook_url=webhook.address)


def run(settings: Settings, statement: str, **values: Any) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def subjects(mailbox: Box) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.messages]


def the_day(settings: Settings, number: int, at: datetime) -> None:
    """What Airflow does that morning: it drafts yesterday, asks, and gives up what nobody answered for three days."""
    drafted = steps.draft(settings, topic=TOPIC, day=FIRST + number * DAY, now=at)
    steps.ask(settings, digest_id=drafted["digest_id"], dag_id=DAG, run_id=f"day-{number}", now=at)
    steps.tell_of_review(settings, digest_id=drafted["digest_id"], subject=f"day {number}", link="", now=at)
    if number >= settings.review_days:
        late = f"day-{number - settings.review_days}"
        steps.end_ask(settings, dag_id=DAG, run_id=late, ended_as=edits.NOBODY_ANSWERED, now=at)
        steps.tell_of_run(settings, dag_id=DAG, run_id=late, reason="task_failure", now=at)


def feeds_live_and_die(settings: Settings, hour: int, at: datetime) -> None:
    """Twenty feeds answer every four hours. Feed 1 dies on the third day and returns on the ninth; feed 2 is withdrawn
    on the fifth, and feed 3 moved then: its old address is silent for good."""
    answered = json.dumps({"answered_304": at.isoformat()})
    run(
        settings,
        "UPDATE feeds SET poll_state = %(state)s, next_poll_at = %(next)s, last_polled_at = %(at)s,"
        " last_new_at = CASE WHEN id = 3 AND %(hour)s > 120 THEN last_new_at ELSE %(at)s END"
        " WHERE state = 'active'",
        state=answered,
        at=at,
        next=at + 4 * HOUR,
        hour=hour,
    )
    if hour == 72:
        dead = {"paused_since": at.isoformat(), "failing_since": (at - 2 * DAY).isoformat(), "reason": "http-404"}
        run(settings, "UPDATE feeds SET state = 'paused', state_reason = 'http-404', poll_state = %(s)s WHERE id = 1",
            s=json.dumps(dead))  # fmt: skip
    if hour == 120:
        run(settings, "UPDATE feeds SET state = 'retired', state_reason = 'http-410: gone' WHERE id = 2")
    if hour == 216:
        run(settings, "UPDATE feeds SET state = 'active', state_reason = NULL WHERE id = 1")


def fortnight(settings: Settings, starts: datetime) -> None:
    run(
        settings,
        "INSERT INTO feeds (outlet, url, added_at, last_new_at)"
        " SELECT 'Outlet ' || n, 'https://outlet' || n || '.test', %(at)s, %(at)s FROM generate_series(1, 20) n",
        at=starts - 30 * DAY,
    )
    for hour in range(0, DAYS * 24, 4):
        at = starts + hour * HOUR
        feeds_live_and_die(settings, hour, at)
        if hour % 24 == 0:
            the_day(settings, hour // 24, at)
        steps.alert(settings, now=at + HOUR / 2, by="deliver")
        steps.deliver(settings, now=at + HOUR / 2)


def test_a_fortnight_without_a_reviewer(told: Settings, mailbox: Box, webhook: Hook) -> None:
    starts = deskrows.START + DAY + 7 * HOUR
    fortnight(told, starts)
    end = starts + DAYS * DAY
    kinds = Counter(subject.split(":")[0] for subject in subjects(mailbox))
    assert kinds["To review"] == DAYS, "each draft is told once"
    lapses = [subject for subject in subjects(mailbox) if "lapse" in subject]
    # the first is about to lapse on the third day; from then on one message a day speaks for all of them
    assert lapses[0] == "Alert: 1 review is about to lapse"
    assert len(lapses) == DAYS - 2
    assert lapses[-1].startswith("Still: ")
    assert kinds["Failed"] == kinds["Still failing"] == 0, "a review that lapsed is told once, and not as a failure too"
    assert [subject for subject in subjects(mailbox) if "outlet1.test" in subject] == [
        "Alert: dead feed, Outlet 1: https://outlet1.test",
        *["Still: dead feed, Outlet 1: https://outlet1.test"] * 5,
        "Over: dead feed, Outlet 1: https://outlet1.test",
    ]
    assert [subject for subject in subjects(mailbox) if "outlet2.test" in subject] == [
        "Alert: dead feed, Outlet 2: https://outlet2.test"
    ], "what is gone for good is told once"
    silent = [subject for subject in subjects(mailbox) if "outlet3.test" in subject]
    assert silent[0] == "Alert: silent feed, Outlet 3: https://outlet3.test"
    assert len(mailbox.messages) <= 3 * DAYS + 10
    assert len(webhook.bodies) == len(mailbox.messages), "each way has each once"

    drafts = steps.waiting_drafts(told)
    assert [draft.day for draft in drafts] == [FIRST + n * DAY for n in range(DAYS)], "nothing is lost"
    assert [draft.asked for draft in drafts] == [False] * (DAYS - 3) + [True] * 3
    steps.alert(told, now=end, by="deliver")
    assert steps.lights(told, now=end).light == alerts.AMBER

    answers = {draft.digest_id: Review(True, "ana", revision=draft.revision) for draft in drafts}
    outcomes = steps.catch_up(told, answers=answers, now=end)
    assert [outcome["state"] for outcome in outcomes.values()] == ["published"] * DAYS
    assert list(outcomes) == [draft.digest_id for draft in drafts], "oldest day first"
    with database.connect(told) as connection:
        rows = [digest_store.digest(connection, draft.digest_id) for draft in drafts]
    for before, after in itertools.pairwise(rows):
        assert before is not None and after is not None
        since = after.digest().changes.since
        assert since is not None and since.day == before.day.isoformat(), "each is compared with the day before"
    steps.alert(told, now=end + HOUR, by="deliver")
    assert any(subject.startswith("Over: ") and "lapse" in subject for subject in subjects(mailbox))
    assert steps.waiting_drafts(told) == []


def test_an_answer_that_is_being_carried_out_is_no_lapse(told: Settings, mailbox: Box) -> None:
    at = deskrows.now()
    the_day(told, 0, at)
    ended: dict[str, Any] = {"dag_id": DAG, "run_id": "day-0", "now": at + HOUR}
    steps.end_ask(told, **ended, ended_as="answered")  # what `publish` does with it comes seconds later
    assert steps.alert(told, now=at + HOUR, by="watch", only=alerts.LAPSES)["raised"] == 0
    assert steps.alert(told, now=at + 2 * HOUR, by="watch", only=alerts.LAPSES)["raised"] == 1, "it never was"
    the_day(told, 1, at)
    run(told, "DELETE FROM review_asks WHERE run_id = 'day-0' RETURNING 1")
    ended["run_id"] = "day-1"
    steps.end_ask(told, **ended, ended_as=edits.NOBODY_ANSWERED)
    steps.alert(told, now=at + HOUR, by="watch", only=alerts.LAPSES)
    assert run(told, "SELECT text FROM alerts_now WHERE kind = 'review-lapses'") != [], "nobody answered: at once"


def three_drafts(settings: Settings) -> list[int]:
    at = deskrows.START + DAY + 7 * HOUR
    return [steps.draft(settings, topic=TOPIC, day=FIRST + n * DAY, now=at + n * DAY)["digest_id"] for n in range(3)]


def test_a_draft_that_somebody_else_changed_is_refused_and_the_others_are_not(told: Settings) -> None:
    first, second, third = three_drafts(told)
    shown = {draft.digest_id: draft.revision for draft in steps.waiting_drafts(told)}
    run(told, "UPDATE digests SET revision = revision + 1, edited_by = 'bo' WHERE id = %(id)s", id=second)
    answers = {number: Review(True, "ana", revision=shown[number]) for number in (third, second, first)}
    outcomes = steps.catch_up(told, answers=answers, now=deskrows.START + 9 * DAY)
    assert outcomes[first]["state"] == outcomes[third]["state"] == "published"
    assert "refused" in outcomes[second]
    assert [draft.digest_id for draft in steps.waiting_drafts(told)] == [second]


def test_the_command_lists_asks_and_approves_all(
    told: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = three_drafts(told)
    monkeypatch.setattr("pipeline.settings.load", lambda: told)
    listed = CliRunner().invoke(cli.app, ["digest", "review"])
    assert listed.exit_code == 0
    assert listed.output.count("digest ") >= 3
    assert "not under Required Actions any more" in listed.output
    as_json = CliRunner().invoke(cli.app, ["digest", "review", "--json"])
    assert [json.loads(line)["digest_id"] for line in as_json.output.splitlines()] == ids
    done = CliRunner().invoke(cli.app, ["digest", "review", "--all", "--as", "ana", "--note", "Back again"])
    assert done.exit_code == 0, done.output
    assert [line.rpartition(": ")[2] for line in done.output.splitlines()] == ["published"] * 3
    [row] = run(told, "SELECT DISTINCT reviewed_by, note FROM digests")
    assert row == {"reviewed_by": "ana", "note": "Back again"}
    assert "nothing waits" in CliRunner().invoke(cli.app, ["digest", "review"]).output


def at_a_terminal(settings: Settings, monkeypatch: pytest.MonkeyPatch, typed: str) -> Result:
    """`wirewatch digest review` of a person who types these lines, and then no more."""
    monkeypatch.setattr("pipeline.settings.load", lambda: settings)
    monkeypatch.setattr(
        "pipeline.commands.reviews.sys", type("Terminal", (), {"stdin": type("In", (), {"isatty": lambda: True})})
    )
    return CliRunner().invoke(cli.app, ["digest", "review", "--as", "ana"], input=typed)


def states(settings: Settings) -> list[tuple[str, str | None]]:
    return [(row["state"], row["note"]) for row in run(settings, "SELECT state, note FROM digests ORDER BY day, id")]


def test_a_person_at_the_terminal_is_asked_for_each(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    three_drafts(told)
    done = at_a_terminal(told, monkeypatch, "p\nx\nr\ntoo thin\ns\n")
    assert done.exit_code == 0, done.output
    assert states(told) == [("published", None), ("rejected", "too thin"), ("draft", None)]
    assert re.findall(r"digest \d+: (\w+)", done.output) == ["published", "rejected"], "each is said as it is done"


def test_who_breaks_off_has_lost_no_answer(told: Settings, monkeypatch: pytest.MonkeyPatch, mailbox: Box) -> None:
    desk = replace(told, mail_to="readers@news.example")
    three_drafts(desk)
    broken = at_a_terminal(desk, monkeypatch, "p\nr\n")  # the input ends where a reason is asked for
    assert broken.exit_code == 1
    assert states(desk) == [("published", None), ("draft", None), ("draft", None)]
    assert [message["To"] for message in mailbox.messages] == ["readers@news.example"], "what was published is sent"


def test_what_somebody_else_does_meanwhile_is_seen(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is answered after somebody edited it, the second is gone when its turn comes."""
    first, second, _third = three_drafts(told)
    ask = typer.prompt

    def meanwhile(text: str, **options: Any) -> Any:
        if [state for state, _ in states(told)] == ["draft"] * 3:
            run(told, "UPDATE digests SET revision = revision + 1, edited_by = 'bo' WHERE id = %(id)s", id=first)
            steps.decide(told, digest_id=second, review=Review(False, "bo", "thin"), now=deskrows.START + 9 * DAY)
        return ask(text, **options)

    monkeypatch.setattr("typer.prompt", meanwhile)
    done = at_a_terminal(told, monkeypatch, "p\np\n")
    assert done.exit_code == 1
    assert f"digest {first}: not taken: bo changed the draft" in done.output
    assert f"digest {second}: was decided meanwhile" in done.output
    assert states(told) == [("draft", None), ("rejected", "thin"), ("published", None)]


def test_an_edit_between_two_decisions_of_one_go_is_not_published_unread(told: Settings) -> None:
    ids = three_drafts(told)
    answers = {draft.digest_id: Review(True, "ana", revision=draft.revision) for draft in steps.waiting_drafts(told)}

    def edited(digest_id: int, _outcome: Any) -> None:
        if digest_id == ids[0]:
            run(told, "UPDATE digests SET revision = revision + 1, edited_by = 'bo' WHERE id = %(id)s", id=ids[2])

    outcomes = steps.catch_up(told, answers=answers, now=deskrows.START + 9 * DAY, said=edited)
    assert [("refused" in outcome) for outcome in outcomes.values()] == [False, False, True]
    assert [state for state, _ in states(told)] == ["published", "published", "draft"]


def test_a_day_that_is_published_late_leaves_what_it_does_not_change(told: Settings) -> None:
    """The third is compared with the second, whatever becomes of the first by then: it is not asked for anew."""
    first, second, third = three_drafts(told)
    at = deskrows.START + 9 * DAY
    steps.decide(told, digest_id=second, review=Review(True, "ana"), now=at)
    [compared] = run(told, "SELECT revision, edited_by FROM digests WHERE id = %(id)s", id=third)
    assert compared == {"revision": 2, "edited_by": "pipeline"}
    steps.decide(told, digest_id=first, review=Review(True, "ana"), now=at + HOUR)
    assert run(told, "SELECT revision, edited_by FROM digests WHERE id = %(id)s", id=third) == [compared]


def test_all_of_a_fortnight_is_killed_midway_and_goes_on(told: Settings, mailbox: Box) -> None:
    """SIGKILL after some days: the second call decides the others, and each mail goes out once, by day."""
    starts = deskrows.START + DAY + 7 * HOUR
    for number in range(DAYS):
        steps.draft(told, topic=TOPIC, day=FIRST + number * DAY, now=starts + number * DAY)
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=told.database_url, WIREWATCH_HOME=str(told.home),
        WIREWATCH_SMTP_URL=told.smtp_url, WIREWATCH_MAIL_TO="readers@news.example",
    )  # fmt: skip
    command = [sys.executable, "-m", "pipeline", "digest", "review", "--all", "--as", "ana"]
    with subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        before = [next(first.stdout) for _ in range(3)]
        first.kill()
        before += first.stdout.readlines()
    decided = [state for state, _ in states(told)].count("published")
    assert 3 <= decided < DAYS
    assert mailbox.messages == [], "nothing is sent before all are decided"
    again = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert len(again.stdout.splitlines()) == DAYS - decided
    assert [state for state, _ in states(told)] == ["published"] * DAYS
    steps.deliver(replace(told, mail_to="readers@news.example"), now=datetime.now(UTC))
    days = [str(message["Subject"])[-10:] for message in mailbox.messages]
    assert sorted(days) == [(FIRST + number * DAY).isoformat() for number in range(DAYS)], "each once"
    assert days[: DAYS - decided] == sorted(days[: DAYS - decided])
    assert days[DAYS - decided :] == sorted(days[DAYS - decided :])
    answered = run(told, "SELECT digest_id, count(*) AS n FROM review_answers GROUP BY 1")
    assert [row["n"] for row in answered] == [1] * DAYS
