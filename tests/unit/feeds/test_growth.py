"""What is built to exhaust a reader of feeds, lists or pages costs in step with its size, or is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from pipeline import feeds
from pipeline.errors import ItemError
from pipeline.extraction import revisions
from pipeline.feeds import opml
from pipeline.feeds.markup import first_image, plain_text
from pipeline.text import words
from pipeline.web import robots

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
RSS = '<rss version="2.0"><channel><title>t</title><item><title>a</title><link>https://o.example/a</link>'
SMALL, TIMES = 15_000, 4
ENOUGH = 0.3
"""Processor seconds below which nothing is said of growth: the clock is too coarse there."""

PIECES = {
    "CDATA": "<![CDATA[", "comment": "<!--", "hidden CDATA": "<!--<![CDATA[-->", "instruction": "<?x ", "tag": "<b>",
    "bracket": "<", "ampersand": "&", "name": "&nosuch;", "number": "&#xD800;", "quote": "<b a='x ", "closing": "</b>",
    "author": "<author",
    "keywords": "<keywords ", "hours": "<skipHours", "entity": "<!ENTITY a 'b'>",
    "type": "<!DOCTYPE ",
    "space": " ", "image": "&lt;img src=", "link": " href='", "item": "<item>",
    "mail": "<author>a@a@", "end": "]]>",
    "escaped": "&lt;div&gt;", "category": "<category>x</category>",
    "label": "<category ",
}  # fmt: skip
HEADS = {
    "sets": "<!DOCTYPE a [" + "[a]" * 9, "types": "<!DOCTYPE a>", "instructions": "<?a?>", "comments": "<!---->",
    "open types": "<!DOCTYPE ", "titles": "<html><title>",
    "links": "<rss><channel><link> ", "hours": "<rss><skipHours>",
}  # fmt: skip


def parse(document: str) -> None:
    try:
        feeds.parse(document.encode(), "https://o.example/rss", None, NOW)
    except ItemError as error:
        assert error.reason


def lists(document: str) -> None:
    try:
        opml.read(document.encode())
    except ItemError as error:
        assert error.reason


def many(piece: str, size: int) -> str:
    return piece * (size // len(piece))


def in_item(piece: str, size: int) -> None:
    parse(f"{RSS}{many(piece, size)}</item></channel></rss>")


def with_ends(piece: str, size: int) -> None:
    parse(f"{RSS}{many(piece, size)}]]>-->?>'></item></channel></rss>")


def in_text(piece: str, size: int) -> None:
    parse(f"{RSS}<description>{many(piece, size)}</description></item></channel></rss>")


def in_list(piece: str, size: int) -> None:
    lists(f"<opml><body><outline>{many(piece, size)}")


def before_all(piece: str, size: int) -> None:
    parse(many(piece, size) + RSS)


KINDS: dict[str, Callable[[int], object]] = {
    **{f"{name} in an item": partial(in_item, piece) for name, piece in PIECES.items()},
    **{f"{name} in an item and its ends": partial(with_ends, piece) for name, piece in PIECES.items()},
    **{f"{name} in a text": partial(in_text, piece) for name, piece in PIECES.items()},
    **{f"{name} in a list": partial(in_list, piece) for name, piece in PIECES.items()},
    **{f"{name} before all": partial(before_all, piece) for name, piece in HEADS.items()},
    "attributes": lambda n: parse(f"{RSS}<b {' '.join(f'a{i}=x' for i in range(n // 6))}/></item></channel></rss>"),
    "nesting": lambda n: parse(f"{RSS}{many('<a>', n)}{many('</a>', n)}</item></channel></rss>"),
    "images": lambda n: first_image("<img " + many("src=a ", n)),
    "markup": lambda n: plain_text(many("<div>", n)),
    "robots": lambda n: robots.crawl_delay(
        robots.answer(200, (many("User-agent: a\n", n) + many("Disallow: /b\n", n)).encode(), NOW), "wirewatch"
    ),
    "revised lines": lambda n: revisions.compare("t", many("w a\n", n), "t", many("v a\nw\n", n)),
    "revised words": lambda n: revisions.compare(
        "t", "\n".join(f"w{i} a" for i in range(n // 8)), "t", "\n".join(f"v{i} a" for i in range(n // 8))
    ),
    "dotted letters": lambda n: words.units(many("a.", n) + "ab"),
    "grouped digits": lambda n: words.units(many("1,000", n)),
    "blanks": lambda n: words.sentences("a." + many(" ", n) + "b"),
}  # fmt: skip


def spent(make: Callable[[int], object], size: int) -> float:
    """Processor seconds of this thread: what other threads do meanwhile, as those of earlier tests, is not counted."""
    before = time.thread_time()
    make(size)
    return time.thread_time() - before


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", KINDS)
def test_time_grows_with_the_size_and_not_with_its_square(kind: str) -> None:
    make = KINDS[kind]
    large = spent(make, TIMES * SMALL)
    if large > ENOUGH:
        # In step with the size is 4 times as much, with its square 16. The least of three is the cost of the work: a
        # collection of garbage or the measuring of coverage comes into one of them, a square comes into each.
        least = min(large, *(spent(make, TIMES * SMALL) for _ in range(2)))
        assert least < 8 * max(min(spent(make, SMALL) for _ in range(3)), 0.01)
