"""Feed documents read in a process of its own, each within its time and memory, so that no feed can hold a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from pipeline import feeds
from pipeline.errors import ItemError
from pipeline.models import ParsedFeed, Response
from pipeline.settings import Settings
from pipeline.workers import Job, Workers

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
    """A process that parses feeds; a context manager that leaves none behind. It starts with the first document.

    `seconds` is the processor time of one document.
    """

    def __init__(self, seconds: float) -> None:
        self._workers = Workers(JOB, 1, seconds)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(settings.feed_timeout)

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


def _parse(document: Document) -> ParsedFeed:
    return feeds.parse(document.body, document.url, document.content_type, document.now)


def _address(document: Document) -> str:
    return document.url


JOB: Job[Document, ParsedFeed] = Job(
    "feed", _parse, _address, timeout=TIMEOUT, too_large=TOO_LARGE, preload="pipeline.feeds.preload"
)
