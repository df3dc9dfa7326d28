"""What Airflow itself leaves behind and never deletes: its run history, its task logs, the logs of its processes."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.local.airflow_service import Service, airflow
from pipeline.local.processes import Group
from pipeline.settings import Settings

EVERY = timedelta(days=1)
#: Bytes of a process's log from which it is set aside: some weeks of the scheduler's.
LARGE = 20_000_000


def due(home: Path, now: datetime) -> bool:
    """Whether a day has passed since `tidy` ran in this folder; the first call begins the day."""
    stamp = _stamp(home)
    if not stamp.exists():
        stamp.touch()
    return now - datetime.fromtimestamp(stamp.stat().st_mtime, UTC) >= EVERY


def tidy(settings: Settings, service: Service, group: Group, now: datetime) -> None:
    """Delete runs and logs older than ``WIREWATCH_AIRFLOW_DAYS``, by Airflow's own command; the stories stay.

    Raises `InfrastructureError` where Airflow's command fails.
    """
    _stamp(settings.home).touch()
    oldest = now - timedelta(days=settings.airflow_days)
    clean = ["db", "clean", "--clean-before-timestamp", oldest.isoformat(), "--skip-archive", "--yes"]
    group.run("airflow-clean", airflow(*clean), service.environment)
    logs = settings.home / "logs"
    for path in (logs / service.home.name).rglob("*.log"):
        if path.stat().st_mtime < oldest.timestamp():
            path.unlink()
    for folder in sorted((logs / service.home.name).rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for path in logs.glob("*.log"):
        if path.stat().st_size > LARGE:
            set_aside(path)


def set_aside(path: Path) -> None:
    """Move a log's content to ``….log.1`` and go on empty; the process that writes it appends, and notices nothing."""
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    with path.open("r+b") as log:
        log.truncate(0)


def _stamp(home: Path) -> Path:
    return home / "tidied"
