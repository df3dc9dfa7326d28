"""What Wirewatch adds to Airflow: the entry *Digests* in the navigation, its pages, and the backfill's timetable.

The pages are open only to those whom Airflow has logged in. Beside them stands the address that the hubs of feeds
call, where `push_url` is set. The entry is one of Airflow's React plugins, as nothing else that Airflow offers leads
to a page where links work: see the head of ``static/digests.js``.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from pipeline.orchestration.timetables import BackfillOnly
from pipeline.portal.answers import CheckAnswers
from pipeline.portal.app import create_app
from pipeline.portal.rendering import PREFIX


class WirewatchPlugin(AirflowPlugin):
    """Entry point ``airflow.plugins``: wirewatch."""

    name = "wirewatch"
    timetables: list[Any] = [BackfillOnly]  # noqa: RUF012 - as Airflow declares it
    fastapi_apps: list[Any] = [{"app": create_app(), "url_prefix": PREFIX, "name": "Wirewatch"}]  # noqa: RUF012 - as Airflow declares it
    fastapi_root_middlewares: list[Any] = [  # noqa: RUF012 - as Airflow declares it
        {"middleware": CheckAnswers, "args": [], "kwargs": {}, "name": "Answers to reviews"}
    ]
    react_apps: list[Any] = [  # noqa: RUF012 - as Airflow declares it
        {
            # no icon: Airflow draws one without a text for those who hear the page, and its own has the right colours
            "name": "Digests",
            "bundle_url": f"{PREFIX}/static/digests.js",
            "destination": "nav",
            "url_route": "digests",
            "nav_top_level": True,
        },
        {"name": "Wirewatch alarms", "bundle_url": f"{PREFIX}/static/alarms.js", "destination": "dashboard"},
    ]
