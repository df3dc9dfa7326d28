"""### Maintenance

Daily: delete raw page bodies and request logs past their retention, rate the health of each feed, and check that the
stored stories agree with themselves. What it found stands in the task's result and in `psql`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import dag, task

from pipeline.orchestration.defaults import DEFAULT_ARGS
from pipeline.orchestration.notifier import run_failed


@dag(
    schedule="30 3 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    tags=["wirewatch", "upkeep"],
    doc_md=__doc__,
)
def maintenance() -> None:
    @task
    def maintain() -> dict[str, Any]:
        from pipeline import steps
        from pipeline.orchestration import connections

        return steps.maintain(connections.load(), now=datetime.now(UTC))

    maintain()


maintenance()
