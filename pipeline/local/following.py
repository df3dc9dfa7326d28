"""Runs of a DAG followed to their end, with the counts of the database beside the bar."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from pipeline import database, topics
from pipeline.errors import InfrastructureError
from pipeline.local.airflow_api import FINISHED, Airflow
from pipeline.local.show import Show
from pipeline.settings import Settings
from pipeline.store import progress

POLL_SECONDS = 2.0


def digest_dag(topic: topics.Topic) -> str:
    """The id of the DAG that drafts a topic's digests."""
    return f"digest__{topic.slug.replace('-', '_')}"


def _totals(connection: database.Connection) -> str:
    return ", ".join(f"{count} {name}" for name, count in progress.counts(connection).items())


def follow(
    settings: Settings,
    airflow: Airflow,
    dag_id: str,
    label: str,
    show: Show,
    *,
    of: str = "",
    takes: str = "",
    only: str = "",
    until: float = math.inf,
    counted: Callable[[database.Connection], str] = _totals,
) -> bool:
    """Wait until each run (or the one called `only`) ended or waits for a person; `of` is what a run is of,
    `takes` how long it will be, and `counted` what stands beside the bar.

    False where `until`, a moment of the monotonic clock, came first: the runs go on. Raises `InfrastructureError` where
    one failed.
    """
    with show.bar(label, of, takes) as report:
        while True:
            states = [state for run_id, state in airflow.states(dag_id).items() if only in ("", run_id)]
            done = sum(state in (*FINISHED, "review") for state in states)
            report(done, len(states), _asked(settings, show, counted))
            if states and done == len(states):
                break
            if time.monotonic() >= until:
                return False
            airflow.check()
            time.sleep(POLL_SECONDS)
    if "failed" in states:
        raise InfrastructureError(f"a run of {dag_id} failed; its log is under {settings.home / 'logs'}")
    return True


def _asked(settings: Settings, show: Show, counted: Callable[[database.Connection], str]) -> str:
    try:
        with database.connect(settings) as connection:
            return counted(connection)
    except InfrastructureError as error:  # Postgres was killed: `check` starts it again
        show.line(str(error))
        return ""
