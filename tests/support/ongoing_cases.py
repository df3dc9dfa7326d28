"""What the ongoing topic, Russia and North Korea, makes of texts that it was not written on, in halves by outlet.

Thresholds may be chosen on the half `made`; what is claimed is measured on the half `kept`. Of the recorded web the
labels of the summit are taken, which is part of the topic, and the look-backs at the two leaders' earlier meetings are
on topic too. Of the labelled sets, whose texts lie beside the checkout, nothing is on topic: whoever speaks of both
countries there speaks of what somebody else does with them.
"""

from __future__ import annotations

import json
import lzma
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from pipeline import topics
from pipeline.archive.warc import CaptureIndex
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.model import article_vectors, encoder
from pipeline.stories import model as story_model
from tests.support import labelled, recorded
from tests.support.recorded import Quality

TOPIC = "russia-north-korea"
LOOK_BACKS = frozenset({"x27", "x28"})
"""Stories of the recorded web on the leaders' meetings of 2019 and 2023: not of the summit, but of this topic."""
STRANGERS = (
    "stories/fulltext-2016.jsonl.xz",
    "stories/wire-2025.jsonl.xz",
    "stories/excerpts-2026.jsonl.xz",
    "stories/headlines-2014.jsonl.xz",
    "stories/topic-karabakh-2023.jsonl.xz",
    "stories/topic-morocco-2023.jsonl.xz",
)
"""Labelled sets without a text on the topic; 1,346 of them full texts, of which 53 name both countries."""
SUMMARY = 300
"""Characters of a full text that stand for a feed's summary, where the set has no other."""
_WHEN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """A text's label and what gate and full text say of it, with what decided."""

    title: str
    language: str | None
    made: bool
    on_topic: bool
    gate: topics.TopicMatch | None
    full: topics.TopicMatch | None


def is_made(outlet: str) -> bool:
    """Whether an outlet is of the half that thresholds may be chosen on."""
    return zlib.crc32(outlet.casefold().encode()) % 2 == 0


@cache
def topic(settings: Settings) -> topics.Topic:
    """The topic as it is shipped, with no beginning either: the texts are older than it."""
    return replace(topics.find(settings, TOPIC), start=datetime(1990, 1, 1, tzinfo=UTC))


def by_thresholds(subject: topics.Topic, entry: float, full: float) -> topics.Topic:
    """The same topic by other thresholds."""
    return replace(subject, weights=replace(subject.weights, entry_threshold=entry, threshold=full))


def of_the_recorded_web(settings: Settings, subject: topics.Topic) -> list[Judged]:
    """Each labelled entry of the recorded web, by its feed and by its page."""
    index, numbers = CaptureIndex.read([recorded.RECORDED]), recorded.packaged_numbers()
    entries = recorded.read_entries(index, recorded.read_labels())
    gate = recorded.judge_entries(settings, subject, entries, numbers)
    full = recorded.judge_articles(settings, subject, index, entries, numbers)
    pages = {label.url: verdict for label, verdict in full}
    return [
        Judged(
            label.url, label.language, is_made(label.outlet), label.on_topic or label.story in LOOK_BACKS, verdict,
            pages.get(label.url),
        )
        for label, verdict in gate
    ]  # fmt: skip


def of_strangers(settings: Settings, subject: topics.Topic) -> list[Judged]:
    """Each text of the labelled sets, judged as an entry by its beginning and as a page by the whole of it."""
    rows = [row for name in STRANGERS for row in _rows(name)]
    seeds, model = SeedIndex(settings, [subject], recorded.packaged_numbers()), encoder(settings)
    whole = [Document(str(at), row["title"], row["text"], language=row["language"]) for at, row in enumerate(rows)]
    short = [replace(document, text=document.text[:SUMMARY]) for document in whole]
    asked = [each for each in short if topics.worth_measuring(subject, each.title, each.text, each.language)]
    near = seeds.closeness(subject, asked)
    both = [each for each in whole if _names_both(subject, each)]
    vectors = dict(zip((each.id for each in both), article_vectors(settings, both, story_model.default()), strict=True))
    found = []
    for row, entry, page in zip(rows, short, whole, strict=True):
        language = page.language
        gate = topics.match(subject, entry.title, entry.text, _WHEN, near.get(entry.id), language=language, entry=True)
        full = None
        if page.id in vectors:
            closeness = seeds.nearest(subject, vectors[page.id]) if model.readable(language) else None
            full = topics.match(subject, page.title, page.text, _WHEN, closeness, language=language)
        found.append(Judged(page.title, language, is_made(str(row["source"])), False, gate, full))
    return found


def _names_both(subject: topics.Topic, text: Document) -> bool:
    return set(subject.required) <= set(topics.wording(subject, text.title, text.text).found)


def _rows(name: str) -> Iterable[dict[str, str]]:
    with lzma.open(labelled.path(name), "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {key: row.get(key) or "" for key in ("title", "text", "source")} | {"language": row.get("language")}


def quality(judged: Sequence[Judged], *, full: bool, made: bool) -> Quality:
    """Precision and recall of one half by the gate or by the full text, where a text without a page is a miss."""
    verdicts = [(each, each.full if full else each.gate) for each in judged if each.made is made]
    return Quality.of((each.on_topic, verdict is not None and verdict.on_topic) for each, verdict in verdicts)
