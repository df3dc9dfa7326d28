"""What Airflow's api-server says of the parts of Airflow, which it knows by their heartbeats.

The address is one of the house's own, named by the settings, as that of a webhook is.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from pipeline.alerts import Parts
from pipeline.settings import Settings

PATH = "/api/v2/monitor/health"
TRIES, PAUSE = 3, 5.0
"""Tries, and seconds between two: an api-server that is started again answers within some."""
SECONDS = 10.0
_NAMES = {"scheduler": "scheduler", "dag_processor": "dag-processor", "triggerer": "triggerer"}


def address(settings: Settings) -> str:
    """Where the api-server is asked."""
    return settings.airflow_url.rstrip("/") or f"http://127.0.0.1:{settings.port}"


def heard(settings: Settings, now: datetime, *, tries: int = TRIES, pause: float = PAUSE) -> Parts:
    """The last heartbeat of each part; none at all where the api-server, or Airflow's own database, is away."""
    said = ""
    for number in range(tries):
        if number:
            time.sleep(pause)
        try:
            answer = httpx.get(address(settings) + PATH, timeout=SECONDS, trust_env=False, follow_redirects=False)
            if answer.is_success:
                return _parts(answer.json(), now)
            said = f"It answers {answer.status_code} at {address(settings)}"
        except httpx.TimeoutException:
            said = f"It does not answer within {SECONDS:.0f} s at {address(settings)}"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            said = f"It cannot be reached at {address(settings)} ({error or type(error).__name__})"
    return Parts(None, said=said)


def _parts(state: Mapping[str, Any], now: datetime) -> Parts:
    if (state.get("metadatabase") or {}).get("status") != "healthy":
        return Parts(None, said="It answers, and cannot reach Airflow's own database")
    beats: dict[str, datetime | None] = {}
    for name, shown in _NAMES.items():
        part = state.get(name) or {}
        beat = part.get(f"latest_{name}_heartbeat")
        # what it calls healthy by its own clock is so, whatever this one says
        beats[shown] = now if part.get("status") == "healthy" else datetime.fromisoformat(beat) if beat else None
    return Parts(beats)
