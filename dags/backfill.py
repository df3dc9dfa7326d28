"""### Backfill

One past day (UTC) per run: every capture of every feed in a web archive, then the pages as they were, through the same
steps as live. Start it from *Trigger -> Backfill* or with

    airflow backfill create --dag-id backfill --from-date 2024-06-17 --to-date 2024-06-20 --max-active-runs 1

It needs `WIREWATCH_ARCHIVE_URL`, the TimeGate of a web archive (RFC 7089). One day runs at a time and in order: an
article joins the stories that were there before it. A day that ran once changes nothing when it runs again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import dag, task

from pipeline.orchestration.assets import STORIES
from pipeline.orchestration.defaults import DEFAULT_ARGS
from pipeline.orchestration.notifier import run_failed
from pipeline.orchestration.timetables import BackfillOnly

# How long a day waits for a backfill that somebody started at a terminal; then it is tried again like any failed task.
PATIENCE = timedelta(hours=1)


@dag(
    schedule=BackfillOnly(),
    start_date=datetime(1996, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    tags=["wirewatch", "archive", "stories"],
    doc_md=__doc__,
)
def backfill() -> None:
    @task(task_id="backfill", outlets=[STORIES], execution_timeout=timedelta(hours=6))
    def one_day(data_interval_start: datetime, data_interval_end: datetime) -> dict[str, Any]:
        from pipeline import settings, steps
        from pipeline.orchestration.timetables import plain

        return steps.backfill(
            settings.load(),
            start=plain(data_interval_start),
            end=plain(data_interval_end),
            now=datetime.now(UTC),
            patience=PATIENCE.total_seconds(),
        )

    one_day()  # type: ignore[call-arg, misc]  # Airflow fills in the interval


backfill()
