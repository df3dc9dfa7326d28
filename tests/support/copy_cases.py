"""Labelled copies: pairs of one wire text's copies, cut and edited texts made from them, and the recorded web."""

from __future__ import annotations

import hashlib
import json
import lzma
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.archive.warc import CaptureIndex
from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.errors import ItemError
from pipeline.extraction.article import extract
from pipeline.models import Document
from pipeline.text.words import sentences
from tests.support import labelled as labelled_data

ROOT = Path(__file__).resolve().parents[2]
WIRE, PAIRS = "stories/wire-2025.jsonl.xz", "stories/copies-2025.tsv.xz"
RECORDED = ROOT / "seeds" / "recorded"
LABELS = ROOT / "tests" / "data" / "recorded-labels.jsonl"

WRITTEN = ROOT / "tests" / "data" / "copy-pairs.jsonl"
PARTS = (
    "tuning",
    "second",
    "held-out",
    "reprints-tuning",
    "reprints-kept",
    "reworded-tuning",
    "reworded-kept",
)
QUOTED = frozenset(
    {
        ("gn_7b5143804915", "gn_c5184de6182d"),
        ("gn_10d40daefcb4", "gn_6eb676a95570"),
        ("gn_6eb676a95570", "gn_16577f5ac400"),
        ("gn_6eb676a95570", "gn_96e140a3b170"),
        ("gn_6eb676a95570", "gn_e5b54c31b92d"),
        ("gn_79a0039869ae", "gn_7b5143804915"),
        ("gn_6eb676a95570", "gn_c5184de6182d"),
        ("gn_6eb676a95570", "gn_79a0039869ae"),
        ("gn_16577f5ac400", "gn_96e140a3b170"),
        ("gn_6eb676a95570", "gn_7b5143804915"),
        ("gn_79a0039869ae", "gn_96e140a3b170"),
        ("gn_96e140a3b170", "gn_e5b54c31b92d"),
        ("gn_7b5143804915", "gn_96e140a3b170"),
        ("gn_16577f5ac400", "gn_7b5143804915"),
        ("gn_96e140a3b170", "gn_c5184de6182d"),
        ("gn_7b5143804915", "gn_e5b54c31b92d"),
        ("gn_d3235704be38", "gn_892c3671874e"),
    }
)
"""Pairs labelled copies by their equal runs alone; they share no more than the statements of two bands."""

Pair = tuple[str, str, bool]
EDITS = ("third", "excerpt", "local", "padded", "spelling")


def wire() -> list[Document]:
    """The documents of ``wire-2025``, in order of publication."""
    with lzma.open(labelled_data.path(WIRE), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    documents = [
        Document(
            r["id"], r["title"], r["text"], datetime.fromisoformat(r["published"]), r["url"], r["source"], r["language"]
        )
        for r in rows
    ]
    return sorted(documents, key=lambda d: (d.published or datetime.max.replace(tzinfo=UTC), d.id))


def pairs() -> list[Pair]:
    """The labelled pairs of ``wire-2025``: two ids, and whether they are copies."""
    with lzma.open(labelled_data.path(PAIRS), "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    return [(a, b, label == "1") for a, b, label in rows]


@dataclass(frozen=True, slots=True)
class Written:
    """A pair written for this project: what kind it is of, and whether the texts are copies."""

    id: str
    kind: str
    copied: bool
    first: Document
    second: Document


def written(part: str) -> list[Written]:
    """The pairs of ``copy-pairs.jsonl`` of a part, which is one of `PARTS`."""
    rows = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    return [
        Written(r["id"], r["kind"], r["copy"], _document(r["id"] + "a", r["a"]), _document(r["id"] + "b", r["b"]))
        for r in rows
        if r["part"] == part
    ]


def _document(name: str, row: dict[str, str]) -> Document:
    published = datetime.fromisoformat(row["published"])
    return Document(name, row["title"], row["text"], published, row["url"], row["source"], row["language"])


def held_out(pair: Pair) -> bool:
    """Half of the pairs, by a hash of the first id: nothing was chosen on them."""
    return hashlib.sha256(pair[0].encode()).digest()[0] % 2 == 0


def families(documents: Iterable[Document]) -> Mapping[str, str]:
    """Copy id -> origin id, after all documents passed through the index in the given order."""
    index = MemoryCopyIndex()
    for document in documents:
        index.place(document)
    return index.origins


def root(origins: Mapping[str, str], document_id: str) -> str:
    """The end of a chain of origins."""
    while document_id in origins:
        document_id = origins[document_id]
    return document_id


def score(origins: Mapping[str, str], labelled: Iterable[Pair]) -> tuple[float, float]:
    """Precision and recall of "both are copies of one origin" on labelled pairs."""
    right = wrong = missed = 0
    for a, b, copied in labelled:
        joined = root(origins, a) == root(origins, b)
        right += joined and copied
        wrong += joined and not copied
        missed += copied and not joined
    return right / max(1, right + wrong), right / max(1, right + missed)


def edited(document: Document, how: str, others: list[Document], rng: random.Random) -> Document:
    """A copy of a document as outlets make them: `how` is one of `EDITS`."""
    parts = sentences(document.text)
    if how == "third":
        text = "\n".join(parts[: max(4, len(parts) // 3)])
    elif how == "excerpt":
        text = "\n".join(parts[1:5])
    elif how == "local":
        text = "Officials in the region said on Friday that they were following events.\n" + "\n".join(parts[2:])
    elif how == "padded":
        alien = sentences(rng.choice(others).text)
        text = "\n".join([*parts, *alien[: len(parts) // 3]])
    else:
        swapped = document.text.translate(str.maketrans('“”"—’', "«»„-'"))
        text = swapped.replace(", ", " , ").replace("percent", "per cent")
    headline = "Another headline of another desk"
    return Document(
        f"{document.id}/{how}", headline, text, document.published, None, f"{how}.example", document.language
    )


def recorded() -> tuple[list[Document], dict[str, str | None]]:
    """The recorded web's articles as extracted, in order of publication, and each one's labelled origin."""
    captures = CaptureIndex.read([RECORDED])
    documents: dict[str, Document] = {}
    origins: dict[str, str | None] = {}
    for line in LABELS.read_text("utf-8").splitlines():
        label = json.loads(line)
        url = label["url"]
        found = [capture for capture in captures.of(url) if capture.status == 200]
        if not found or label["kind"] in ("correction", "script_only"):  # the latter's text is in the feed only
            continue
        try:
            article = extract(
                captures.body(found[0]), url, content_type=found[0].header("content-type"), now=found[0].captured
            )
        except ItemError:
            continue  # a page that only a script or a subscriber can read
        published = datetime.fromisoformat(label["published"])
        documents[url] = Document(url, article.title, article.text, published, url, label["outlet"], article.language)
        origins[url] = label["copy_of"]
    return sorted(documents.values(), key=lambda d: (d.published or datetime.max.replace(tzinfo=UTC), d.id)), origins
