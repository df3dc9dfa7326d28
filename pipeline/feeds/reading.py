"""Feed documents read in a process of its own, each within its time and memory, so that no feed can hold a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from pipeline import feeds
from pipeline.errors import ItemError
from pipeline.models import ParsedFeed, Response
from pipeline.settings import Settings
from pipeline.workers import Job, Pending, Workers

TIMEOUT = "timeout-parse"
TOO_LARGE = "too-large-parse"


@dataclass(frozen=True, slots=True)
class Document:
    """One feed document to read: the arguments of `feeds.parse`."""

    body: bytes
    url: str
    content_type: str | None
    now: datetime

    @classmethod
    def of(cls, response: Response, now: datetime) -> Self:
        """What a server answered with."""
        return cls(response.body, response.final_url, response.headers.get("content-type"), now)


class FeedReader:
    """Processes that parse feeds; a context manager that leaves none behind. They start with the first document.

    `seconds` is the processor time of one document.
    """

    def __init__(self, seconds: float, processes: int = 1) -> None:
        self._workers = Workers(JOB, processes, seconds)

    @classmethod
    def from_settings(cls, settings: Settings, processes: int = 1) -> Self:
        return cls(settings.feed_timeout, processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.close()

    def read(self, document: Document) -> ParsedFeed:
        """The feed that a document is.

        Raises `ItemError` with a reason of `feeds.parse`, ``timeout-parse`` (it took more time than allowed),
        ``too-large-parse`` (more memory, twice), ``worker-lost`` (the process died, twice) or ``internal`` (an
        `InternalError` with its fault). Raises `InfrastructureError` as `Workers.results` does.
        """
        [(_, result)] = self._workers.results([document])
        if isinstance(result, ItemError):
            raise result
        return result

    def submit(self, document: Document, done: Callable[[], object]) -> Pending[Document, ParsedFeed]:
        """Start reading one document, as `read` does but for the second try: see `Workers.submit`."""
        return self._workers.submit(document, done)


def _parse(document: Document) -> ParsedFeed:
    return feeds.parse(document.body, document.url, document.content_type, document.now)


def _address(document: Document) -> str:
    return document.url


JOB: Job[Document, ParsedFeed] = Job(
    "feed", _parse, _address, timeout=TIMEOUT, too_large=TOO_LARGE, preload="pipeline.feeds.preload"
)
