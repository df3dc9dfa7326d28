"""### Deliver

Every 5 minutes: look what the desk is to be alerted of, and work off the outbox. Where a digest was to go and has not
arrived (files, webhook, Slack, mail), and what the desk was to be told, is tried again after growing waits: 1, 5, 15
minutes, 1, 4, 12, 24 hours.

Alerts are raised where a story passes many independent outlets, and where something ails: collection, feeds, disks,
queues, parts of Airflow, reviews, rows. What goes on to hold is told again once a day, and its end is told.

*Reads and writes* the tables `deliveries` and `alerts`; the view `outbox` and the digest's page show the same. A
receiver that cannot be reached never reddens a run: its row says so, and the desk is told once when a channel is given
up.
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
    @task(execution_timeout=timedelta(minutes=5))
    def alert() -> dict[str, Any]:
        from pipeline.orchestration import alarms

        return alarms.look(datetime.now(UTC))

    @task(task_id="deliver", execution_timeout=timedelta(minutes=30))
    def due() -> dict[str, Any]:
        from pipeline import steps
        from pipeline.orchestration import connections

        # a receiver that stalls takes 45 seconds a try; what is left in time is sent by the next run
        return steps.deliver(connections.load(), now=datetime.now(UTC), seconds=20 * 60)

    # side by side: neither waits for the other, and a run turns red by either
    alert()
    due()


deliver()
