"""What a topic would make of what is stored, before anybody watches it: caught, missed by a hair, and what it costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from pipeline import database, topics
from pipeline.errors import ConfigurationError
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.model import article_vectors, encoder, story_parameters, topic_numbers
from pipeline.store import trials as store
from pipeline.store.trials import TriedEntry, TriedPage
from pipeline.topics import Topic, TopicMatch, Wording

MOST = 50_000
"""Entries that a topic is tried on, the newest: some ten days of 300 feeds, judged in about half a minute."""
HAIR = 0.10
"""Below the threshold by at most this is missed by a hair: less than an optional group in the headline adds (0.15)."""
_LEAST = 0.01  # of a score that is worth a figure
_DAY = timedelta(days=1)
_AT_ONCE = 64  # texts between two moves of a bar: two batches of the model
_T = TypeVar("_T")

Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]
"""Called with what is counted and how many there are; gives a function that is called after each."""


@contextmanager
def _unseen(_label: str, _total: int) -> Iterator[Callable[[], None]]:
    yield lambda: None


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry, what the topic says of it, and in words why it is missed ("" where it is caught)."""

    entry: TriedEntry
    verdict: TopicMatch
    because: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What the topic costs on a day of the time that it was tried on.

    Of its `pages` a day `new` are fetched for no other topic. They take `fetching` seconds from their outlets, side by
    side or not, and judging all entries takes `judging` seconds of this machine; None where no page was asked for yet.
    """

    pages: float
    new: float
    fetching: float | None
    judging: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. `days` is how long the entries span; `full` says what those pages that are stored are, on topic.

    `without_window` says that none of what is stored lies in the topic's window, so that it was tried without.
    """

    entries: int
    days: float
    first: datetime
    last: datetime
    without_window: bool
    caught: Sequence[Judged]
    near: Sequence[Judged]
    full: Sequence[tuple[TriedPage, TopicMatch]]
    cost: Cost


def try_topic(settings: Settings, subject: Topic, progress: Progress = _unseen) -> Trial:
    """Judge what is stored by a topic, writing nothing; `progress` sees entries and pages as they are read.

    Raises `ConfigurationError` where nothing is stored, or where the model has no numbers for topics.
    """
    with database.connect(settings) as connection:
        stored = _stored(connection)
        numbers = topic_numbers(connection, settings)
        seconds = store.page_seconds(connection)
    within = [entry for entry in stored if subject.covers(entry.published)]
    asked = subject if within else _without_window(subject, stored)
    chosen = within or stored
    began = time.monotonic()
    seeds = SeedIndex(settings, [asked], numbers)
    with progress("entries", len(chosen)) as advance:
        judged = [one for some in _parts(chosen, advance) for one in _judged(asked, seeds, some)]
    took = time.monotonic() - began
    caught = [each for each in judged if each.verdict.on_topic]
    near = [each for each in judged if not each.verdict.on_topic and each.because]
    times = sorted(entry.published for entry in chosen)
    days = max(1.0, (times[-1] - times[0]) / _DAY)
    return Trial(
        len(chosen), days, times[0], times[-1], not within, _best(caught), _best(near),
        _full(settings, asked, seeds, caught, progress),
        _cost(caught, days, seconds, took),
    )  # fmt: skip


def _stored(connection: database.Connection) -> list[TriedEntry]:
    """The entries to try it on. Raises `ConfigurationError` where there are none."""
    stored = store.entries(connection, MOST)
    if not stored:
        raise ConfigurationError(
            "nothing is stored yet to try it on; `make live` or `wirewatch collect` asks the feeds, `make run` has the"
            " recorded web"
        )
    return stored


def _parts(items: Sequence[_T], advance: Callable[[], None]) -> Iterator[Sequence[_T]]:
    """Some at a time; `advance` is called for each when they are done."""
    for start in range(0, len(items), _AT_ONCE):
        part = items[start : start + _AT_ONCE]
        yield part
        for _ in part:
            advance()


def _without_window(subject: Topic, stored: Sequence[TriedEntry]) -> Topic:
    first = min(entry.published for entry in stored)
    return replace(subject, start=first, end=None)


def _judged(subject: Topic, seeds: SeedIndex, entries: Sequence[TriedEntry]) -> list[Judged]:
    """Every entry as the gate sees it."""
    words = {entry.id: seeds.wordings.of(entry.title, entry.text)[subject.slug] for entry in entries}
    asked = [
        Document(str(entry.id), entry.title, entry.text, language=entry.language)
        for entry in entries
        if topics.worth_measuring(subject, entry.title, entry.text, entry.language, words[entry.id])
    ]
    near = seeds.closeness(subject, asked)
    found = []
    for entry in entries:
        verdict = topics.match(
            subject, entry.title, entry.text, entry.published, near.get(str(entry.id)), language=entry.language,
            entry=True, words=words[entry.id],
        )  # fmt: skip
        found.append(Judged(entry, verdict, "" if verdict.on_topic else _because(subject, verdict, words[entry.id])))
    return found


def _because(subject: Topic, verdict: TopicMatch, words: Wording) -> str:
    """Why an entry is missed by a hair; "" where it is far off."""
    short = verdict.threshold - verdict.score
    lacking = f"{short:.2f} is missing" if short >= _LEAST else f"less than {_LEAST} is missing"
    if words.excluded and short <= max(HAIR, words.off):
        return f"[not] {words.excluded!r} took off {words.off:.2f}, and {lacking}"
    if short > HAIR:
        return ""
    if not words.found:
        return f"no term stands in it; it is near the seed documents, and {lacking}"
    missing = [name for name in subject.required if name not in words.found]
    lacks = f", none of {' and '.join(missing)}" if missing else ""
    return f"names {', '.join(repr(term) for term in words.found.values())}{lacks}; {lacking}"


def _best(judged: Sequence[Judged]) -> list[Judged]:
    """One of each address, the highest score first."""
    first: dict[str, Judged] = {}
    for each in sorted(judged, key=lambda each: (-each.verdict.score, each.entry.id)):
        first.setdefault(each.entry.address, each)
    return list(first.values())


def _full(
    settings: Settings, subject: Topic, seeds: SeedIndex, caught: Sequence[Judged], progress: Progress
) -> list[tuple[TriedPage, TopicMatch]]:
    """What the whole text says, of those caught whose page was read for another topic."""
    ids = sorted({each.entry.article_id for each in caught if each.entry.article_id and each.entry.is_read})
    with database.connect(settings) as connection:
        pages = store.pages(connection, ids)
        parameters = story_parameters(connection, settings)
    found = []
    with progress("pages", len(pages)) as advance:
        for some in _parts(pages, advance):
            documents = [
                Document(str(page.id), page.title or "", page.text or "", page.published, language=page.language)
                for page in some
            ]
            vectors = article_vectors(settings, documents, parameters)
            for page, document, vector in zip(some, documents, vectors, strict=True):
                closeness = seeds.nearest(subject, vector) if encoder(settings).readable(page.language) else None
                published = page.published or subject.start
                verdict = topics.match(
                    subject, document.title, document.text, published, closeness, language=page.language
                )
                found.append((page, verdict))
    return found


def _cost(caught: Sequence[Judged], days: float, seconds: float | None, took: float) -> Cost:
    addresses = {each.entry.address: each.entry.article_id for each in caught}
    new = sum(article is None for article in addresses.values())
    fetching = None if seconds is None else new / days * seconds
    return Cost(len(addresses) / days, new / days, fetching, took / days)
