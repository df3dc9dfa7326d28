"""What Wirewatch adds to Airflow: the page *Digests* in the navigation, and the backfill's timetable.

The page reads digests and their stories and never writes: approving happens in Airflow's own *Required Actions*,
where it is recorded who did it. It is open only to those whom Airflow has logged in. Beside it stands the address that
the hubs of feeds call, where `push_url` is set.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from pipeline.orchestration.timetables import BackfillOnly
from pipeline.portal.app import PREFIX, create_app


class WirewatchPlugin(AirflowPlugin):
    """Entry point ``airflow.plugins``: wirewatch."""

    name = "wirewatch"
    timetables: list[Any] = [BackfillOnly]  # noqa: RUF012 - as Airflow declares it
    fastapi_apps: list[Any] = [{"app": create_app(), "url_prefix": PREFIX, "name": "Wirewatch"}]  # noqa: RUF012 - as Airflow declares it
    external_views: list[Any] = [  # noqa: RUF012 - as Airflow declares it
        {
            "name": "Digests",
            "href": f"{PREFIX}/",
            "destination": "nav",
            "url_route": "digests",
            "nav_top_level": True,
            "icon": f"{PREFIX}/static/digests.svg",
            "icon_dark_mode": f"{PREFIX}/static/digests-dark.svg",
        }
    ]
