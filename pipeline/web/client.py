"""The only HTTP client: polite, bounded, and able to ask for a page as of a time.

A request passes robots.txt, then waits for its host's slot, then goes to an address that was checked after DNS;
each redirect does the same again. With `as_of` the same path asks a web archive (RFC 7089) in place of the site.
"""

from __future__ import annotations

import queue
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import certifi

from pipeline.errors import ConfigurationError, ItemError
from pipeline.models import Response, Validators
from pipeline.settings import Settings
from pipeline.web import robots
from pipeline.web.background_loop import BackgroundLoop
from pipeline.web.connections import AllowedHosts, Connections, GuardedConnector
from pipeline.web.exchange import Exchanger
from pipeline.web.fetching import Archive, Fetcher, Manners, Request
from pipeline.web.gathering import Arrived, Gathering
from pipeline.web.pacing import MemoryPacing, Pacing

#: Characters of a validator that is kept and sent back.
_MAX_VALIDATOR = 1_000

T = TypeVar("T")


def validators_of(response: Response) -> Validators | None:
    """The validators to keep from an answer, tied to the address that gave them; None where it gave none.

    One of more than `_MAX_VALIDATOR` characters is left: it would be kept, and sent with each request.
    """
    given = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    etag, modified = (value if len(value) <= _MAX_VALIDATOR else "" for value in given)
    return Validators(response.final_url, etag or None, modified or None) if etag or modified else None


class Client:
    """GETs for all threads of this process over one set of connections; close it, or use it in a `with`.

    `pacing` and `robots_store` are shared with other processes where they live in Postgres; without them the pace
    and robots.txt are those of this process. `now` and `ssl_context` are for tests and private authorities.
    Proxies named in the environment are not used: the address check could not see through them.
    """

    def __init__(
        self,
        settings: Settings,
        pacing: Pacing | None = None,
        robots_store: robots.RobotsStore | None = None,
        *,
        ssl_context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._manners = Manners(pacing or MemoryPacing(), robots_store, now)
        self._ssl = ssl_context
        self._archive = Archive(settings.archive_url, settings.archive_timemap_url)
        self._loop = BackgroundLoop("wirewatch-web")
        self._lock = threading.Lock()
        self._connections: Connections | None = None
        self._current: Fetcher | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and stop the loop; requests under way are cancelled."""
        if self._connections is not None and not self._loop.fresh:
            self._loop.stop(_close(self._connections))
        self._connections = self._current = None

    def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        as_of: datetime | None = None,
        limit_bytes: int | None = None,
        purpose: str = "page",
    ) -> Response:
        """GET `url`: any 2xx, or 304 where `validators` still hold.

        With `as_of` the answer is the last one the archive captured at or before that time, with its own status,
        headers and address, and `Response.captured` set. Raises `ItemError` with a reason of `REASONS`,
        ``http-<status>`` for any other answer (`retry_after` from Retry-After), ``archive-<status>`` where the
        archive itself fails.
        """
        return self._start(Request(url, validators, as_of, limit_bytes, purpose)).result()

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """POST a form to a public address that a stranger named, such as a feed's hub; the status of its answer, 2xx.

        Checked and paced like `get`; redirects are not followed, and robots.txt is not asked, which is of pages. Raises
        `ItemError` ``http-<status>`` for any other answer, and what `get` raises for the connection.
        """
        return self._submit(self._fetcher().post(url, fields)).result()

    def timemap(self, url: str, start: datetime, end: datetime) -> list[datetime]:
        """When the archive captured `url` within [start, end], in order of time; empty where it never did.

        Raises `ItemError` ``archive-<status>`` and what `get` raises for the connection.
        """
        self._demand_archive()
        return self._submit(self._fetcher().timemap(url, start, end)).result()

    def gather(
        self,
        requests: Iterable[Request],
        on_result: Callable[[Request, Response | ItemError], object],
        *,
        seconds: float | None = None,
    ) -> None:
        """Get all `requests`, `settings.concurrency` at once, each host at its pace.

        `on_result` is called in this thread, once for each request, in order of arrival; what it raises stops the
        rest and is raised here. Bodies wait for it in bounded number. What is not over after `seconds` ends as
        ``not-reached``.
        """
        results: queue.SimpleQueue[Arrived | Gathering] = queue.SimpleQueue()
        gathering = self.start(list(requests), results, seconds=seconds)
        try:
            while isinstance(arrived := results.get(), Arrived):
                gathering.taken()
                on_result(arrived.request, arrived.result)
        finally:
            gathering.close()
        gathering.finish()

    def start(
        self,
        requests: Sequence[Request],
        results: queue.SimpleQueue[Any],
        *,
        seconds: float | None = None,
    ) -> Gathering:
        """`gather` for a caller that waits for other things as well: see `Gathering` for what is put into `results`."""
        for request in requests:
            self._demand_archive(request)
        at_once = self._settings.concurrency
        return Gathering(self._loop, self._fetcher(), requests, results, at_once=at_once, seconds=seconds)

    def _start(self, request: Request) -> Future[Response]:
        self._demand_archive(request)
        return self._submit(self._fetcher().fetch(request))

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return self._loop.submit(work)

    def _demand_archive(self, request: Request | None = None) -> None:
        if (request is None or request.as_of is not None) and not self._archive.timegate:
            raise ConfigurationError("no web archive is configured; set WIREWATCH_ARCHIVE_URL to its TimeGate address")

    def _fetcher(self) -> Fetcher:
        with self._lock:
            if self._current is None or self._loop.fresh:
                # Started under the lock, or a second thread would find it fresh and open a second set.
                self._loop.start()
                self._connections, self._current = self._open()
            return self._current

    def _open(self) -> tuple[Connections, Fetcher]:
        settings = self._settings
        hosts = [name.strip() for name in settings.allow_hosts.split(",") if name.strip()]
        allowed = AllowedHosts(hosts, self._archive.endpoints)
        connections = Connections(
            GuardedConnector(allowed, self._ssl or _authorities(), settings.connect_timeout),
            wide=self._archive.own_hosts,
            width=settings.concurrency,
            idle=settings.concurrency,
        )
        fetcher = Fetcher(settings, Exchanger(settings, connections), allowed, self._archive, self._manners)
        return connections, fetcher


def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    # Slim images come without a store of their own.
    context.load_verify_locations(certifi.where())
    return context


async def _close(connections: Connections) -> None:
    connections.close()
