"""Links of aggregators, redirectors, caches and web archives: the address inside, where it can be read offline."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.urls import consents
from pipeline.urls.rules import RULES

_ARCHIVE = re.compile(
    r"^/(?:web|all|wayback|memento)/(?:\d{4,14}(?:[a-z]{2}_)?|\*)/(?P<target>https?:/.+)", re.IGNORECASE
)
_ARCHIVES = ("web.archive.org", "archive.org", "webarchive.org.uk", "wayback.archive-it.org", "arquivo.pt")
_AMP_CACHE = re.compile(r"^/(?:[acviwr]/)?(?P<secure>s/)?(?P<target>[^/]+\..+)")
_GOOGLE_AMP = re.compile(r"^/amp/(?P<secure>s/)?(?P<target>[^/]+\..+)")
_YAHOO = re.compile(r"/RU=(?P<target>[^/]+)/")
# The same article under /articles/, /rss/articles/, /__i/rss/rd/articles/ and /read/.
_GOOGLE_NEWS = re.compile(r"/(?:articles|read)/(?P<id>C[A-Z][A-Za-z0-9_-]{10,})={0,2}(?:/|$)")
_GOOGLE = re.compile(r"(?P<service>(?:[a-z]+\.)?google)\.(?:com?\.)?[a-z]{2,3}")
_CACHED = re.compile(r"^cache:(?:[\w-]{12}:)?(?P<target>(?:https?://)?[^\s/+]+\.[^\s+]+)")
_SNAPSHOT = re.compile(r"^/(?:o/\w+/|(?:\d{4}[\d.-]{0,13}|newest|oldest)/)(?P<target>https?:/.+)", re.IGNORECASE)
_SNAPSHOTS = ("archive.ph", "archive.today", "archive.is", "archive.li", "archive.vn", "archive.md", "archive.fo")
_BEHIND_A_SLASH = ("12ft.io", "freedium.cfd", "r.jina.ai", "txtify.it", "proxy.freedium.cfd")
_BEHIND_A_MARK = ("href.li", "anonym.to", "nullrefer.com", "dereferer.me", "hidereferrer.com")
_TURBO = re.compile(r"^/(?P<host>[\w-]+(?:\.[\w-]+)+)/s(?P<path>/.*)")
_PROOFPOINT_3 = re.compile(r"/v3/__(?P<target>https?:/.+?)__;", re.IGNORECASE)
_REGISTER = re.compile(r"^/feed/(?P<target>[^/]+\..+)")
_ADDRESS = re.compile(rb"https?://[^\x00-\x20\x7f-\xff\"<>]+")


def under(name: str, domain: str) -> bool:
    """Whether a host is `domain` or below it."""
    return name == domain or name.endswith("." + domain)


_UNWRAPPED = frozenset(domain for rule in RULES.unwraps for domain in rule.hosts)
_REDIRECTED = frozenset(domain for rule in RULES.redirects for domain in rule.hosts)


def _among(name: str, domains: frozenset[str]) -> bool:
    """Whether a host is one of `domains` or below one; nearly every address ends here."""
    labels = name.split(".")
    return any(".".join(labels[i:]) in domains for i in range(len(labels)))


def unwrap(url: str) -> str | None:
    """The address that a link of an aggregator, a consent wall, an AMP cache or a web archive carries, or one twice.

    None where the link is not of that kind, or does not carry it in a readable form.
    """
    parts = urlsplit(url)
    name = _com((parts.hostname or "").lower())
    for rule in RULES.unwraps if _among(name, _UNWRAPPED) else ():
        if any(under(name, domain) for domain in rule.hosts) and parts.path.startswith(rule.path):
            values = parse_qs(parts.query)
            for parameter in rule.parameters:
                target = values.get(parameter, [""])[0]
                if target.lower().startswith(("http://", "https://")):
                    return target
                if rule.encoded and (decoded := _decoded(target)):
                    return decoded
    return consents.carried(parts, name) or _in_path(name, parts.path, parts.query) or consents.doubled(parts, name)


def _in_path(name: str, path: str, query: str) -> str | None:
    tail = f"?{query}" if query else ""
    if any(under(name, archive) for archive in _ARCHIVES) and (found := _ARCHIVE.match(path)):
        return re.sub(r"^(https?):/+", r"\1://", found["target"], flags=re.IGNORECASE) + tail
    if any(under(name, cache) for cache in RULES.amp_caches) and (found := _AMP_CACHE.match(path)):
        return _scheme(found["secure"]) + found["target"] + tail
    if name in ("google.com", "www.google.com") and (found := _GOOGLE_AMP.match(path)):
        return _scheme(found["secure"]) + found["target"] + tail
    if name == "r.search.yahoo.com" and (found := _YAHOO.search(path)):
        return unquote(found["target"])
    if identifier := google_news_id(name, path):
        return _google_news(identifier)
    if name == "go.theregister.com" and (found := _REGISTER.match(path)):
        return "https://" + found["target"] + tail
    if name.endswith(".translate.goog"):
        return _translated(name, path, query)
    return _elsewhere(name, path, query)


def _elsewhere(name: str, path: str, query: str) -> str | None:
    """The target in the links of snapshots, readers, link guards and Yandex's copies of pages."""
    tail = f"?{query}" if query else ""
    if name in _SNAPSHOTS and (found := _SNAPSHOT.match(path)):
        return re.sub(r"^(https?):/+", r"\1://", found["target"], flags=re.IGNORECASE) + tail
    if name in _BEHIND_A_SLASH and re.match(r"/https?:/", path, re.IGNORECASE):
        return re.sub(r"^/(https?):/+", r"\1://", path, flags=re.IGNORECASE) + tail
    if name in _BEHIND_A_MARK and re.match(r"https?:|https?%3a", query, re.IGNORECASE):
        return query if "://" in query else unquote(query)
    if name.endswith(".turbopages.org") and (found := _TURBO.match(path)):
        return f"https://{found['host']}{found['path']}{tail}"
    if name == "webcache.googleusercontent.com":
        cached = _CACHED.match(parse_qs(query).get("q", [""])[0])
        return None if cached is None else re.sub(r"^(?!https?://)", "http://", cached["target"])
    if name == "urldefense.com" and (found := _PROOFPOINT_3.search(path + tail)):
        return re.sub(r"^(https?):/+", r"\1://", found["target"], flags=re.IGNORECASE)
    if name == "urldefense.proofpoint.com" and path.startswith("/v2/url"):
        return unquote(parse_qs(query).get("u", [""])[0].replace("-", "%").replace("_", "/"))
    return None


def _com(name: str) -> str:
    """Google's hosts of all countries under one name, as they answer alike."""
    found = _GOOGLE.fullmatch(name)
    return f"{found['service']}.com" if found else name


def _decoded(value: str) -> str | None:
    """An address in base64, with or without Bing's ``a1`` before it; None where it is none."""
    for text in (value, value[2:]):
        try:
            found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
        except (binascii.Error, ValueError):
            continue
        if found.lower().startswith(("http://", "https://")):
            return found
    return None


def google_news_id(name: str, path: str) -> str | None:
    """What Google News calls an article, in every form of its addresses; None where an address is none of them."""
    found = _GOOGLE_NEWS.search(path) if name == "news.google.com" else None
    return found["id"] if found else None


def _scheme(secure: str | None) -> str:
    return "https://" if secure else "http://"


def _google_news(identifier: str) -> str | None:
    """The address inside a Google News id: base64 of a protobuf whose fourth field is it.

    Ids issued since the middle of 2024 hold an opaque token (``AU_yqL…``) in its place; those need a request.
    """
    try:
        message = base64.urlsafe_b64decode(identifier + "=" * (-len(identifier) % 4))
    except (binascii.Error, ValueError):
        return None
    found = _ADDRESS.search(message)
    return found[0].decode("ascii") if found else None


def _translated(name: str, path: str, query: str) -> str:
    """``www-outlet-co-uk.translate.goog`` back to ``www.outlet.co.uk``; a doubled hyphen was one in the name."""
    label = name.removesuffix(".translate.goog").replace("--", "\x00").replace("-", ".").replace("\x00", "-")
    kept = "&".join(piece for piece in query.split("&") if piece and not piece.startswith("_x_tr_"))
    return f"https://{label}{path}" + (f"?{kept}" if kept else "")


def needs_redirect(url: str) -> str | None:
    """Why only a request tells where an address leads; None where it stands for itself."""
    parts = urlsplit(url)
    name = (parts.hostname or "").lower()
    for rule in RULES.redirects if _among(name, _REDIRECTED) else ():
        if parts.path.strip("/") and parts.path.startswith(rule.paths) and any(under(name, d) for d in rule.hosts):
            return rule.reason
    return None
