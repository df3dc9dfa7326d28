"""Pages asked for and extracted side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pipeline import web
from pipeline.errors import ItemError
from pipeline.extraction.pool import TOO_LARGE, ExtractionPool, Page
from pipeline.models import Article
from pipeline.steps.underway import Underway
from pipeline.workers import Pending


class Arrivals(Underway[Page, Article]):
    """See `Underway`; pages are extracted as of `now`, and the feed stands in for one that a process failed on."""

    def __init__(self, client: web.Client, pool: ExtractionPool, now: datetime, seconds: float) -> None:
        super().__init__(client, seconds, TOO_LARGE)
        self._pool = pool
        self._now = now

    def extract(self, key: int, page: Page) -> None:
        """Start extracting the answer of a request that has arrived."""
        self.work(key, page)

    def _submit(self, document: Page, done: Callable[[], object]) -> Pending[Any, Article]:
        return self._pool.submit(document, now=self._now, done=done)

    def _result(self, pending: Pending[Any, Article]) -> Article | ItemError:
        return self._pool.result(pending)
