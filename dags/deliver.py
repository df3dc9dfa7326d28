"""### Deliver

Every 5 minutes: work off the outbox. Where a digest was to go and has not arrived (files, webhook, mail), and what the
desk was to be told, is tried again after growing waits: 1, 5, 15 minutes, 1, 4, 12, 24 hours.

*Reads and writes* the table `deliveries`; the view `outbox` and the digest's page show the same. A receiver that cannot
be reached never reddens a run: its row says so, and the desk is told once when a channel is given up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import dag, task

from pipeline.orchestration.defaults import DEFAULT_ARGS
from pipeline.orchestration.notifier import run_failed


@dag(
    schedule="*/5 * * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    tags=["wirewatch", "digest", "upkeep"],
    doc_md=__doc__,
)
def deliver() -> None:
    @task(task_id="deliver", execution_timeout=timedelta(minutes=30))
    def due() -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.deliver(settings.load(), now=datetime.now(UTC))

    due()


deliver()
