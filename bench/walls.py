"""Walls and short articles about such things: how many are told right, and what page and feed share on real pages.

    python -m bench.walls               every half of tests/unit/extraction/data/walls.tsv, alone and beside a feed
    python -m bench.walls --pages       the labelled pages too: which are refused, and agreement with their own summary

The summary that a page states of itself (``og:description``) stands for a feed's, and its headline for the feed's; the
headline is taken out of the page's text, so that the figures are those of the worst case, a page that words its
headline anew. The other side pairs each page with the headline and summary of another one of its half.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from trafilatura.utils import load_html

from bench import extraction as corpus
from pipeline import extraction
from pipeline.errors import ItemError
from pipeline.extraction import agreement, facts, titles
from pipeline.extraction.kinds import count_words
from pipeline.models import FeedEntry
from pipeline.text import charset
from pipeline.text.folding import letters
from tests.support import labelled
from tests.support.wall_cases import SHAPES, Case, cases

NOW = datetime(2024, 6, 21, tzinfo=UTC)
URL = "https://harbour.example/news/ferry-resumes"
SUMMARY = "The ferry between Aro and Belt sailed again on Wednesday after a repair of eleven weeks, the port said."


def entry(title: str, text: str, language: str | None) -> FeedEntry:
    """What a feed says of a page."""
    return FeedEntry("k", "k", URL, URL, title, "", "", text, language=language)


def stands(page: bytes, url: str, told: FeedEntry | None = None) -> bool:
    """Whether the page's own text becomes the article."""
    try:
        return extraction.extract(page, url, fallback=told, now=NOW).text_source == "page"
    except ItemError:
        return False


def table() -> Iterator[str]:
    """A line per half and kind of page: told right alone, and beside its feed."""
    counts: Counter[tuple[str, bool, str]] = Counter()
    for case in cases():
        for shape in range(SHAPES):
            page, key = case.page(shape), (case.half, case.is_article)
            counts[*key, "n"] += 1
            counts[*key, "alone"] += stands(page, URL) is case.is_article
            counts[*key, "fed"] += stands(page, URL, _fed(case)) is case.is_article
    for half, is_article in sorted({key[:2] for key in counts}):
        n, alone, fed = (counts[half, is_article, what] for what in ("n", "alone", "fed"))
        yield f"| {half} | {'articles' if is_article else 'walls'} | {n} | {alone / n:.3f} | {fed / n:.3f} |"


def _fed(case: Case) -> FeedEntry:
    if case.is_article:
        return entry(case.title, case.text.split(" / ")[0], case.language)
    return entry("Ferry resumes service", SUMMARY, "en")


def real(pages: Iterable[corpus.Labelled]) -> Iterator[str]:
    """Which labelled pages are refused, and how page and summary agree, by half and length."""
    groups: dict[tuple[str, str], list[tuple[FeedEntry, str]]] = {}
    for page in pages:
        try:
            text = extraction.extract(page.body, page.url, now=NOW).text
        except ItemError as error:
            yield f"refused: {page.url} ({page.half}): {error}"
            continue
        stated = facts.read(load_html(charset.decode(page.body, None, "html", None).text))
        title = titles.choose(stated, "")
        body = "\n".join(line for line in text.splitlines() if letters(line) != letters(title))
        told = entry(title, stated.first("og:description", "description") or "", None)
        groups.setdefault((page.half, "long" if count_words(body) >= 180 else "short"), []).append((told, body))
    for (half, length), pairs in sorted(groups.items()):
        others = random.Random(2).sample(pairs, len(pairs))
        own = [agreement.score(told, "", body) for told, body in pairs]
        strange = [
            agreement.score(told, "", other)
            for (told, body), (_, other) in zip(pairs, others, strict=True)
            if body != other
        ]
        yield f"| {half} | {length} | {len(pairs)} | {_below(own)} | {_below(strange)} |"


def _below(scores: list[float | None]) -> str:
    told = [score for score in scores if score is not None]
    return " ".join(f"{sum(score < bound for score in told) / len(told):.3f}" for bound in (0.15, 0.2, 0.25, 0.34, 0.5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", action="store_true", help="the labelled pages too")
    options = parser.parse_args()
    print(
        "| half | pages | n | right alone | right beside a feed |\n| --- | --- | --- | --- | --- |", *table(), sep="\n"
    )
    if options.pages:
        with tempfile.TemporaryDirectory() as folder:
            pages = corpus.load(corpus.unpack(Path(folder), labelled.path(corpus.PAGES)))
        print("\nshares below .15 .2 .25 .34 .5\n\n| half | length | n | own summary | another page's |")
        print("| --- | --- | --- | --- | --- |", *real(pages), sep="\n")


if __name__ == "__main__":
    main()
