"""The light of the house in the words of a start's panel, and a line where it changes while that runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from pipeline import alerts, database, steps
from pipeline.errors import InfrastructureError
from pipeline.local.show import Show
from pipeline.settings import Settings
from pipeline.steps.looking import LASTING
from pipeline.store import alarms

LOOK_SECONDS = 60.0
"""Seconds between two looks at the light while all runs."""
SHOWN = 3
"""Alerts that are named; the page Alarms has all of them."""


def words(settings: Settings, now: datetime) -> str:
    """The light as `wirewatch status` has it, with the alerts that stand, in lines; the worst come first."""
    house = steps.lights(settings, now=now)
    head = house.says or ("all is well" if not house.alarms else "")
    if house.light == alerts.GREEN and not house.says and (so_far := _failing_so_far(settings, now)):
        head = so_far
    named = [row.title for row in house.alarms[:SHOWN]]
    more = [f"and {len(house.alarms) - SHOWN} more"] if len(house.alarms) > SHOWN else []
    first, *rest = [*([head] if head else []), *named, *more]
    return "\n".join([f"{house.light}: {first}", *rest])


def _failing_so_far(settings: Settings, now: datetime) -> str:
    """What will be an alert if it lasts: a start is told of it at once."""
    try:
        with database.connect(settings) as connection:
            found = alerts.failing(alarms.failing(connection, now), settings.alert_failing_share, stands=False)
    except InfrastructureError:
        return ""
    minutes = LASTING / timedelta(minutes=1)
    return f"no alert stands, but {found[0].title}, as yet for less than {minutes:.0f} minutes" if found else ""


class Light:
    """Says in one line that the light has changed, while all runs."""

    def __init__(self, settings: Settings, show: Show) -> None:
        self._settings, self._show = settings, show
        self._before, self._looked = "", 0.0

    def look(self) -> None:
        """Look once a minute; what stands at the first look was said by the panel."""
        if time.monotonic() < self._looked + LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        now = datetime.now(UTC)
        light = steps.lights(self._settings, now=now).light
        if self._before and light != self._before:
            said = ", ".join(words(self._settings, now).splitlines())
            self._show.line(f"{now.astimezone():%H:%M}  State {said}")
        self._before = light
