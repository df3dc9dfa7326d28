"""The text of a page: trafilatura's, of what the page shows of this one article, or what the page holds beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from pipeline.errors import ItemError
from pipeline.extraction import kinds as page_kinds
from pipeline.extraction import layout, lists, neighbours, witnesses
from pipeline.extraction.facts import PageFacts

neighbours.install()


class Found(NamedTuple):
    """The prose of an article, and what is to be said of where it was."""

    text: str
    problems: tuple[str, ...] = ()


def find(tree: HtmlElement, facts: PageFacts, title: str, url: str) -> Found:
    """The prose of the article with this headline; empty where none is found.

    Raises `ItemError` (``extract-failed``) where the library stumbles over the page.
    """
    page = layout.prepared(tree, title, live=page_kinds.live_blog(facts, url))
    shown = lists.with_lists(prose(page, url), page)
    witness = witnesses.better(tree, facts, title, shown)
    return Found(shown) if witness is None else Found(witness.text, (witness.rule,))


def prose(page: HtmlElement, url: str) -> str:
    """What trafilatura takes for the text of a page; the page is left as it was."""
    # The library takes any JSON-LD for the page's own where it finds little else; `witnesses` asks whose it is.
    stated = [(script, script.text) for script in page.iter("script") if "articleBody" in (script.text or "")]
    for script, _ in stated:
        script.text = None
    try:
        document = guarded(bare_extraction, page, page=url, url=url, with_metadata=False, include_comments=False)
    finally:
        for script, held in stated:
            script.text = held
    return (document.text or "").strip() if document is not None else ""


def guarded(call: Callable[..., Any], argument: object, *, page: str, **options: Any) -> Any:
    """Run a library over a stranger's markup; whatever it stumbles over is this page's failure."""
    try:
        return call(argument, **options)
    except MemoryError:
        raise
    except Exception as error:
        raise ItemError("extract-failed", f"{type(error).__name__}: {error}"[:200], url=page) from error
