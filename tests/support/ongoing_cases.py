"""What the ongoing topic, Russia and North Korea, makes of texts that it was not written on, in halves by outlet.

Thresholds may be chosen on the half `made`; what is claimed is measured on the half `kept`. Of the recorded web the
labels of the summit are taken, which is part of the topic, and the look-backs at the two leaders' earlier meetings are
on topic too. The entries of tests/data/topics/russia-north-korea.jsonl are of what came after it; their halves are set
in the file. Of the labelled sets, whose texts lie beside the checkout, nothing is on topic: whoever speaks of both
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
from tests.support.project import REPOSITORY
from tests.support.recorded import Quality

TOPIC = "russia-north-korea"
SINCE = REPOSITORY / "tests" / "data" / "topics" / f"{TOPIC}.jsonl"
"""Entries since the summit, written and labelled for this project before the topic was read."""
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
ON_TOPIC = 2
"""The label of what is on topic."""
SUMMARY = 300
"""Characters of a full text that stand for a feed's summary, where the set has no other."""
_WHEN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """A text's label and what gate and full text say of it, with what decided.

    The label is 2 (on topic), 1 (related, or in passing) or 0. `gate` is None of what is no entry, `full` of a text
    that is not at hand, or that does not name both countries. `whole` is whether the whole text is at hand.
    """

    title: str
    language: str | None
    made: bool
    label: int
    gate: topics.TopicMatch | None
    full: topics.TopicMatch | None
    whole: bool = True

    @property
    def on_topic(self) -> bool:
        """Whether it is labelled on topic."""
        return self.label == ON_TOPIC


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to be judged as an entry by title and summary, and as a page by title and text, where it has one."""

    title: str
    summary: str
    text: str | None
    language: str | None
    published: datetime
    made: bool
    label: int = 0


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
            label.url, label.language, is_made(label.outlet),
            ON_TOPIC if label.on_topic or label.story in LOOK_BACKS else 0, verdict, pages.get(label.url),
        )
        for label, verdict in gate
    ]  # fmt: skip


def of_what_came_since(settings: Settings, subject: topics.Topic) -> list[Judged]:
    """Each labelled entry since the summit, judged by its feed and, where it has a text, by its page."""
    with SINCE.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [
        _Text(
            row["title"], row["summary"], row["text"], row["language"], datetime.fromisoformat(row["published"]),
            row["part"] == "made", row["label"],
        )
        for row in rows
    ]  # fmt: skip
    return _judge(settings, subject, texts)


def of_strangers(settings: Settings, subject: topics.Topic) -> list[Judged]:
    """Each text of the labelled sets, judged as an entry by its beginning and as a page by the whole of it."""
    texts = [
        _Text(row["title"], row["text"][:SUMMARY], row["text"], row["language"], _WHEN, is_made(row["source"]))
        for name in STRANGERS
        for row in _rows(name)
    ]
    return _judge(settings, subject, texts)


def _judge(settings: Settings, subject: topics.Topic, texts: Sequence[_Text]) -> list[Judged]:
    """What gate and full text say of texts, as in the steps `match` and `embed`."""
    seeds, model = SeedIndex(settings, [subject], recorded.packaged_numbers()), encoder(settings)
    entries = [Document(str(at), each.title, each.summary, language=each.language) for at, each in enumerate(texts)]
    asked = [each for each in entries if topics.worth_measuring(subject, each.title, each.text, each.language)]
    near = seeds.closeness(subject, asked)
    pages = [replace(entries[at], text=each.text) for at, each in enumerate(texts) if each.text is not None]
    both = {each.id: each for each in pages if _names_both(subject, each)}
    vectors = dict(zip(both, article_vectors(settings, list(both.values()), story_model.default()), strict=True))
    found = []
    for each, entry in zip(texts, entries, strict=True):
        title, language, when = each.title, each.language, each.published
        gate = topics.match(subject, title, entry.text, when, near.get(entry.id), language=language, entry=True)
        full = None
        if page := both.get(entry.id):
            closeness = seeds.nearest(subject, vectors[page.id]) if model.readable(language) else None
            full = topics.match(subject, title, page.text, when, closeness, language=language)
        found.append(Judged(title, language, each.made, each.label, gate, full, each.text is not None))
    return found


def _names_both(subject: topics.Topic, text: Document) -> bool:
    return set(subject.required) <= set(topics.wording(subject, text.title, text.text).found)


def _rows(name: str) -> Iterable[dict[str, str]]:
    with lzma.open(labelled.path(name), "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {key: row.get(key) or "" for key in ("title", "text", "source")} | {"language": row.get("language")}


def quality(judged: Sequence[Judged], *, full: bool, made: bool) -> Quality:
    """Precision and recall of one half by the gate or by the full text, where a page that was not read is a miss."""
    return Quality.of((each.on_topic, passed) for each, passed in _passed(judged, full=full, made=made))


def let_in(judged: Sequence[Judged], label: int, *, full: bool, made: bool) -> tuple[int, int]:
    """How many texts of a label one half lets in, and how many it has."""
    passed = [through for each, through in _passed(judged, full=full, made=made) if each.label == label]
    return sum(passed), len(passed)


def _passed(judged: Sequence[Judged], *, full: bool, made: bool) -> list[tuple[Judged, bool]]:
    """The texts of one half and whether they pass; the full text is not asked where the whole is not at hand."""
    chosen = [each for each in judged if each.made is made and (each.whole or not full)]
    verdicts = [(each, each.full if full else each.gate) for each in chosen]
    return [(each, verdict is not None and verdict.on_topic) for each, verdict in verdicts]
