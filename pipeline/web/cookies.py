"""The cookies of one fetch: kept from its first hop to its last, and then forgotten (pure).

Some outlets answer the first request with a cookie and a redirect to the page that wants it. What is kept follows
RFC 6265; nothing outlives the fetch, so nobody is known again by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from pipeline import urls
from pipeline.text.http_dates import parse_http_date

#: RFC 6265, section 6.1: what a client should at least keep of one domain; nobody's redirect needs more.
MAX_COOKIES = 50
#: Bytes of one cookie, name and value (the same section), and of the whole header that is sent.
MAX_COOKIE = 4_096
MAX_HEADER = 8_192


@dataclass(frozen=True, slots=True)
class _Cookie:
    value: str
    everywhere: bool
    """Whether it is for all hosts of `domain`, and not for it alone."""
    secure: bool


class Cookies:
    """Takes what answers set, and says what a request to an address carries."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], _Cookie] = {}

    def take(self, url: httpx.URL, lines: Sequence[str], now: datetime) -> None:
        """Keep the values of an answer's Set-Cookie headers; what is for another host is left."""
        for line in lines[:MAX_COOKIES]:
            pair, *rest = line.split(";")
            name, equals, value = (part.strip() for part in pair.partition("="))
            if not equals or not name or len(name) + len(value) > MAX_COOKIE or not _sendable(name + value):
                continue
            attributes = {
                key.strip().lower(): given.strip() for key, _, given in (part.partition("=") for part in rest)
            }
            domain = attributes.get("domain", "").lstrip(".").lower()
            if domain and not _covers(domain, url.host):
                continue
            key = (domain or url.host, _path(attributes.get("path"), url), name)
            self._kept.pop(key, None)
            if not _is_over(attributes, now) and len(self._kept) < MAX_COOKIES:
                self._kept[key] = _Cookie(value, bool(domain), "secure" in attributes)

    def header(self, url: httpx.URL) -> str:
        """The Cookie header of a request, the longest path first; empty where there is none."""
        found = [
            (path, f"{name}={cookie.value}")
            for (domain, path, name), cookie in self._kept.items()
            if (url.host == domain or (cookie.everywhere and _covers(domain, url.host)))
            and _lies_under(url.path, path)
            and (url.scheme == "https" or not cookie.secure)
        ]
        found.sort(key=lambda each: -len(each[0]))
        header = ""
        for _, pair in found:
            longer = f"{header}; {pair}" if header else pair
            header = longer if len(longer.encode()) <= MAX_HEADER else header
        return header


def _attributes(parts: Sequence[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _sendable(text: str) -> bool:
    return all(" " <= char != "\x7f" for char in text)


def _covers(domain: str, host: str) -> bool:
    """Whether a domain may set cookies for a host: it is the host or one above it, and somebody registered it."""
    within = host == domain or host.endswith("." + domain)
    registered = urls.registered_domain(host)
    return within and (domain == registered or domain.endswith("." + registered))


def _path(given: str | None, url: httpx.URL) -> str:
    return given if given and given.startswith("/") else url.path.rpartition("/")[0] or "/"


def _lies_under(path: str, cookies: str) -> bool:
    return path == cookies or path.startswith(cookies if cookies.endswith("/") else cookies + "/")


def _is_over(attributes: dict[str, str], now: datetime) -> bool:
    """Whether a cookie is taken back: it has no age left, or ended before now."""
    age = attributes.get("max-age", "")
    if age.lstrip("-").isdigit():
        return age.startswith("-") or not age.strip("0")
    ends = parse_http_date(attributes.get("expires"))
    return ends is not None and ends <= now
