"""Days: which one a run is about, and a timetable for work that only a backfill asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.timetables.base import DagRunInfo
from airflow.timetables.interval import CronDataIntervalTimetable


def calendar_day(interval_start: datetime, timezone: str) -> str:
    """ISO date on which a run's data interval begins in `timezone`: the day that the run is about."""
    return interval_start.astimezone(ZoneInfo(timezone)).date().isoformat()


def plain(moment: datetime) -> datetime:
    """Airflow's own kind of datetime as the standard library's, in UTC: their differences behave differently."""
    return datetime.fromtimestamp(moment.timestamp(), UTC)


class BackfillOnly(CronDataIntervalTimetable):
    """UTC calendar days that Airflow's backfill can ask for and the scheduler never starts by itself.

    A DAG without any schedule cannot be backfilled, and one with an ordinary schedule would also run today.
    """

    description = "on request, through a backfill"

    def __init__(self, cron: str = "0 0 * * *", timezone: str = "UTC") -> None:
        super().__init__(cron, timezone=timezone)

    def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> DagRunInfo | None:
        """The next day of a backfill, which alone asks with ``catchup``; None for the scheduler."""
        if not restriction.catchup:
            return None
        return super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )
