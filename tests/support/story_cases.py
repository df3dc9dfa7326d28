"""The labelled story sets, their embeddings (kept between runs), and the settings fitted without one of them."""

from __future__ import annotations

import atexit
import dataclasses
import hashlib
import json
import lzma
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import embeddings, settings
from pipeline.embeddings import int8
from pipeline.models import Document
from pipeline.stories import model as story_model
from pipeline.stories.calibration import Labelled, Prepared, fit, prepare
from pipeline.stories.evaluation import b_cubed
from pipeline.stories.features import encode_documents
from pipeline.stories.model import StoryModel, Vector
from pipeline.stories.stream import StoryStream, arrival_order, cluster_stream
from pipeline.text.languages import language_of
from tests.support import labelled as labelled_data
from tests.support import recorded
from tests.support.project import REPOSITORY

GENERAL = ("fulltext-2016", "wire-2025", "excerpts-2026", "headlines-2014", "triples-2010", "confusable")
TOPICS = ("topic-karabakh-2023", "topic-morocco-2023")
RECORDED = "recorded-tuning"
"""The half of the recorded web that may be tuned on."""
NAMES = (*GENERAL, *TOPICS)
"""The sets of the shared data."""
FITTED = (*NAMES, RECORDED)
CACHE = REPOSITORY / ".wirewatch" / "cache" / "story-vectors.npz"


def file_of(name: str) -> str:
    """The file of a set, as the manifest names it."""
    return f"stories/{name}.jsonl.xz"


@cache
def labelled(name: str) -> Labelled:
    """One labelled set; its few repeated ids are made distinct. Of a topic, what is on it and in a story."""
    if name == RECORDED:
        return _recorded()
    rows = told(name)
    documents = [dataclasses.replace(document_of(row), id=f"{row['id']}@{i}") for i, row in enumerate(rows)]
    treated = [dataclasses.replace(document, language=language_of(document)) for document in documents]
    return Labelled(name, tuple(treated), tuple(row["story"] for row in rows), name in TOPICS)


@cache
def told(name: str) -> list[dict[str, Any]]:
    """The rows of a set that are in a story, and on topic 2 where the set has topics."""
    with lzma.open(labelled_data.path(file_of(name)), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["story"] is not None and row.get("topic", 2) == 2]


def _recorded() -> Labelled:
    articles = [(label, document) for label, document in recorded.documents() if label.on_topic and label.tuning]
    documents = [dataclasses.replace(document, language=language_of(document)) for _, document in articles]
    return Labelled(RECORDED, tuple(documents), tuple(label.story for label, _ in articles), topic=True)


def document_of(row: Mapping[str, object]) -> Document:
    """One object of the `wirewatch cluster` format; a time without a zone is UTC."""
    published = row.get("published")
    when = datetime.fromisoformat(str(published)) if published else None
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    url, source, language = (None if row.get(k) is None else str(row[k]) for k in ("url", "source", "language"))
    return Document(str(row["id"]), str(row["title"] or ""), str(row["text"] or ""), when, url, source, language)


def model() -> StoryModel:
    """The setting that comes with the package."""
    return story_model.default()


class _Vectors:
    """Texts to vectors, each text embedded once and kept in a file for the next run; one for each arithmetic."""

    def __init__(self, backend: str = "auto") -> None:
        chosen = dataclasses.replace(settings.load(), backend=backend) if backend != "auto" else settings.load()
        self.encoder = embeddings.load(chosen)
        self.known: dict[str, Vector] = {}
        self.fresh = 0
        used = embeddings.backend_of(chosen)
        if used == "int8":  # its vectors are those of its code
            used += f"-{hashlib.sha256(Path(int8.__file__).read_bytes()).hexdigest()[:8]}"
        self.file = CACHE.with_stem(f"{CACHE.stem}-{used}")
        if self.file.is_file():
            with np.load(self.file) as kept:
                if str(kept["revision"]) == self.encoder.revision:
                    self.known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
        atexit.register(self.save)

    def encode(self, texts: Sequence[str]) -> Vector:
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self.known}
        if missing:
            vectors = self.encoder.encode_texts(list(missing.values()))
            self.known.update(zip(missing, vectors, strict=True))
            self.fresh += len(missing)
        return np.stack([self.known[key] for key in keys])

    def save(self) -> None:
        if self.fresh:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            revision = np.array(self.encoder.revision)
            np.savez(
                self.file, revision=revision, keys=np.array(list(self.known)), vectors=np.stack([*self.known.values()])
            )


@cache
def encode(backend: str = "auto") -> Callable[[Sequence[str]], Vector]:
    """The default model's encoder by a backend, with its cache."""
    return _Vectors(backend).encode


def told_alike(name: str) -> tuple[float, float, float]:
    """B-cubed F1 of a set by the package's numbers: in float32, in int8, and with either for every other article."""
    exact, fast = encode("torch"), encode("int8")

    def mixed(texts: Sequence[str]) -> Vector:
        return np.where(np.arange(len(texts))[:, None] % 2 == 0, exact(texts), fast(texts))

    found = (arrived(name, model(), encoding=way) for way in (exact, fast, mixed))
    float32, int8_, both = (b_cubed(labelled(name).stories, stories)[2] for stories in found)
    return float32, int8_, both


@cache
def prepared(name: str) -> Prepared:
    """A set as fitting needs it; the slow part, done once per process."""
    return prepare(labelled(name), encode(), model())


@cache
def without(name: str) -> StoryModel:
    """The setting fitted to every set but this one, and to half of the recorded web."""
    return fit([prepared(other) for other in FITTED if other != name], model()).model


def placed(documents: Sequence[Document], setting: StoryModel) -> list[str]:
    """The story of each document as `wirewatch cluster` finds it, copies aside."""
    return [placement.story_id for placement in cluster_stream(documents, encode(), setting)]


def arrived(
    name: str,
    setting: StoryModel,
    order: Sequence[int] | None = None,
    encoding: Callable[[Sequence[str]], Vector] | None = None,
) -> list[str]:
    """The story of each document of a set when they arrive in this order (None: of publication), and reassign.

    With `encoding` the vectors are its own, not those of `encode`.
    """
    documents = labelled(name).documents
    vectors = encode_documents(documents, encoding or encode(), setting)
    stream = StoryStream(setting)
    for row in arrival_order(documents) if order is None else order:
        stream.place(documents[row], vectors[row])
    stream.reassign()
    return [stream.current(document.id) for document in documents]
