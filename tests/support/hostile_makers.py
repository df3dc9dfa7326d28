"""What a hostile outlet serves in place of what a good one does: makers of answers, and of kinds that serve them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tests.support.hostile import Answer, Kind, Serves, answer, page, prose, rss, title


def of(path: str, *outcomes: str) -> Callable[[str, Serves], Kind]:
    """Kinds that differ from a good outlet at one path; their feeds, or their pages, may end with `outcomes`."""

    def make(name: str, serves: Serves) -> Kind:
        allowed = frozenset(outcomes)
        if path == "/page":
            return Kind(name, {path: serves}, page=allowed)
        return Kind(name, {path: serves}, feed=allowed)

    return make


def raw(*pieces: bytes | float) -> Serves:
    return lambda _: pieces


def xml(text: str | bytes, more: str = "", kind: str = "application/rss+xml; charset=utf-8") -> Serves:
    return lambda _: answer(text, kind, more=more)


def inside(text: Callable[[], str]) -> Serves:
    return lambda kind: answer(rss(kind, text()), "application/rss+xml; charset=utf-8")


def item(text: Callable[[Kind], str]) -> Serves:
    return lambda kind: answer(rss(kind, item=text(kind)), "application/rss+xml; charset=utf-8")


def json_feed(change: Callable[[Kind], dict[str, object]], whole: bool = False) -> Serves:
    def serves(kind: Kind) -> Answer:
        entry: dict[str, object] = {
            "id": kind.name,
            "url": f"{kind.url}/page",
            "title": title(kind.name),
            "content_text": prose(kind.name),
            "date_published": "2024-06-19T08:00:00Z",
        }
        feed: dict[str, object] = {"version": "https://jsonfeed.org/version/1.1", "title": kind.name, "items": [entry]}
        (feed if whole else entry).update(change(kind))
        return answer(json.dumps(feed), "application/feed+json")

    return serves


def html(change: Callable[[Kind], str]) -> Serves:
    return lambda kind: answer(change(kind))


def ld(**change: object) -> Serves:
    """A page whose JSON-LD, written in escapes, has these values."""

    def serves(kind: Kind) -> Answer:
        node = {"@type": "NewsArticle", "headline": title(kind.name), "datePublished": "2024-06-19T08:00:00Z", **change}
        return answer(page(kind, f'<script type="application/ld+json">{json.dumps(node)}</script>'))

    return serves


def redirect(location: str | bytes, status: str = "302 Found") -> Serves:
    raw = location if isinstance(location, bytes) else location.encode("utf-8")
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\nLocation: ".encode()
    return lambda kind: [head, raw.replace(b"HERE", kind.url.encode()), b"\r\n\r\n"]


def coded(body: Callable[[], bytes], coding: str) -> Serves:
    return lambda _: answer(body(), "application/rss+xml", more=f"Content-Encoding: {coding}\r\n")


def answers(status: int) -> Serves:
    return lambda _: answer("no", status=f"{status} No")


def sound(kind: str, more: str = "") -> Serves:
    """A good feed under a content type and further headers."""
    return lambda outlet: answer(rss(outlet), kind, more=more)


def whole(body: str | bytes, kind: str = "text/html; charset=utf-8") -> Serves:
    return lambda _: answer(body, kind)


def many(piece: str) -> str:
    return piece * (300_000 // len(piece))


def titled(text: str, kind: Kind) -> dict[str, object]:
    return {"title": f"{title(kind.name)} {text}"}


def told(text: str, kind: Kind) -> dict[str, object]:
    return {"content_text": f"{prose(kind.name)}\n{text}\n{prose('x')}"}


def named(text: str, kind: Kind) -> dict[str, object]:
    return {"title": f"{kind.name} {text}"}


def with_values(values: Mapping[str, object], _: Kind) -> dict[str, object]:
    return dict(values)


def linked(link: str, kind: Kind) -> dict[str, object]:
    return {"url": link.replace("HERE", kind.url), "id": f"id of {kind.name}"}


def with_body(body: str, kind: Kind) -> str:
    return page(kind, body=body)


def with_head(head: str, kind: Kind) -> str:
    return page(kind, head)
