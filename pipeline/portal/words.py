"""How the pages say what the database names for itself: states, methods, moments, languages, countries."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from babel import Locale

from pipeline.models import Precision, precision

_STATES = {"draft": "waits for review"}
# The methods of a membership. Those that compare have a score that reached a threshold; the others have none to show.
_COMPARING = {
    "mix": "vectors and words",
    "words": "words",
    "vectors": "vectors",
    "topical": "vectors and days, within the topic",
}
_WHY = _COMPARING | {
    "first": "opened it",
    "copy": "a copy",
    "must-link": "put here by a person",
    "merge": "came with a merged story",
    "reassign": "looked at again within its first hour",
    "split": "left another story",
    "settle": "looked at again together with all of its days",
}
_ENGLISH = Locale("en")


def moment(value: datetime | str) -> str:
    """A moment to the minute, in UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC).strftime("%d %b %Y %H:%M UTC")


def published(value: datetime | str, known: Precision | None = None) -> str:
    """When an article was published: without an hour where only the day is known; `known` says which, as stored."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC).strftime("%d %b %Y") if precision(at, stated=known) == "day" else moment(at)


def state(name: str) -> str:
    """A digest's state in a reader's words."""
    return _STATES.get(name, name)


def why(method: str) -> str:
    """The method of a membership in a reader's words; the glossary explains them."""
    return _WHY.get(method, method)


def compares(method: str) -> bool:
    """Whether a membership by this method has a score that says something."""
    return method in _COMPARING


def language(tag: str | None) -> str:
    """A language's English name by its tag; the tag where it has none, "" where there is no tag."""
    if not tag:
        return ""
    return str(_ENGLISH.languages.get(tag.split("-")[0].lower(), tag))


def country(code: str | None) -> str:
    """A country's English name by its code; the code where it has none, "" where there is no code."""
    return str(_ENGLISH.territories.get(code.upper(), code)) if code else ""


def sent(channel: str) -> str:
    """A channel of the outbox in a reader's words: what it carries, and to whom."""
    if channel.startswith("review-"):
        return f"to the desk by {channel.removeprefix('review-')}: waits for review"
    if channel.startswith("failed-"):
        failed, _, via = channel.removeprefix("failed-").rpartition("-")
        return f"to the desk by {via}: {failed} given up"
    return channel


def is_web(url: str | None) -> bool:
    """Whether an address may become a link: one out of a feed can be of any scheme, javascript included."""
    try:
        return urlsplit(url or "").scheme in ("http", "https")
    except ValueError:
        return False
