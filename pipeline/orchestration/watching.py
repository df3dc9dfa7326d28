"""What a waiting review waits for: an answer in Airflow, or a decision, a change or a newer draft in our own rows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.triggers.hitl import HITLTrigger
from airflow.sdk.timezone import utcnow
from airflow.triggers.base import TriggerEvent

log = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two looks: how long a decision in a terminal leaves its pending action standing."""


class ReviewTrigger(HITLTrigger):
    """Fires on an answer to the pending action, on its deadline, and once the digest waits no more as it was shown
    (``moved``).

    A trigger of before the revision was kept has none, and is moved by a decision or a newer draft alone.
    """

    def __init__(
        self, *, digest_id: int, revision: int | None = None, poke_interval: float = LOOK, **options: Any
    ) -> None:
        super().__init__(poke_interval=poke_interval, **options)
        self.digest_id = digest_id
        self.revision = revision

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Where this class is, and what makes it again."""
        _, options = super().serialize()
        return "pipeline.orchestration.watching.ReviewTrigger", options | {
            "digest_id": self.digest_id,
            "revision": self.revision,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until there is something to say; an answer goes before what happened elsewhere."""
        while True:
            await asyncio.sleep(self.poke_interval)  # first: who goes on at once is failed by the scheduler
            if self.timeout_datetime and self.timeout_datetime < utcnow():
                yield await self._handle_timeout()
                return
            if event := await self._handle_response():  # type: ignore[no-untyped-call]
                yield event
                return
            if not await asyncio.to_thread(_is_waiting, self.digest_id, self.revision):
                yield TriggerEvent({"moved": True})  # type: ignore[no-untyped-call]
                return


def _is_waiting(digest_id: int, revision: int | None) -> bool:
    """Whether the digest still waits as it was shown; a database that is away for a moment has decided nothing."""
    from pipeline import settings, steps
    from pipeline.errors import InfrastructureError

    try:
        return steps.is_waiting(settings.load(), digest_id=digest_id, revision=revision, now=datetime.now(UTC))
    except InfrastructureError as error:
        log.warning("digest %d: %s", digest_id, error)
        return True
