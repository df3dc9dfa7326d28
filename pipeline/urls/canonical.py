"""Addresses of articles: one canonical form, the host behind it, and whether fetching is safe (pure).

Two forms, because two questions are asked of an address. `canonical` is what a reader may click and the row stores:
the same page without the marks of how somebody came there. `identity` is coarser and only compares: scheme,
``www.``, a trailing slash and the order of parameters make no difference there.

The rules are data (``data/url_rules.toml``); the syntax follows RFC 3986 and, where browsers are laxer, the WHATWG
URL standard. `pipeline/urls/fetchable.py` holds the checks on what may be fetched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import idna

from pipeline.urls import aggregators, parameters, routes
from pipeline.urls.fetchable import MAX_HOST_LENGTH, MAX_URL_LENGTH, is_public_address, safe_to_fetch
from pipeline.urls.rules import RULES

if TYPE_CHECKING:
    from tldextract import TLDExtract

__all__ = [
    "MAX_LENGTH",
    "canonical",
    "host",
    "identity",
    "is_public_address",
    "needs_redirect",
    "registered_domain",
    "resolve",
    "safe_to_fetch",
    "spellings",
    "too_long",
]

MAX_LENGTH = 2_000
"""Bytes, in UTF-8, of an article's canonical address or a feed's; longer ones are data in an address's clothes, and
Postgres cannot index values beyond about 2,700 bytes. The longest of 1,423 real ones has 316."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_UNWRAPS = 4  # an aggregator's link inside another's; deeper nesting is no link of a reader's
# Besides control characters and invisible ones, what no UTF-8 can hold; an address is stored and sent as UTF-8.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
_NOT_IN_A_HOST = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NOT_A_HOST = re.compile(r"[\s:/@?#]")


# --- parts ------------------------------------------------------------------------------------------------


def resolve(base: str | None, href: str | None) -> str | None:
    """The absolute http(s) address that `href` means on the page `base`; None where there is none.

    White space and control characters that feeds leave in addresses are removed first, as browsers do. What is longer
    than any address that is fetched (`MAX_URL_LENGTH`) is none.
    """
    if not href or len(href) > 2 * MAX_URL_LENGTH:
        return None
    cleaned = _CONTROL.sub("", href).strip().replace("\\", "/") if _is_web(href) else _CONTROL.sub("", href).strip()
    if cleaned.lower().startswith("feed:"):
        cleaned = re.sub(r"^feed:(//)?(?=https?:)", "", cleaned, flags=re.IGNORECASE)
        cleaned = re.sub(r"^feed:(//)?", "http://", cleaned, flags=re.IGNORECASE)
    try:
        absolute = urljoin(base or "", cleaned)
        parts = urlsplit(absolute)
        name = _ascii_host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme.lower() not in _DEFAULT_PORTS or not name or len(name) > MAX_HOST_LENGTH:
        return None
    absolute = absolute.replace(" ", "%20")
    return absolute if len(absolute) <= MAX_URL_LENGTH else None


def too_long(url: str) -> bool:
    """Whether an address has more than `MAX_LENGTH` bytes and so is none that rows are found by."""
    return len(url) > MAX_LENGTH or len(url.encode("utf-8", "replace")) > MAX_LENGTH


def _is_web(href: str) -> bool:
    return href.lstrip()[:5].lower() in ("http:", "https")


def host(url: str) -> str:
    """The host of an address, lower case, ASCII (IDNA 2008 with the UTS 46 mapping), without port; "" where none."""
    try:
        return _ascii_host(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return ""


@lru_cache(maxsize=20_000)
def _ascii_host(name: str) -> str:
    if len(name) > 4 * MAX_HOST_LENGTH:  # escaped or not; making it ASCII takes the square of its length
        return ""
    name = unquote(name).strip().rstrip(".").lower()
    if _NOT_IN_A_HOST.search(name):
        return ""
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        try:
            return name.encode("idna").decode("ascii")
        except UnicodeError:
            return name


def registered_domain(url: str) -> str:
    """The domain somebody registered (``bbc.co.uk`` of ``https://feeds.bbci.bbc.co.uk/x``), by the public suffix list.

    Takes an address or a bare host. Where the list knows no suffix (``outlet.example``, an IP literal), the last two
    labels or the literal itself.
    """
    if "//" in url:
        return _registered(host(url))
    return _registered(_ascii_host(url)) if not _NOT_A_HOST.search(url) else ""


@lru_cache(maxsize=20_000)
def _registered(name: str) -> str:
    found = _suffixes()(name).top_domain_under_public_suffix
    if found or ":" in name or name.replace(".", "").isdigit():
        return found or name
    return ".".join(name.split(".")[-2:])


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    """The public suffix list that comes with the package; never the network. It brings `requests`, so it comes late."""
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


# --- canonical --------------------------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def canonical(url: str) -> str:
    """The address a reader would call the article's own.

    Aggregator links that carry their target are unwrapped; tracking parameters, fragments that are no route, default
    ports, user information, session ids, AMP and mobile marks and trailing index pages go; host and escapes get one
    spelling.
    What is not an http(s) address comes back stripped of white space, unchanged. Idempotent.
    """
    current = resolve(None, url)
    if current is None:
        return url.strip()
    for _ in range(_MAX_UNWRAPS):
        inner = aggregators.unwrap(current)
        target = resolve(None, inner) if inner else None
        if target is None or target == current:
            break
        current = target
    for _ in range(3):  # one rule may uncover another (an AMP page under a mobile host); settled after two rounds
        previous, current = current, _normal(current)
        if previous == current:
            break
    return current


def _normal(url: str) -> str:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    name = _site_host(_ascii_host(parts.hostname or ""))
    try:
        port = parts.port
    except ValueError:
        return url
    shown = f"[{name}]" if ":" in name else name
    authority = shown if port in (None, _DEFAULT_PORTS[scheme]) else f"{shown}:{port}"
    domain = _registered(name)
    path, query = parameters.unglued(parts.path, parts.query)
    query = parameters.kept(query, domain)
    path = _path(path, bool(query))
    fragment = routes.route(parts.fragment, path, domain) if parts.fragment else ""
    return urlunsplit((scheme, authority, path, query, fragment))


@lru_cache(maxsize=20_000)
def _site_host(name: str) -> str:
    """The desktop host behind an AMP or mobile host, else the host itself."""
    if name in RULES.mobile_hosts:
        return RULES.mobile_hosts[name]
    if name in RULES.mobile_keep:
        return name
    domain = _registered(name)
    labels = name.removesuffix(domain).rstrip(".").split(".") if name != domain else []
    marked = [label for label in labels if label in RULES.host_labels]
    if not marked or not labels:
        return name
    rest = [label for label in labels if label not in RULES.host_labels]
    return ".".join([*(rest or ["www"]), domain])


def _path(path: str, has_query: bool) -> str:
    path = parameters.escapes(_SESSION.sub("", path), "/:@!$&'()*+,;=")
    segments = _without_dots(path.split("/"))
    segments = _without_amp(segments)
    if not has_query and segments[-1].lower() in RULES.index_pages:
        segments[-1] = ""
    return "/".join(segments) or "/"


def _without_dots(segments: list[str]) -> list[str]:
    if "." not in segments and ".." not in segments:
        return segments
    kept: list[str] = []
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return kept


def _without_amp(segments: list[str]) -> list[str]:
    """A path without the segment or ending that marks its AMP page; ``/amp/`` alone is left, it names a page."""
    named = [i for i, segment in enumerate(segments) if segment]
    if not named:
        return segments
    first, last = named[0], named[-1]
    ending = next((s for s in RULES.amp_suffixes if segments[last].lower().endswith(s)), "")
    if ending and len(segments[last]) > len(ending):
        stem = segments[last][: -len(ending)]
        page = ending.rpartition(".")[2]
        segments[last] = f"{stem}.{page}" if page in ("html", "htm", "xhtml") else stem
    elif len(named) > 1 and segments[last].lower() in RULES.amp_segments:
        del segments[last]
        if segments[-1] == "" and len(segments) > 2 and "." in segments[-2]:
            segments.pop()  # /story.html/amp/ is /story.html
    elif len(named) > 1 and segments[first].lower() in RULES.amp_segments:
        del segments[first]
    elif len(named) > 2 and segments[named[1]].lower() in RULES.amp_segments:
        del segments[named[1]]  # /news/amp/world-123
    return segments


def identity(url: str) -> str:
    """What two spellings of one article's address share; only for comparing, never for fetching or showing.

    The canonical address without scheme, ``www.`` and trailing slash, its parameters in order of name, and its letters
    composed (NFC): systems write an accent on its letter or behind it. What is no address comes back as it is.
    """
    address = canonical(url)
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if not parts.netloc:
        return address
    article = aggregators.google_news_id(parts.netloc, parts.path)
    if article is not None:
        return f"{parts.netloc}/articles/{article}"
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    key = parts.netloc.removeprefix("www.") + parts.path.rstrip("/")
    key += f"?{query}" if query else ""
    key += f"#{parts.fragment.rstrip('/')}" if parts.fragment else ""
    return parameters.composed(key)


def spellings(url: str) -> tuple[str, ...]:
    """The identity of an address, and what a key that knows nothing of composed letters makes of its other spelling.

    Rows are looked for by all of them: the database orders and cuts an address as `identity` does, but leaves its
    letters.
    """
    key = identity(url)
    return (key, other) if (other := parameters.decomposed(key)) != key else (key,)


def needs_redirect(url: str) -> str | None:
    """Why only a request can tell where an address leads, or None where it stands for itself.

    One of ``google-news``, ``feedburner``, ``aggregator``, ``shortener``. Google News links of the years when they
    carried their target are decoded by `canonical` and need none.
    """
    return aggregators.needs_redirect(canonical(url))
