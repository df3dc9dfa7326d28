"""A review in the real Airflow: what is asked, what is taken, what is refused, and what ends the wait elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pipeline import database, steps
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


def test_a_draft_that_was_edited_is_not_approved_unread(real: RealAirflow) -> None:
    """Also where the answer gets past the check at the door: Airflow took it before the edit was there."""
    digest_id = real_airflow.draft(real.settings, "2024-07-06", "A treaty was signed")
    run_id = real.ask_for(digest_id)
    with database.connect(real.settings) as connection:
        connection.execute("UPDATE review_asks SET revision = 0 WHERE run_id = %s", (run_id,))
    refused = real.answer(run_id, "Approve")
    assert refused.status_code == 409
    assert "changed the draft" in refused.json()["detail"]


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
