"""The panel at the end of a start: how all is, where to look, how to log in, what waits, and what is invented."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pipeline import database
from pipeline.local import state
from pipeline.local.airflow_api import Airflow
from pipeline.local.airflow_service import USER, Service
from pipeline.settings import Settings
from pipeline.store import digests


def rows(settings: Settings, service: Service, airflow: Airflow, *, live: bool) -> Mapping[str, str]:
    """Name -> what the panel says of it, in order. No password is among it: the screen may be seen, or logged."""
    address = settings.public_url or f"http://localhost:{settings.port}"
    program = _program()
    found = {} if live else {"Coverage": "a recording of 2024; its outlets and reporters are invented"}
    found |= {
        "State": state.words(settings, datetime.now(UTC)),
        "Open": address,
        "Log in": f"{USER}, with the password that {shlex.join(['cat', str(service.password_file)])} shows",
    }
    reviews = airflow.reviews()
    found["To review"] = "\n".join(review.subject for review in reviews) or "nothing waits yet"
    if reviews:
        found["Review at"] = f"{address}, under Browse -> Required Actions"
    fullest = _fullest(settings)
    if fullest is not None:
        found["Read one"] = f"{address}/wirewatch/digests/{fullest}\n{program} digest show {fullest}"
    return found | {
        "Published": f"{settings.home / 'published' / 'index.html'} (there once you approve a digest)",
        "Query": f"{program} db shell",
        "Logs": str(settings.home / "logs"),
        "Stop": "Ctrl-C",
    }


def _fullest(settings: Settings) -> int | None:
    """The digest to look at first: of those that wait, else of all, the one with the most articles."""
    with database.connect(settings) as connection:
        known = digests.digests(connection)
    waiting = [row for row in known if row.state == "draft"]
    return max(waiting or known, key=lambda row: (row.articles, row.id)).id if known else None


def _program() -> str:
    """How this program is called from the folder that it was started in."""
    script = Path(sys.executable).parent / "wirewatch"
    if not script.exists() or " " in str(script):  # its first line cannot name an interpreter at a path with a space
        return shlex.join([sys.executable, "-m", "pipeline"])
    with contextlib.suppress(ValueError):
        script = script.relative_to(Path.cwd())
    return str(script)
