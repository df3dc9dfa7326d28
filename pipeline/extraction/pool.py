"""Pages extracted in processes of their own, each within its time and memory; the feed stands in for one that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from pipeline import extraction
from pipeline.errors import ItemError
from pipeline.models import Article, FeedEntry
from pipeline.settings import Settings
from pipeline.workers import LOST, Job, Pending, Workers

TIMEOUT = "timeout-extract"
TOO_LARGE = "too-large-extract"


@dataclass(frozen=True, slots=True)
class Page:
    """One page to extract: the arguments of `extraction.extract`."""

    body: bytes
    url: str
    content_type: str | None = None
    fallback: FeedEntry | None = None
    asked: str | None = None


Task = tuple[Page, datetime]


class ExtractionPool:
    """A pool of extraction workers; a context manager that leaves no process behind.

    `processes` and `page_timeout` (seconds of processor time for one page) come from the settings of the same name.
    """

    def __init__(self, processes: int, page_timeout: float) -> None:
        self._workers = Workers(JOB, processes, page_timeout)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(settings.extract_processes, settings.page_timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers at once and wait until they are gone; safe to call twice."""
        self._workers.close()

    def extract(self, pages: Iterable[Page | ItemError], *, now: datetime) -> Iterator[Article | ItemError]:
        """Extract pages in parallel; results in input order, an `ItemError` standing for each page that failed.

        Beside the reasons of `extraction.extract`: ``timeout-extract`` (the page took more time than allowed),
        ``too-large-extract`` (more memory, twice), ``worker-lost`` (its process died, twice) and ``internal`` (our own
        code failed on it; an `InternalError` with its fault). Where a page of the first three has a feed entry with
        text, that stands in. Raises what `Workers.results` does.
        """
        tasks = (page if isinstance(page, ItemError) else (page, now) for page in pages)
        for task, result in self._workers.results(tasks):
            yield result if task is None else _stood_in(task[0], result)

    def submit(self, page: Page, *, now: datetime, done: Callable[[], object]) -> Pending[Task, Article]:
        """Start extracting one page: see `Workers.submit`."""
        return self._workers.submit((page, now), done)

    @staticmethod
    def result(pending: Pending[Task, Article]) -> Article | ItemError:
        """What came of a page that was submitted, as `extract` has it but for the second try."""
        return _stood_in(pending.task[0], pending.result())


def _extract(task: Task) -> Article:
    page, now = task
    return extraction.extract(
        page.body, page.url, content_type=page.content_type, fallback=page.fallback, asked=page.asked, now=now
    )


def _address(task: Task) -> str:
    return task[0].url


JOB: Job[Task, Article] = Job(
    "extraction", _extract, _address, timeout=TIMEOUT, too_large=TOO_LARGE, preload="pipeline.extraction.preload"
)


def _stood_in(page: Page, failure: Article | ItemError) -> Article | ItemError:
    """The result, or the feed's own text where the page could not be read within its limits."""
    if not isinstance(failure, ItemError) or failure.reason not in (TIMEOUT, TOO_LARGE, LOST):
        return failure
    if page.fallback is None:
        return failure
    try:
        return extraction.from_feed(page.fallback, failure.reason, url=page.url)
    except ItemError:
        return failure
