"""A review in the real Airflow: what is asked, what is taken, what is refused, and what ends the wait elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pipeline import database, edits, steps
from pipeline.edits import Word
from pipeline.models import Review
from pipeline.steps import channels
from pipeline.store import digests, outbox, reviews
from pipeline.store.digests import StoredDigest
from tests.support import deskrows, real_airflow
from tests.support.real_airflow import RealAirflow

pytestmark = pytest.mark.timeout(600)


def row(real: RealAirflow, digest_id: int) -> StoredDigest:
    with database.connect(real.settings) as connection:
        found = digests.digest(connection, digest_id)
    assert found is not None
    return found


def now() -> datetime:
    return datetime.now(UTC)


def said(real: RealAirflow, digest_id: int) -> list[tuple[str, str, str]]:
    with database.connect(real.settings) as connection:
        return [(each.actor, each.wanted, each.outcome) for each in reviews.answers(connection, digest_id)]


def test_a_run_drafts_its_day_tells_the_desk_and_waits(
    real: RealAirflow, hook: tuple[str, list[dict[str, str]]]
) -> None:
    run_id = "test__day"
    asked = {"logical_date": "2024-06-18T22:00:00Z", "dag_run_id": run_id}
    real.call("POST", f"/dags/{real_airflow.DAG}/dagRuns", json=asked).raise_for_status()
    real.until(lambda: run_id in real.pending(), "nothing waits")
    shown = real.pending()[run_id]
    assert shown["options"] == ["Approve", "Reject"]
    assert shown["subject"].startswith("2024-06-18: ")
    with database.connect(real.settings) as connection:
        [drafted] = [each for each in digests.digests(connection) if str(each.day) == "2024-06-18"]
    assert drafted.markdown.rstrip() in shown["body"], "the stored draft was shown"
    [told] = [each for each in hook[1] if f"/runs/{run_id}/" in each["link"]]
    assert told["subject"] == f"To review: {shown['subject']}"
    assert told["link"].split("?")[0].endswith(f"/runs/{run_id}/tasks/review/required_actions")
    assert real.answer(run_id, "Reject", note="Checked by hand.").status_code == 200
    real.until(lambda: row(real, drafted.id).state == "rejected", "it was not rejected")
    assert (row(real, drafted.id).reviewed_by, row(real, drafted.id).note) == ("admin", "Checked by hand.")
    assert "Checked by hand." in row(real, drafted.id).markdown
    assert not list(channels.folder(real.settings, deskrows.TOPIC).glob("2024-06-18*")), "what is rejected is no page"


def test_stories_are_chosen_by_headline_and_an_answer_is_carried_out(real: RealAirflow) -> None:
    digest_id = real_airflow.draft(real.settings, "2024-07-01", "A treaty was signed", "A car was given")
    treaty, car = (item.story_id for item in row(real, digest_id).items)
    run_id = real.ask_for(digest_id)
    shown = real.pending()[run_id]
    assert shown["params"]["drop"]["schema"]["values_display"] == {
        str(treaty): "1. A treaty was signed",
        str(car): "2. A car was given",
    }
    assert f"{real.address}/wirewatch/digests/{digest_id}/review" in shown["body"]
    assert real.answer(run_id, "Approve", drop=[str(car)], note="One.\nTwo.").status_code == 200
    real.until(lambda: row(real, digest_id).state == "published", "it was not published")
    real.until(lambda: real.run(run_id)["state"] == "success", "the run did not end")
    assert real.states(run_id) == {
        "draft": "success",
        "review": "success",
        "publish": "success",
        "ask_again": "skipped",
    }
    published = row(real, digest_id)
    assert [item.story_id for item in published.items] == [treaty]
    assert (published.reviewed_by, published.note) == ("admin", "One.\nTwo.")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"drop": ["fifty"]}, "'fifty' is no story number"),
        ({"drop": ["999999"]}, "story 999999 is not in digest"),
        ({"drop": "5"}, "the stories to leave out are a list"),
        ({"note": "x" * 2001}, "the note has 2001 characters"),
    ],
)
def test_a_wrong_answer_is_refused_with_the_reason_and_the_review_stays_open(
    real: RealAirflow, waiting: tuple[int, str], fields: dict[str, Any], why: str
) -> None:
    digest_id, run_id = waiting
    refused = real.answer(run_id, "Approve", **fields)
    assert refused.status_code == 409
    assert why in refused.json()["detail"]
    assert run_id in real.pending()
    assert row(real, digest_id).state == "draft"
    assert said(real, digest_id)[-1] == ("admin", "publish", "refused")


@pytest.fixture(scope="module")
def waiting(real: RealAirflow) -> tuple[int, str]:
    digest_id = real_airflow.draft(real.settings, "2024-07-02", "A treaty was signed")
    return digest_id, real.ask_for(digest_id)


def test_a_story_of_another_day_is_refused(real: RealAirflow, waiting: tuple[int, str]) -> None:
    other = real_airflow.draft(real.settings, "2024-07-03", "Another day")
    [stranger] = row(real, other).items
    refused = real.answer(waiting[1], "Approve", drop=[str(stranger.story_id)])
    assert refused.status_code == 409
    assert f"but in digest {other} of 2024-07-03" in refused.json()["detail"]


def test_who_may_not_answer_learns_nothing(real: RealAirflow, waiting: tuple[int, str]) -> None:
    path = f"/api/v2/dags/{real_airflow.DAG}/dagRuns/{waiting[1]}/taskInstances/review/-1/hitlDetails"
    answer = {"chosen_options": ["Approve"], "params_input": {"note": "", "drop": ["fifty"]}}
    assert httpx.patch(f"{real.address}{path}", json=answer).status_code == 401


def test_a_decision_in_the_terminal_ends_the_wait_and_is_sent_once(real: RealAirflow) -> None:
    digest_id = real_airflow.draft(real.settings, "2024-07-04", "A treaty was signed")
    run_id = real.ask_for(digest_id)
    steps.publish(real.settings, digest_id=digest_id, review=Review(True, "bo"), now=now())
    late = real.answer(run_id, "Reject")
    assert late.status_code == 409
    assert "was published by bo" in late.json()["detail"]
    real.until(lambda: real.run(run_id)["state"] == "success", "the run did not end")
    assert run_id not in real.pending()
    assert real.states(run_id)["publish"] == "success"
    assert (row(real, digest_id).state, row(real, digest_id).reviewed_by) == ("published", "bo")
    with database.connect(real.settings) as connection:
        sent = {each.channel: each.tries for each in outbox.of_digest(connection, digest_id)}
        assert sent == {"files": 1, "review-webhook": 1}
        [ask] = reviews.asks(connection, digest_id)
    assert ask.ended_as == "published by bo"
    assert said(real, digest_id) == [("bo", "publish", "taken"), ("admin", "reject", "refused")]


def test_a_newer_draft_takes_the_older_action_away_and_is_asked_for_itself(real: RealAirflow) -> None:
    first = real_airflow.draft(real.settings, "2024-07-05", "A treaty was signed")
    run_id = real.ask_for(first)
    second = real_airflow.draft(real.settings, "2024-07-05", "A treaty was signed", "A car was given")
    stale = real.answer(run_id, "Approve")
    assert stale.status_code == 409
    assert f"version 2 (digest {second}) replaced it and waits for review" in stale.json()["detail"]
    real.until(lambda: real.run(run_id)["state"] == "success", "the older run did not end")
    assert run_id not in real.pending()
    newer = f"asked_again__digest_{second}__1"
    real.until(lambda: newer in real.pending(), "the newer draft was not asked for")
    shown = real.pending()[newer]
    assert "A car was given" in shown["body"]
    assert "Version 1 was replaced by a newer draft" in shown["body"].splitlines()[0]
    assert "Version 1 was replaced" in real.run(newer)["note"]
    assert shown["subject"].endswith("(version 2)")
    assert real.answer(newer, "Approve").status_code == 200
    real.until(lambda: row(real, second).state == "published", "it was not published")
    assert row(real, first).state == "superseded"


def asked_now(real: RealAirflow, digest_id: int) -> str:
    """The run whose pending action shows the draft as it is by now; empty while none does."""
    with database.connect(real.settings) as connection:
        asks = reviews.asks(connection, digest_id)
    revision, pending = row(real, digest_id).revision, real.pending()
    return next((each.run_id for each in asks if each.revision == revision and each.run_id in pending), "")


def test_who_answers_day_after_day_in_the_form_is_never_stuck(
    real: RealAirflow, hook: tuple[str, list[dict[str, str]]]
) -> None:
    """An earlier day that is published changes what the later drafts call new: each is asked for anew."""
    days = ("2024-07-11", "2024-07-12", "2024-07-13")
    ids = [real_airflow.draft(real.settings, day, "A treaty was signed", f"News of {day}") for day in days]
    shown = [real.ask_for(digest_id) for digest_id in ids]
    assert real.answer(shown[0], "Approve").status_code == 200
    real.until(lambda: row(real, ids[0]).state == "published", "the first day was not published")
    late = real.answer(shown[1], "Approve")
    assert late.status_code == 409
    assert "an earlier day was published at" in late.json()["detail"]
    assert re.search(r"asks for it anew|It is asked for at", late.json()["detail"])
    assert f"{real.address}/wirewatch/digests/{ids[1]}/review" in late.json()["detail"]
    for before, day, digest_id, first in zip(days, days[1:], ids[1:], shown[1:], strict=False):
        anew = real.until(lambda: asked_now(real, digest_id), f"{day} was not asked for anew")  # noqa: B023
        assert first not in real.pending()
        action = real.pending()[anew]
        assert (
            "Asked again.** The draft is another by now: an earlier day was published" in action["body"].splitlines()[0]
        )
        assert before in action["body"], "it says what is new since the day before"
        assert "an earlier day was published" in real.run(anew)["note"]
        assert real.answer(anew, "Approve").status_code == 200
        real.until(lambda: row(real, digest_id).state == "published", f"{day} was not published")  # noqa: B023
    gone = real.answer(shown[2], "Approve")
    assert gone.status_code == 409
    assert "was published by admin" in gone.json()["detail"]
    with database.connect(real.settings) as connection:
        ends = [ask.ended_as or "" for digest_id in ids for ask in reviews.asks(connection, digest_id)]
    assert len(ends) == 1 + 2 + 3, "each day once, and once more after each day before it"
    assert sorted(end.partition(":")[0] for end in ends) == ["answered"] * 3 + ["asked again"] * 3
    told = [body["subject"] for body in hook[1] if any(day in body["subject"] for day in days)]
    assert len(told) == len(set(told)) == 3, "the desk hears of each once"


def test_a_draft_that_somebody_edited_is_asked_for_anew_once_it_is_quiet(real: RealAirflow) -> None:
    digest_id = real_airflow.draft(real.settings, "2024-07-06", "A treaty was signed", "A car was given")
    run_id = real.ask_for(digest_id)
    word = Word(row(real, digest_id).items[0].story_id, row(real, digest_id).day, "bo", now(), headline="Signed")
    steps.edit(real.settings, digest_id=digest_id, words=[word], revision=1, editor="bo", now=now())
    refused = real.answer(run_id, "Approve")
    assert refused.status_code == 409
    assert "bo changed the draft at" in refused.json()["detail"]
    assert "Within a minute or two Required Actions asks for it anew" in refused.json()["detail"]
    with database.connect(real.settings) as connection:
        connection.execute("UPDATE digests SET edited_at = edited_at - interval '1 minute' WHERE id = %s", (digest_id,))
    anew = real.until(lambda: asked_now(real, digest_id), "it was not asked for anew")
    assert "bo changed the draft at" in real.pending()[anew]["body"].splitlines()[0]
    refused = real.answer(run_id, "Approve")
    assert f"It is asked for at {real.address}/dags/{real_airflow.DAG}/runs/{anew}/" in refused.json()["detail"]


def test_an_action_that_has_lapsed_takes_no_answer_in_silence(real: RealAirflow) -> None:
    """Airflow itself takes one, answers 200, and nobody reads it."""
    digest_id = real_airflow.draft(real.settings, "2024-07-08", "A treaty was signed")
    run_id = real.ask_for(digest_id)
    failed = {"new_state": "failed"}
    real.call(
        "PATCH", f"/dags/{real_airflow.DAG}/dagRuns/{run_id}/taskInstances/review", json=failed
    ).raise_for_status()
    steps.end_ask(real.settings, dag_id=real_airflow.DAG, run_id=run_id, ended_as=edits.NOBODY_ANSWERED, now=now())
    lapsed = real.answer(run_id, "Approve")
    assert lapsed.status_code == 409
    assert "this action has ended at" in lapsed.json()["detail"]
    assert "nobody answered" in lapsed.json()["detail"]
    assert f"It is decided at {real.address}/wirewatch/digests/{digest_id}/review." in lapsed.json()["detail"]
    assert row(real, digest_id).state == "draft"


def test_a_review_that_is_cleared_shows_the_text_of_now(real: RealAirflow) -> None:
    digest_id = real_airflow.draft(real.settings, "2024-07-07", "A treaty was signed")
    run_id = real.ask_for(digest_id)
    story = row(real, digest_id).items[0].story_id
    with database.connect(real.settings) as connection:
        reviews.say(connection, deskrows.TOPIC, [Word(story, row(real, digest_id).day, "ana", now())])
        connection.execute("UPDATE digests SET markdown = '# Told anew', revision = 2 WHERE id = %s", (digest_id,))
    cleared = {"dry_run": False, "task_ids": ["review"], "dag_run_id": run_id, "only_failed": False}
    real.call("POST", f"/dags/{real_airflow.DAG}/clearTaskInstances", json=cleared).raise_for_status()
    newer = f"asked_again__digest_{digest_id}__2"
    real.until(lambda: newer in real.pending(), "it was not asked again")
    assert "# Told anew" in real.pending()[newer]["body"]
    assert run_id not in real.pending()
