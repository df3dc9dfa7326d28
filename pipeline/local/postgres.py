"""The embedded Postgres of a `wirewatch run`: started, and started again where it ends by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pipeline.database import embedded
from pipeline.errors import InfrastructureError, WirewatchError
from pipeline.local import restarts
from pipeline.settings import Settings


class KeptServer:
    """A server that `check` looks after. It keeps its port, which Airflow and its tasks were told."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self.server = embedded.start(settings)
        self._settings = replace(settings, postgres_port=self.server.port)
        self._say = say
        self._started = time.monotonic()
        self._in_a_row = 0
        self._due: float | None = None

    def check(self) -> None:
        """Start the server again where it ended. Raises `InfrastructureError` where it ends again and again."""
        now = time.monotonic()
        if self._due is None:
            if self.server.is_running():
                return
            self._ended(now, "ended")
        elif now >= self._due:
            try:
                again = embedded.start(self._settings)
            except WirewatchError as error:  # its port is taken for the moment, its disk is full
                self._ended(now, f"does not start: {error}")
                return
            self.server.let_go()
            self.server, self._started, self._due = again, now, None
            self._say("Postgres is back; nothing that was committed is lost")

    def _ended(self, now: float, how: str) -> None:
        lived = now - self._started if self._due is None else 0.0
        outcome = restarts.ended(self._in_a_row, lived)
        self._in_a_row = outcome.in_a_row
        if outcome.wait is None:
            raise InfrastructureError(f"Postgres {how}, {outcome.in_a_row} times in a row")
        self._due = time.monotonic() + outcome.wait
        self._say(f"Postgres {how}; it is started again in {outcome.wait:.0f} s")

    def stop(self) -> None:
        """Let go of it; its last user shuts it down."""
        self.server.stop()
