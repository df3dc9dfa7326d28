"""One GET from the question to the answer: robots.txt, the host's slot, redirects, or an archive's memento.

Every hop, of the site's redirects and of an archive's, is checked and paced like the first request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.models import Hop, Response, Validators
from pipeline.settings import Settings
from pipeline.text.http_dates import http_date, parse_http_date
from pipeline.web import memento, robots
from pipeline.web.breakers import Breakers
from pipeline.web.connections import AllowedHosts
from pipeline.web.cookies import Cookies
from pipeline.web.exchange import Exchange, Exchanger, joined, parse_url
from pipeline.web.pacing import Pacing, Slot
from pipeline.web.robots_cache import RobotsCache
from pipeline.web.together import Together

REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: A TimeMap of a busy address runs to 100,000 lines and more.
MAX_TIMEMAP_BYTES = 60_000_000
MAX_TIMEMAP_PAGES = 50
#: Hosts whose last request is remembered before those that no delay concerns any more are forgotten.
_REMEMBERED_HOSTS = 50_000
#: Redirects inside an archive, from the TimeGate to the memento.
MAX_ARCHIVE_HOPS = 8
#: Bytes of a hub's answer that are read; its status says all.
_HUB_ANSWER = 20_000
#: Reasons for what `urls.safe_to_fetch` refuses; the rest of its codes are forms of ``bad-url``.
_UNSAFE = {"scheme": "bad-scheme", "port": "bad-port", "local-name": "private-address"}
_UNSAFE |= {"private-address": "private-address"}
_ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.7",
    "page": "text/html, application/xhtml+xml, */*;q=0.7",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to get.

    `purpose` is ``feed``, ``page`` or ``robots``: it sets Accept and, without `limit_bytes`, the size limit. `as_of`
    asks the archive. `key` is the caller's own and comes back with the result.
    """

    url: str
    validators: Validators | None = None
    as_of: datetime | None = None
    limit_bytes: int | None = None
    purpose: str = "page"
    key: Any = None


@dataclass(slots=True)
class _Journey:
    """What one request has used up so far, over all its hops; waiting for slots does not count as time."""

    purpose: str
    limit: int
    seconds_left: float
    as_of: datetime | None = None
    seconds: float = 0.0
    wire_bytes: int = 0
    hops: list[Hop] = field(default_factory=list)
    cookies: Cookies = field(default_factory=Cookies)
    #: The addresses asked so far, each with the cookies that went along: the same with others is another question.
    asked: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Manners:
    """How hosts are treated: the pace, where robots.txt answers are kept between processes, and the clock."""

    pacing: Pacing
    robots_store: robots.RobotsStore | None
    now: Callable[[], datetime]


class Archive:
    """The addresses of the configured web archive; `endpoints` are its (host, port) pairs, empty without one."""

    def __init__(self, timegate: str, timemap: str) -> None:
        self.timegate = timegate
        self.timemap = timemap or (memento.timemap_prefix(timegate) if timegate else "")
        self.endpoints = frozenset(endpoint(httpx.URL(part)) for part in (self.timegate, self.timemap) if part)
        #: Hosts of an archive on this machine: nobody else's server, so neither paced nor limited to one connection.
        self.own_hosts = frozenset(host for host, _ in self.endpoints if _is_loopback(host))


class Fetcher:
    """Runs requests on one event loop; `web.Client` is its face."""

    def __init__(
        self,
        settings: Settings,
        exchanger: Exchanger,
        allowed: AllowedHosts,
        archive: Archive,
        manners: Manners,
    ) -> None:
        self._settings = settings
        self._exchanger = exchanger
        self._allowed = allowed
        self._pacing = manners.pacing
        self._reserving = Together(self._pacing.reserve_all)
        self._archive = archive
        self._now = manners.now
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._ended: dict[str, float] = {}
        self._breakers = Breakers(time.monotonic)
        self._limits = {"feed": settings.max_feed_bytes, "page": settings.max_page_bytes, "robots": robots.MAX_BYTES}
        agent = robots.product_token(settings.user_agent)
        self._robots = RobotsCache(agent, manners.robots_store, self._ask_for_robots, manners.now)

    async def fetch(self, request: Request) -> Response:
        """See `web.Client.get`."""
        as_of = request.as_of
        journey = self._journey(request.purpose, request.limit_bytes, as_of)
        url = self._checked(request.url)
        while True:
            if request.purpose != "robots":
                await self._robots.check(url, as_of)
            answer, captured = await self._visit(url, request.validators, journey)
            if as_of is None:
                journey.cookies.take(url, answer.cookies, self._now())
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location:
                return _arrived(request.url, url, answer, captured, journey)
            url = self._redirected(url, location, answer.status, journey)

    async def post(self, url: str, fields: Mapping[str, str]) -> int:
        """See `web.Client.post_form`."""
        journey = self._journey("hub", _HUB_ANSWER, None)
        headers = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._send(self._checked(url), headers, journey, urlencode(fields).encode("ascii"))
        if not 200 <= answer.status < 300:
            raise _failed("http", answer, url)
        return answer.status

    async def timemap(self, url: str, start: datetime, end: datetime) -> list[datetime]:
        """See `web.Client.timemap`."""
        journey = self._journey("timemap", MAX_TIMEMAP_BYTES, None)
        waiting, seen, found = [self._archive.timemap + str(parse_url(url))], set[str](), set[datetime]()
        while waiting and len(seen) < MAX_TIMEMAP_PAGES:
            address = waiting.pop(0)
            seen.add(address)
            journey.seconds_left = self._settings.total_timeout
            answer = await self._send(self._checked(address), {}, journey)
            if answer.status in REDIRECTS and "location" in answer.headers:
                waiting.append(joined(httpx.URL(address), answer.headers["location"]))
                continue
            if answer.status == 404:
                break
            if answer.status != 200:
                raise _failed("archive", answer, url)
            text = answer.body.decode("utf-8", "replace")
            found.update(moment for moment in memento.mementos(text) if start <= moment <= end)
            waiting += [page for page in memento.further_pages(text, address) if page not in seen | set(waiting)]
        return sorted(found)

    def _journey(self, purpose: str, limit: int | None, as_of: datetime | None) -> _Journey:
        limit = limit or self._limits.get(purpose, self._settings.max_page_bytes)
        return _Journey(purpose, limit, self._settings.total_timeout, as_of)

    async def _ask_for_robots(self, url: str, as_of: datetime | None) -> tuple[int, bytes]:
        response = await self.fetch(Request(url, as_of=as_of, purpose="robots"))
        return response.status, response.body

    def _checked(self, text: str) -> httpx.URL:
        """An address that may be asked for, as far as can be told before DNS."""
        url = parse_url(text)
        why = None if endpoint(url) in self._allowed else urls.safe_to_fetch(str(url))
        if why is not None:
            raise ItemError(_UNSAFE.get(why, "bad-url"), f"{why}: {text[:200]}", url=text)
        return url

    # --- one address --------------------------------------------------------------------------------------

    async def _visit(
        self, url: httpx.URL, validators: Validators | None, journey: _Journey
    ) -> tuple[Exchange, datetime | None]:
        headers = {"Accept": _ACCEPT.get(journey.purpose, "*/*")}
        conditions = _conditions(validators, url)
        cookies = journey.cookies.header(url)
        journey.asked.add((str(url), cookies))
        if journey.as_of is not None:
            return await self._recall(url, headers, conditions, journey.as_of, journey)
        headers = headers | conditions | ({"Cookie": cookies} if cookies else {})
        return await self._send(url, headers, journey), None

    async def _send(
        self, url: httpx.URL, headers: dict[str, str], journey: _Journey, body: bytes | None = None
    ) -> Exchange:
        paced = not (endpoint(url) in self._archive.endpoints and url.host in self._archive.own_hosts)
        interval = max(self._settings.host_interval, self._robots.delay(url, journey.as_of)) if paced else 0.0
        # The turn comes first: a request that waits for its host holds nothing that another host could use.
        async with self._exchanger.turn(url.host):
            self._demand_responsive(url)
            if paced:
                await self._wait_for_slot(url.host, interval)
            while True:
                async with self._slots:
                    rest = self._ended.get(url.host, 0.0) + interval - time.monotonic()
                    if not paced or rest <= 0:
                        return await self._exchange(url, headers, journey, body)
                # The slot was kept waiting while others were busy: the distance counts, not the appointment.
                await asyncio.sleep(rest)

    async def _exchange(
        self, url: httpx.URL, headers: dict[str, str], journey: _Journey, body: bytes | None
    ) -> Exchange:
        started = time.monotonic()
        try:
            answer = await self._exchanger.send(url, headers, journey.limit, max(journey.seconds_left, 0.001), body)
        except ItemError as error:
            self._breakers.failed(url.host, error, time.monotonic() - started)
            raise
        finally:
            ended = time.monotonic()
            journey.seconds += ended - started
            journey.seconds_left -= ended - started
            self._note_end(url.host, ended)
        self._breakers.answered(url.host)
        journey.wire_bytes += answer.wire_bytes
        return answer

    def _demand_responsive(self, url: httpx.URL) -> None:
        # An archive answers for all hosts: where it is slow, nothing is gained by leaving it alone.
        if endpoint(url) not in self._archive.endpoints:
            self._breakers.demand(url.host)

    def _note_end(self, host: str, ended: float) -> None:
        self._ended[host] = ended
        if len(self._ended) > _REMEMBERED_HOSTS:
            horizon = ended - robots.MAX_CRAWL_DELAY
            self._ended = {name: at for name, at in self._ended.items() if at > horizon}

    async def _wait_for_slot(self, host: str, interval: float) -> None:
        if self._pacing.blocking:
            wait = await self._reserving.ask(Slot(host, interval))
        else:
            wait = self._pacing.reserve(host, interval, time.time())
        if wait > 0:
            await asyncio.sleep(wait)

    def _redirected(self, url: httpx.URL, location: str, status: int, journey: _Journey) -> httpx.URL:
        target = self._checked(joined(url, location))
        again = (str(target), journey.cookies.header(target)) in journey.asked
        journey.hops.append(Hop(status, str(target)))
        limit = self._settings.max_redirects
        if len(journey.hops) > limit or again:
            why = "in a circle" if again else f"more than {limit}"
            raise ItemError("too-many-redirects", why, url=str(target))
        return target

    # --- an archive's answer for it ------------------------------------------------------------------------

    async def _recall(
        self, url: httpx.URL, headers: dict[str, str], conditions: dict[str, str], as_of: datetime, journey: _Journey
    ) -> tuple[Exchange, datetime]:
        """The capture of `url` at or before `as_of`, as if the site itself had answered."""
        address = self._checked(memento.timegate_address(self._archive.timegate, str(url)))
        headers = headers | {"Accept-Datetime": http_date(as_of)}
        for _ in range(MAX_ARCHIVE_HOPS):
            answer = await self._send(address, headers, journey)
            captured = parse_http_date(answer.headers.get("memento-datetime"))
            if captured is None:
                if answer.status == 404:
                    raise ItemError("not-captured", "the archive does not know this address", url=str(url))
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    raise _failed("archive", answer, str(url))
                onward = joined(address, answer.headers["location"])
            elif captured > as_of:
                # TimeGates answer with the nearest capture, which may lie later than what was known then.
                earlier = memento.previous_memento(answer.headers.get("link", ""), str(address), as_of)
                if earlier is None:
                    raise ItemError("not-captured", f"first captured {captured:%Y-%m-%d %H:%M}", url=str(url))
                onward = earlier
            elif memento.raw_address(str(address)) == str(address):
                return _original(url, address, answer), captured
            else:
                onward = str(address)
            address = self._checked(memento.raw_address(onward))
            headers = headers | conditions
        raise ItemError("archive-redirects", f"no memento after {MAX_ARCHIVE_HOPS} hops", url=str(url))


def endpoint(url: httpx.URL) -> tuple[str, int]:
    """(host, port) of an address, the port of its scheme where it names none."""
    return url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _original(url: httpx.URL, address: httpx.URL, answer: Exchange) -> Exchange:
    headers = memento.original_headers(answer.headers)
    location = headers.pop("location", None)
    if answer.status in REDIRECTS:
        onward = joined(address, answer.headers.get("location", ""))
        location = location or memento.original_of(onward)
        if location is not None:
            headers["location"] = location
    return Exchange(str(url), answer.status, headers, answer.body, answer.wire_bytes)


def _conditions(validators: Validators | None, url: httpx.URL) -> dict[str, str]:
    """If-None-Match and If-Modified-Since, only for the address that gave the validators."""
    if validators is None:
        return {}
    try:
        if parse_url(validators.url) != url:
            return {}
    except ItemError:
        return {}
    found = {}
    if validators.etag:
        found["If-None-Match"] = validators.etag
    if validators.last_modified:
        found["If-Modified-Since"] = validators.last_modified
    return found


def _arrived(asked: str, url: httpx.URL, answer: Exchange, captured: datetime | None, journey: _Journey) -> Response:
    if not 200 <= answer.status < 300 and answer.status != 304:
        raise _failed("http", answer, str(url))
    return Response(
        url=asked,
        final_url=str(url),
        status=answer.status,
        headers=memento.without_transfer(answer.headers),
        body=answer.body,
        hops=tuple(journey.hops),
        elapsed=journey.seconds,
        wire_bytes=journey.wire_bytes,
        captured=captured,
    )


def _failed(prefix: str, answer: Exchange, url: str) -> ItemError:
    retry = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
    return ItemError(f"{prefix}-{answer.status}", f"{answer.url} answered {answer.status}", url=url, retry_after=retry)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header, given as seconds or as a date; None where it says neither."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value.strip()[:9])
    moment = parse_http_date(value)
    return None if moment is None else max((moment - now) / timedelta(seconds=1), 0.0)
