"""Extraction beside bare trafilatura on the same labelled pages in one run: quality and pages per CPU second.

    python -m bench.extraction [--pages N] [--half tune|report|all] [--data ARCHIVE]

Text is scored as trafilatura scores itself: segments that must stand in the text and segments that must not, pooled
over all pages (precision, recall, F1). Titles, dates and authors count as right when they equal the label after case
and punctuation; authors as sets of names, so that "A und B" equals "A; B". Both extractors take turns page by page and
each page's CPU time is added to its own side, so that a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tarfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from htmldate.extractors import external_date_parser
from trafilatura import bare_extraction
from trafilatura.settings import Document

from pipeline import extraction
from pipeline.errors import ItemError
from tests.support import labelled

PAGES = "pages/trafilatura-eval.tar.xz"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Labelled:
    """One page of the corpus with its labels."""

    url: str
    name: str
    body: bytes
    labels: dict[str, Any]

    @property
    def half(self) -> str:
        """``tune`` or ``report``, by the hash of the file name."""
        return ("tune", "report")[int(hashlib.sha1(self.name.encode()).hexdigest(), 16) % 2]


@dataclass
class Score:
    """Counts of one extractor; `right` and `labelled` by field, where ``author-none`` is a page labelled with none."""

    found: int = 0
    missed: int = 0
    wrong: int = 0
    cpu: float = 0.0
    pages: int = 0
    right: dict[str, int] = field(default_factory=dict)
    labelled: dict[str, int] = field(default_factory=dict)

    @property
    def f1(self) -> float:
        return 2 * self.found / (2 * self.found + self.wrong + self.missed)

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong)

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed)

    @property
    def speed(self) -> float:
        """Pages per CPU second."""
        return self.pages / self.cpu

    def share(self, key: str) -> float:
        return self.right.get(key, 0) / self.labelled[key]


def unpack(target: Path, archive: Path) -> Path:
    """Unpack the labelled pages into a folder and return the folder of their labels."""
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "trafilatura" / "tests"


def load(folder: Path) -> list[Labelled]:
    """The pages of the corpus in the order of its label file."""
    labels = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    pages = []
    for url, entry in labels.items():
        name = entry["file"]
        path = next(p for p in (folder / "eval" / name, folder / "cache" / name) if p.exists())
        pages.append(Labelled(url, name, path.read_bytes(), entry))
    return pages


def bare(page: Labelled) -> dict[str, Any]:
    """Trafilatura as it comes, with its metadata."""
    found = bare_extraction(page.body, url=page.url, with_metadata=True, include_comments=False)
    if not isinstance(found, Document):
        return {}
    return {"text": found.text, "title": found.title, "date": found.date, "author": found.author}


def ours(page: Labelled) -> dict[str, Any]:
    """The pipeline's extraction, without a feed."""
    try:
        found = extraction.to_json(extraction.extract(page.body, page.url, now=NOW))
    except ItemError:
        return {}
    return {
        "text": found["text"],
        "title": found["title"],
        "date": (found["published"] or "")[:10],
        "author": "; ".join(found["authors"]),
    }


def compare(pages: Iterable[Labelled]) -> tuple[Score, Score]:
    """Score bare trafilatura and the pipeline on the same pages, taking turns."""
    sides: tuple[tuple[Callable[[Labelled], dict[str, Any]], Score], ...] = ((bare, Score()), (ours, Score()))
    for number, page in enumerate(pages):
        for extractor, score in sides if number % 2 else reversed(sides):
            began = time.process_time()
            answer = extractor(page)
            score.cpu += time.process_time() - began
            _count(page.labels, answer, score)
    return sides[0][1], sides[1][1]


def warm_up(pages: list[Labelled]) -> None:
    """Load what loads on first use: models, word lists, and dateparser's locales, which alone take seconds."""
    import_module("pipeline.extraction.preload")  # as each worker has them before its first page
    external_date_parser("am 3. Floréal 2019 um 7 Uhr", "%Y-%m-%d")
    compare(pages[:5])


def _count(labels: dict[str, Any], answer: dict[str, Any], score: Score) -> None:
    text = answer.get("text") or ""
    score.pages += 1
    score.found += sum(segment in text for segment in labels["with"])
    score.missed += sum(segment not in text for segment in labels["with"])
    score.wrong += sum(segment in text for segment in labels["without"])
    for key, spelled in (("title", _plain), ("date", _plain), ("author", _names)):
        if key not in labels:
            continue
        named = key if labels[key] else f"{key}-none"
        score.labelled[named] = score.labelled.get(named, 0) + 1
        score.right[named] = score.right.get(named, 0) + (spelled(answer.get(key)) == spelled(labels[key]))


def _plain(value: Any) -> str:
    return re.sub(r"\W+", " ", value or "").strip().casefold()


def _names(value: Any) -> frozenset[str]:
    line = "; ".join(value) if isinstance(value, list) else value or ""
    parts = (re.sub(r"\W+", "", part).casefold() for part in re.split(r"[;,/&]|\s(?:und|and)\s", line))
    return frozenset(part for part in parts if part)


def report(before: Score, after: Score) -> str:
    """The table of docs/extraction.md."""
    rows = [
        ("text F1", before.f1, after.f1),
        ("text precision", before.precision, after.precision),
        ("text recall", before.recall, after.recall),
        *((f"{key} (n={after.labelled[key]})", before.share(key), after.share(key)) for key in sorted(after.labelled)),
        ("pages per CPU second", before.speed, after.speed),
    ]
    lines = ["| measure | bare trafilatura | wirewatch |", "| --- | --- | --- |"]
    lines += [f"| {name} | {a:.4f} | {b:.4f} |" for name, a, b in rows]
    lines.append(f"| speed, share of bare | 1 | {after.speed / before.speed:.3f} |")
    return "\n".join(lines)


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=0, help="only every page up to this many; 0 takes all")
    parser.add_argument("--half", choices=("tune", "report", "all"), default="report")
    parser.add_argument("--data", type=Path, help="another archive of labelled pages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = [
            p
            for p in load(unpack(Path(folder), options.data or labelled.path(PAGES)))
            if options.half in ("all", p.half)
        ]
    warm_up(pages)
    before, after = compare(pages[: options.pages or None])
    print(f"{after.pages} pages, half: {options.half}\n\n{report(before, after)}")


if __name__ == "__main__":
    main()
