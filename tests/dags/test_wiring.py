"""What each DAG promises in the UI, when it runs, and what a failing task does."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from pipeline import topics
from pipeline.errors import BrokenStepError, ConfigurationError, InfrastructureError, ItemError
from pipeline.models import Review
from pipeline.settings import Settings
from tests.support.project import REPOSITORY

DIGEST = "digest__putin_kim_summit"


def test_there_is_one_digest_dag_a_topic_file(dags: dict[str, Any]) -> None:
    wanted = {f"digest__{topic.slug.replace('-', '_')}" for topic in topics.load_all(Settings())}
    assert set(dags) == {"collect", "backfill", "deliver", "maintenance"} | wanted


@pytest.mark.parametrize("name", ["collect", "backfill", "deliver", "digest", "maintenance"])
def test_a_dag_file_loads_no_reader_and_no_model(airflow: str, name: str) -> None:
    """Each task reads its file again: what only the steps need is imported by them."""
    read = f"import runpy, sys; runpy.run_path({str(REPOSITORY / 'dags' / f'{name}.py')!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    loaded = {module.split(".")[0] for module in done.stdout.splitlines()[-1].split()}
    assert "airflow" in loaded
    assert loaded & {"torch", "sentence_transformers", "transformers", "trafilatura", "feedparser", "scipy"} == set()


@pytest.mark.parametrize("dag_id", ["collect", "backfill", "deliver", "maintenance", DIGEST])
def test_each_dag_is_documented_owned_and_bounded(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert dag.doc_md.startswith("### ")
    assert {"wirewatch"} < dag.tags
    assert dag.owner == "wirewatch"
    assert not dag.catchup
    assert dag.dagrun_timeout is not None
    # a run of a digest waits for its reviewer, and is asked anew by a run of its own
    assert dag.max_active_runs <= (20 if dag_id == DIGEST else 5)
    assert dag.on_failure_callback is not None
    for task in dag.tasks:
        if task.task_id != "review":
            assert task.execution_timeout is not None
            assert task.retries > 0
            assert task.retry_policy is not None


def test_the_order_of_the_steps(dags: dict[str, Any]) -> None:
    def path(dag_id: str) -> list[str]:
        return [task.task_id for task in dags[dag_id].topological_sort()]

    assert path("collect") == ["due", "poll", "match", "share", "extract", "copies", "embed", "place", "reassign"]
    assert path(DIGEST)[:2] == ["draft", "review"]
    assert set(path(DIGEST)[2:]) == {"publish", "ask_again"}


def runs(dag: Any, start: datetime, end: datetime) -> list[Any]:
    """The intervals a backfill of [start, end] would run, after a round trip through the stored form."""
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    return [info.data_interval for info in stored.iter_dagrun_infos_between(start, end)]


def test_a_digest_run_is_about_the_day_that_ended_in_the_topics_zone(dags: dict[str, Any]) -> None:
    from pipeline.orchestration.timetables import calendar_day

    topic = topics.find(Settings(), "putin-kim-summit")
    first, _ = topic.day_bounds(datetime(2024, 6, 18).date())
    _, last = topic.day_bounds(datetime(2024, 6, 20).date())
    found = runs(dags[DIGEST], first, last - timedelta(seconds=1))
    assert [calendar_day(interval.start, topic.timezone) for interval in found] == [
        "2024-06-18",
        "2024-06-19",
        "2024-06-20",
    ]
    for interval in found:
        day_start, day_end = topic.day_bounds(
            datetime.fromisoformat(calendar_day(interval.start, topic.timezone)).date()
        )
        assert interval.start - day_start == timedelta(hours=topic.digest_hour)
        assert interval.end >= day_end, "the draft is made when the day is over"


def test_the_backfill_runs_utc_days_and_only_when_asked(dags: dict[str, Any]) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    found = runs(dags["backfill"], datetime(2024, 6, 17, tzinfo=UTC), datetime(2024, 6, 20, 23, 57, tzinfo=UTC))
    assert [interval.start.isoformat() for interval in found] == [
        f"2024-06-{day}T00:00:00+00:00" for day in (17, 18, 19, 20)
    ]
    stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dags["backfill"]))
    assert stored.next_dagrun_info(last_automated_run_info=None) is None


def test_a_review_waits_without_a_deadline_of_its_process(dags: dict[str, Any]) -> None:
    review = dags[DIGEST].get_task("review")
    assert review.response_timeout == timedelta(days=Settings().review_days)
    assert review.execution_timeout is None
    assert review.retries == 2, "for the scheduler's own faults"
    with pytest.raises(AirflowFailException, match="nobody"):
        review.process_trigger_event_error({"error": "nobody answered", "error_type": "timeout"})
    assert review.options == ["Approve", "Reject"]
    assert review.defaults is None, "silence publishes nothing"


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (ConfigurationError("no such topic"), "fail"),
        (ItemError("not-a-feed"), "fail"),
        (BrokenStepError("match: 6 of 10 items ended internal"), "fail"),
        (InfrastructureError("Postgres went away"), "retry"),
        (RuntimeError("something else"), "default"),
    ],
)
def test_only_the_worlds_failures_are_tried_again(dags: dict[str, Any], error: Exception, action: str) -> None:
    from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy

    policy = ExceptionRetryPolicy.deserialize(dags["collect"].get_task("extract").retry_policy.serialize())
    assert policy.evaluate(error, 1, 3).action.value == action


@pytest.mark.parametrize(
    ("response", "expected", "wrong"),
    [
        (
            {"chosen_options": ["Approve"], "params_input": {"note": "Good.", "drop": ["4", 7]},
             "responded_by_user": {"id": "1", "name": "mina"}},
            Review(True, "mina", "Good.", (4, 7), "airflow", 3), "",
        ),
        (
            {"chosen_options": ["Reject"], "params_input": {"note": None, "drop": None}, "responded_by_user": None},
            Review(False, "unknown", via="airflow", revision=3), "",
        ),
        (
            {"chosen_options": ["Approve"], "params_input": {}, "responded_by_user": {"id": "7", "name": ""}},
            Review(True, "7", via="airflow", revision=3), "",
        ),
        (
            {"chosen_options": ["Approve"], "params_input": {"note": "x", "drop": ["fifty"]}},
            Review(True, "unknown", "x", via="airflow", revision=3), "'fifty' is no story number",
        ),
        (
            {"chosen_options": ["Approve"], "params_input": {"drop": "50"}},
            Review(True, "unknown", via="airflow", revision=3), "the stories to leave out are a list, not '50'",
        ),
        (
            {"chosen_options": ["Approve"], "params_input": {"note": 5}},
            Review(True, "unknown", via="airflow", revision=3), "the note is a text, not 5",
        ),
        (
            {"chosen_options": ["Approve"], "params_input": {"drops": ["50"]}},
            Review(True, "unknown", via="airflow", revision=3), "the form has no field 'drops'",
        ),
        (
            {"chosen_options": ["Approve", "Reject"], "params_input": {}},
            Review(False, "unknown", via="airflow", revision=3),
            "the answer is Approve or Reject, not ['Approve', 'Reject']",
        ),
    ],
)  # fmt: skip
def test_what_a_reviewer_answered(response: dict[str, Any], expected: Review, wrong: str) -> None:
    from pipeline.orchestration.review import answer

    assert answer(response, 3) == (expected, wrong)


def test_the_form_offers_the_headlines_and_takes_several_lines() -> None:
    from pipeline.orchestration.asking import form

    fields = {name: param.serialize() for name, param in form({12: "1. A treaty", 7: "2. A car"}).items()}
    assert fields["drop"]["schema"]["examples"] == ["12", "7"]
    assert fields["drop"]["schema"]["values_display"] == {"12": "1. A treaty", "7": "2. A car"}
    assert fields["drop"]["value"] == []
    assert fields["note"]["schema"]["format"] == "multiline"


def test_a_failed_run_is_told_with_its_address(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "pipeline.steps.tell_of_run", lambda settings, **what: told.append(what | {"at": settings.public_url})
    )
    dag = dags["collect"]
    dag.on_failure_callback({"dag": dag, "run_id": "scheduled__1", "reason": "task_failure"})
    assert (told[0]["dag_id"], told[0]["run_id"]) == ("collect", "scheduled__1")
    assert told[0]["reason"] == "task_failure"
    assert told[0]["at"].startswith("http"), "the message leads to the run"
