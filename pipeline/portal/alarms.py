"""How the house is: its alarms as a page, a word for monitors, what Airflow's own panel shows, and metrics."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from pipeline.portal.access import READER
from pipeline.portal.rendering import page


def add_to(app: FastAPI) -> None:
    """Add the page and the addresses; strangers may ask for the light, and with the token for metrics."""
    app.get("/alarms", response_class=HTMLResponse, dependencies=[READER])(list_alarms)
    app.get("/alarms.json", dependencies=[READER])(tell_panel)
    app.get("/health")(tell_health)
    app.get("/metrics")(tell_metrics)


def list_alarms() -> HTMLResponse:
    """The alarms that stand, the worst first, and when somebody looked last."""
    from pipeline import alerts, settings, steps

    now = datetime.now(UTC)
    house = steps.lights(settings.load(), now=now)
    lit = [(alerts.light_of(row.kind, row.raised_at, now), row) for row in house.alarms]
    return page("alarms.html", section="alarms", house=house, alarms=lit)


def tell_panel() -> JSONResponse:
    """What the panel on Airflow's home page shows."""
    from pipeline import settings, steps

    house = steps.lights(settings.load(), now=datetime.now(UTC))
    alarms = [{name: asdict(row)[name] for name in ("kind", "title", "path")} for row in house.alarms]
    return JSONResponse({"status": house.light, "says": house.says, "alarms": alarms})


def tell_health() -> JSONResponse:
    """The light and how many alarms of each kind stand, for whoever asks; 503 on red, so that any monitor rings.

    It names no feed and no host, as strangers may ask: no more than that Airflow's own health page tells.
    """
    from pipeline import alerts, settings, steps

    house = steps.lights(settings.load(), now=datetime.now(UTC))
    kinds: dict[str, int] = {}
    for row in house.alarms:
        kinds[row.kind] = kinds.get(row.kind, 0) + 1
    looked = house.looked_at and house.looked_at.isoformat()
    told: dict[str, Any] = {"status": house.light, "alarms": kinds, "looked_at": looked}
    return JSONResponse(told, status_code=503 if house.light == alerts.RED else 200)


def tell_metrics(request: Request) -> Response:
    """Prometheus' text format, for who shows the token; without one in the settings it is not there."""
    from pipeline import settings
    from pipeline.steps import metering

    loaded = settings.load()
    if not loaded.metrics_token:
        raise HTTPException(404, "there is nothing here")
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), loaded.metrics_token.encode()):
        raise HTTPException(401, "show the token", headers={"WWW-Authenticate": "Bearer"})
    return Response(metering.exposition(loaded, now=datetime.now(UTC)), media_type=metering.CONTENT_TYPE)
