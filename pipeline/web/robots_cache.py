"""The robots.txt of every host that was asked, each fetched once while it holds, whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import httpx

from pipeline.errors import ItemError
from pipeline.web import robots
from pipeline.web.together import Together

#: Origins remembered in this process; beyond, the oldest are asked again (or read from the store).
_REMEMBERED = 20_000
#: Reasons for which a host's robots.txt counts as unavailable; for others the host itself is out of reach and says so.
_UNREADABLE = ("protocol", "bad-encoding", "too-large")

Ask = Callable[[str, datetime | None], Awaitable[tuple[int, bytes]]]


class RobotsCache:
    """Answers whether `agent` may fetch an address, and how fast.

    `ask(url, as_of)` fetches a robots.txt and returns (status, body) or raises `ItemError`; `store` keeps live
    answers between processes; `now` is the clock. Lives on one event loop.
    """

    def __init__(self, agent: str, store: robots.RobotsStore | None, ask: Ask, now: Callable[[], datetime]) -> None:
        self._agent = agent
        self._store = store
        self._ask = ask
        self._now = now
        self._known: dict[str, asyncio.Future[robots.RobotsFile]] = {}
        self._loading = Together(self._load_all)
        self._saving = Together(self._save_all)

    async def check(self, url: httpx.URL, as_of: datetime | None) -> None:
        """Raise `ItemError` ``robots`` where `url` may not be fetched, or what fetching robots.txt ended with."""
        rules = await self._rules(origin(url), as_of)
        if robots.allowed(rules, str(url), self._agent):
            return
        why = "robots.txt forbids it" if rules.text else f"robots.txt answered {rules.status}"
        left = None if as_of else max((rules.expires - self._now()).total_seconds(), 0.0)
        raise ItemError("robots", why, url=str(url), retry_after=left)

    def delay(self, url: httpx.URL, as_of: datetime | None) -> float:
        """Seconds between two requests that the host's robots.txt asks for, as far as it is known here."""
        known = self._known.get(_key(origin(url), as_of))
        if known is None or not known.done() or known.cancelled() or known.exception() is not None:
            return 0.0
        return robots.crawl_delay(known.result(), self._agent)

    async def _rules(self, site: str, as_of: datetime | None) -> robots.RobotsFile:
        key = _key(site, as_of)
        known = self._known.get(key)
        if known is None or (known.done() and self._stale(known, as_of)):
            known = asyncio.ensure_future(self._load(site, as_of))
            self._known.pop(key, None)
            self._known[key] = known
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        # Shielded: one waiter that gives up must not take the question from the others.
        return await asyncio.shield(known)

    def _stale(self, known: asyncio.Future[robots.RobotsFile], as_of: datetime | None) -> bool:
        if known.cancelled() or known.exception() is not None:
            return True
        return as_of is None and not robots.holds(known.result(), self._now())

    async def _load(self, site: str, as_of: datetime | None) -> robots.RobotsFile:
        store = self._store if as_of is None else None
        if store is not None:
            kept = await self._loading.ask(site) if store.blocking else store.load(site)
            if kept is not None and robots.holds(kept, self._now()):
                return kept
        answer = await self._fetch(site, as_of)
        if store is not None and store.blocking:
            await self._saving.ask((site, answer))
        elif store is not None:
            store.save(site, answer)
        return answer

    def _load_all(self, sites: Sequence[str]) -> Sequence[robots.RobotsFile | None]:
        assert self._store is not None
        return self._store.load_all(sites)

    def _save_all(self, answers: Sequence[tuple[str, robots.RobotsFile]]) -> Sequence[None]:
        assert self._store is not None
        self._store.save_all(dict(answers))
        return [None] * len(answers)

    async def _fetch(self, site: str, as_of: datetime | None) -> robots.RobotsFile:
        try:
            status, body = await self._ask(f"{site}/robots.txt", as_of)
        except ItemError as error:
            if error.reason.startswith("http-"):
                status, body = int(error.reason.removeprefix("http-")), b""
            elif error.reason in ("not-captured", "too-many-redirects"):
                # RFC 9309, section 2.3.1.2: after five redirects a crawler may take the file as not there.
                status, body = 404, b""
            elif error.reason in _UNREADABLE:
                status, body = 503, b""
            else:
                raise
        return robots.answer(status, body, self._now())


def origin(url: httpx.URL) -> str:
    """``https://outlet.example``, with the port where it is not the scheme's own."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _key(site: str, as_of: datetime | None) -> str:
    return site if as_of is None else f"{site} {as_of:%Y-%m-%d}"
