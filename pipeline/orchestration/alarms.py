"""The look for alerts that the DAG `deliver` takes every five minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from airflow.configuration import conf

from pipeline.orchestration import connections
from pipeline.web import celery_workers, heartbeats


def look(now: datetime) -> dict[str, Any]:
    """Ask after Airflow's parts and its workers, look for every alert, and tell the desk; counts as `steps.alert`."""
    from pipeline import steps

    loaded = connections.load()
    if not loaded.airflow_url:
        # where a worker on another host reaches the api-server, too: tasks speak with it all the time
        address = conf.get("core", "execution_api_server_url", fallback="") or ""
        loaded = replace(loaded, airflow_url=address.partition("/execution")[0])
    if not loaded.celery_url and "CeleryExecutor" in (conf.get("core", "executor", fallback="") or ""):
        loaded = replace(loaded, celery_url=conf.get("celery", "broker_url", fallback="") or "")
    parts = celery_workers.with_workers(loaded, heartbeats.heard(loaded, now))
    return steps.alert(loaded, now=now, by="deliver", parts=parts)
