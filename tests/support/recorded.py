"""The recorded web and its labels, read for evaluation: entries and articles as the steps see them, without a database.

``python tests/support/recorded.py`` prints the table of the note on topics. The labels are read here and by tests only.
Half of the stories (`Label.tuning`) may be tuned on; what is claimed is measured on the other half.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pipeline import extraction, feeds, topics, urls
from pipeline.archive.warc import Capture, CaptureIndex
from pipeline.errors import ItemError
from pipeline.feeds import opml
from pipeline.feeds.sightings import entry_published
from pipeline.models import Article, Document, FeedEntry
from pipeline.settings import Settings
from pipeline.steps.closeness import SeedIndex
from pipeline.steps.model import article_vectors, encoder
from pipeline.stories import model as story_model
from tests.support.project import REPOSITORY

RECORDED = REPOSITORY / "seeds" / "recorded"
LABELS = REPOSITORY / "tests" / "data" / "recorded-labels.jsonl"
TOPIC = "putin-kim-summit"
LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "ru", "zh")


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of one page; a page that was corrected later is one label. Addresses are canonical."""

    url: str
    outlet: str
    language: str
    story: str
    on_topic: bool
    hard_negative: bool
    copy_of: str | None
    kind: str
    corrected: bool
    published: datetime

    @property
    def tuning(self) -> bool:
        """Whether weights may be fitted on it: the stories with an even number."""
        return int(self.story[1:]) % 2 == 0


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry at its first sighting, in a feed that speaks `spoken`; its label."""

    entry: FeedEntry
    spoken: str | None
    published: datetime
    label: Label


Judged = list[tuple[Label, topics.TopicMatch]]


def read_labels() -> dict[str, Label]:
    """Canonical address -> label."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in LABELS.read_text("utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(urls.canonical(row["url"]), []).append(row)
    return {url: _label(url, found) for url, found in rows.items()}


def _label(url: str, rows: list[dict[str, Any]]) -> Label:
    first = next(row for row in rows if row["kind"] != "correction")
    names = ("outlet", "language", "story", "on_topic", "hard_negative", "kind")
    copy_of = first["copy_of"] and urls.canonical(first["copy_of"])
    published = datetime.fromisoformat(first["published"])
    return Label(
        url, copy_of=copy_of, corrected=len(rows) > 1, published=published, **{name: first[name] for name in names}
    )


def read_entries(index: CaptureIndex, labels: dict[str, Label]) -> list[SeenEntry]:
    """Every labelled entry of every feed, once per feed, as it stood when it was first seen."""
    sources, _ = opml.read((RECORDED / "feeds.opml").read_bytes())
    seen: dict[tuple[str, str], SeenEntry] = {}
    for source in sources:
        for capture in index.of(source.url):
            if capture.status != 200:
                continue
            body = CaptureIndex.body(capture)
            for entry in feeds.parse(body, source.url, capture.header("content-type"), capture.captured).entries:
                label = _labelled(index, entry, labels)
                if label is not None:
                    published = entry_published(entry, capture.captured)[0]
                    fresh = SeenEntry(entry, entry.language or source.language, published, label)
                    seen.setdefault((source.url, label.url), fresh)
    return list(seen.values())


def _labelled(index: CaptureIndex, entry: FeedEntry, labels: dict[str, Label]) -> Label | None:
    """The label of the entry's page, a redirect followed."""
    found = labels.get(entry.canonical_url or "")
    if found is None and entry.url:
        target = next((capture.header("location") for capture in index.of(entry.url)), None)
        found = labels.get(urls.canonical(target)) if target else None
    return found


def read_article(index: CaptureIndex, seen: SeenEntry) -> Article:
    """The article of an entry as the first capture of its page gives it, or its feed where that gives nothing.

    Raises `ItemError` where neither does.
    """
    capture = _page(index, seen)
    if capture is None or capture.status != 200:
        return extraction.from_feed(seen.entry, "http-404" if capture is None else f"http-{capture.status}")
    return extraction.extract(
        CaptureIndex.body(capture),
        capture.url,
        content_type=capture.header("content-type"),
        fallback=seen.entry,
        now=seen.published + timedelta(hours=24),
    )


def _page(index: CaptureIndex, seen: SeenEntry) -> Capture | None:
    captures = (capture for url in (seen.entry.url or "", seen.label.url) for capture in index.of(url))
    return next((capture for capture in captures if not 300 <= capture.status < 400), None)


def documents() -> list[tuple[Label, Document]]:
    """Every labelled page once, with its article as the steps read it; those without one are left out."""
    index = CaptureIndex.read([RECORDED])
    found: dict[str, tuple[Label, Document]] = {}
    for seen in read_entries(index, read_labels()):
        if seen.label.url in found:
            continue
        try:
            article = read_article(index, seen)
        except ItemError:
            continue
        published = article.published or seen.published
        document = Document(seen.label.url, article.title, article.text, published, language=seen.label.language)
        found[seen.label.url] = (seen.label, document)
    return list(found.values())


def judge_entries(
    settings: Settings, topic: topics.Topic, entries: Sequence[SeenEntry], numbers: topics.TopicNumbers
) -> Judged:
    """What the gate says of each entry, as in `steps.match`."""
    named = [
        Document(str(n), seen.entry.title, seen.entry.text, language=seen.spoken)
        for n, seen in enumerate(entries)
        if topics.worth_measuring(topic, seen.entry.title, seen.entry.text, seen.spoken)
    ]
    near = SeedIndex(settings, [topic], numbers).closeness(topic, named)
    judged: Judged = []
    for n, seen in enumerate(entries):
        title, text, closeness = seen.entry.title, seen.entry.text, near.get(str(n))
        verdict = topics.match(topic, title, text, seen.published, closeness, language=seen.spoken, entry=True)
        judged.append((seen.label, verdict))
    return judged


def judge_articles(
    settings: Settings,
    topic: topics.Topic,
    index: CaptureIndex,
    entries: Sequence[SeenEntry],
    numbers: topics.TopicNumbers,
) -> Judged:
    """What the full text says of the article of each entry, as in `steps.embed`; those without article are left out."""
    found: list[tuple[SeenEntry, Article]] = []
    for seen in entries:
        try:
            found.append((seen, read_article(index, seen)))
        except ItemError:
            continue
    documents = [
        Document(
            id=str(n),
            title=article.title,
            text=article.text,
            published=article.published or seen.published,
            url=article.url,
            source=seen.label.outlet,
            language=article.language,
        )
        for n, (seen, article) in enumerate(found)
    ]
    seeds, model = SeedIndex(settings, [topic], numbers), encoder(settings)
    judged: Judged = []
    for (seen, article), document, vector in zip(
        found, documents, article_vectors(settings, documents, story_model.default()), strict=True
    ):
        closeness = seeds.nearest(topic, vector) if model.readable(document.language) else None
        published = article.published or seen.published
        verdict = topics.match(topic, document.title, document.text, published, closeness, language=document.language)
        judged.append((seen.label, verdict))
    return judged


@dataclass(frozen=True, slots=True)
class Quality:
    """Verdicts counted against labels; the shares are 1.0 where there is nothing to count."""

    right: int
    wrong: int
    missed: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Quality:
        """Of (labelled, found) pairs."""
        kept = list(pairs)
        return cls(
            sum(labelled and found for labelled, found in kept),
            sum(found and not labelled for labelled, found in kept),
            sum(labelled and not found for labelled, found in kept),
        )

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def quality(judged: Judged, chosen: Callable[[Label], bool] = lambda label: True) -> Quality:
    """Precision and recall over those whose label is `chosen`."""
    return Quality.of((label.on_topic, verdict.on_topic) for label, verdict in judged if chosen(label))


def _speaks(language: str, label: Label) -> bool:
    return label.language == language


def packaged_numbers() -> topics.TopicNumbers:
    """What closeness says by the model that comes with the package."""
    numbers = story_model.default().topic
    assert numbers is not None
    return numbers


def main() -> None:
    """Print the table of the note on topics in docs/notes."""
    settings, numbers = Settings(), packaged_numbers()
    topic = topics.find(settings, TOPIC)
    index = CaptureIndex.read([RECORDED])
    entries = read_entries(index, read_labels())
    for name, judged in (
        ("gate", judge_entries(settings, topic, entries, numbers)),
        ("full text", judge_articles(settings, topic, index, entries, numbers)),
    ):
        rows: list[tuple[str, Callable[[Label], bool]]] = [("tuning half", lambda label: label.tuning)]
        rows.append(("other half", lambda label: not label.tuning))
        rows += [(f"{language}, all", partial(_speaks, language)) for language in LANGUAGES]
        for part, chosen in rows:
            found = quality(judged, chosen)
            texts = sum(chosen(label) for label, _ in judged)
            sys.stdout.write(
                f"| {name} | {part} | {texts} | {found.precision:.3f} | {found.recall:.3f} | {found.f1:.3f} |\n"
            )
        hard = [verdict.on_topic for label, verdict in judged if label.hard_negative]
        sys.stdout.write(f"{sum(hard)} of {len(hard)} hard negatives pass the {name}\n")


if __name__ == "__main__":
    main()
