"""Extraction beside bare trafilatura on the same labelled pages in one run: quality and pages per CPU second.

    python -m bench.extraction [--pages N] [--half tune|report|all] [--data ARCHIVE]
    python -m bench.extraction --ablate              every rule of bench/page_rules.py left out, one at a time
    python -m bench.extraction --without RULE ...    these rules left out together

The corpus is split by publisher, and no rule may be tuned on the reporting half. Text is scored as trafilatura scores
itself: segments that must stand in the text and segments that must not, pooled over all pages (precision, recall, F1).
Titles, dates and authors count as right when they equal the label after case and punctuation; authors as sets of
names, so that "A und B" equals "A; B". Precision and recall of authors count names, over the pages whose label says who
wrote them or that nobody is named. Both extractors take turns page by page and each page's CPU time is added to its own
side, so that a busy machine slows both alike.
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
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import tldextract
from htmldate.extractors import external_date_parser
from trafilatura import bare_extraction
from trafilatura.settings import Document

from pipeline import extraction, urls
from pipeline.errors import ItemError
from tests.support import labelled

PAGES = "pages/trafilatura-eval.tar.xz"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list that comes with the package


@dataclass(frozen=True)
class Labelled:
    """One page of the corpus with its labels."""

    url: str
    name: str
    body: bytes
    labels: dict[str, Any]

    @cached_property
    def publisher(self) -> str:
        """The registered domain of the outlet: of the original address where a web archive keeps the page, and of the
        name that the corpus gives a page whose address it lost (``hard::outlet.example-slug.html``)."""
        address = self.url[max(self.url.rfind("http://"), self.url.rfind("https://"), 0) :]
        if "://" in address:
            return urls.registered_domain(address)
        labels = address.partition("::")[2].partition("-")[0].split(".")
        heads = (_SUFFIXES(".".join(labels[:n])) for n in range(len(labels), 1, -1))
        return next((found.top_domain_under_public_suffix for found in heads if found.suffix), self.name)

    @property
    def half(self) -> str:
        """``tune`` or ``report``, by the hash of the publisher, so that no outlet stands in both halves."""
        return _half(self.publisher)

    @property
    def half_by_page(self) -> str:
        """The split of before: by the hash of the file name, which left outlets with pages in both halves."""
        return _half(self.name)


def _half(key: str) -> str:
    return ("tune", "report")[int(hashlib.sha1(key.encode()).hexdigest(), 16) % 2]


@dataclass
class Score:
    """Counts of one extractor; `right` and `labelled` by field, where ``author-none`` is a page labelled with none."""

    found: int = 0
    missed: int = 0
    wrong: int = 0
    cpu: float = 0.0
    pages: int = 0
    names_right: int = 0
    names_given: int = 0
    names_labelled: int = 0
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

    @property
    def author_precision(self) -> float:
        return self.names_right / max(1, self.names_given)

    @property
    def author_recall(self) -> float:
        return self.names_right / max(1, self.names_labelled)

    def share(self, key: str) -> float:
        return self.right.get(key, 0) / max(1, self.labelled.get(key, 0))

    def count(self, labels: dict[str, Any], answer: dict[str, Any]) -> None:
        """Add one page: its labels and what was found."""
        text = answer.get("text") or ""
        self.pages += 1
        self.found += sum(segment in text for segment in labels["with"])
        self.missed += sum(segment not in text for segment in labels["with"])
        self.wrong += sum(segment in text for segment in labels["without"])
        for key, spelled in (("title", _plain), ("date", _plain), ("author", _names)):
            if key not in labels:
                continue
            named = key if labels[key] else f"{key}-none"
            self.labelled[named] = self.labelled.get(named, 0) + 1
            self.right[named] = self.right.get(named, 0) + (spelled(answer.get(key)) == spelled(labels[key]))
        if "author" in labels:
            given, wanted = _names(answer.get("author")), _names(labels["author"])
            self.names_right += len(given & wanted)
            self.names_given += len(given)
            self.names_labelled += len(wanted)


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
            score.count(page.labels, answer)
    return sides[0][1], sides[1][1]


def warm_up(pages: list[Labelled]) -> None:
    """Load what loads on first use: models, word lists, and dateparser's locales, which alone take seconds."""
    import_module("pipeline.extraction.preload")  # as each worker has them before its first page
    external_date_parser("am 3. Floréal 2019 um 7 Uhr", "%Y-%m-%d")
    compare(pages[:5])


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
        ("author precision", before.author_precision, after.author_precision),
        ("author recall", before.author_recall, after.author_recall),
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
    parser.add_argument("--ablate", action="store_true", help="leave out every rule, one at a time")
    parser.add_argument("--without", nargs="+", default=[], metavar="RULE", help="leave out these rules together")
    parser.add_argument("--cache", type=Path, help="a JSON file to keep what the libraries answer for each page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = load(unpack(Path(folder), options.data or labelled.path(PAGES)))
    if options.ablate or options.without:
        print(import_module("bench.page_rules").ablate(pages[: options.pages or None], options.without, options.cache))
        return
    pages = [p for p in pages if options.half in ("all", p.half)]
    warm_up(pages)
    before, after = compare(pages[: options.pages or None])
    print(f"{after.pages} pages, half: {options.half}\n\n{report(before, after)}")


if __name__ == "__main__":
    main()
