"""What each rule of extraction is worth: the figures of bench/extraction.py with the rule in place and left out.

``python -m bench.extraction --ablate`` leaves out one at a time, by the patches listed here. A rule is named for the
measure it is meant for: ``text``, ``title``, ``date``, ``author``, or ``page`` where it serves all of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import trafilatura
from lxml.html import tostring
from trafilatura.utils import decode_file, load_html

from bench.extraction import Labelled, Score, bare, ours
from pipeline.extraction import (
    article,
    authors,
    bylines,
    dates,
    facts,
    kinds,
    layout,
    leads,
    lists,
    texts,
    titles,
    walls,
    witnesses,
)
from pipeline.text import bylines as byline_words
from pipeline.text import charset, languages

Patch = tuple[Any, str, Any]
_FIELDS = (
    ("text", texts, "find"),
    ("text", leads, "with_lead"),
    ("text", kinds, "teaser"),
    ("title", titles, "choose"),
    ("date", dates, "choose"),
    ("author", authors, "choose"),
)
_NEVER = re.compile(r"(?!)()")  # matches nothing; the group is for replacements that name one
_read = facts.read


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _first(value: Any, *_: Any, **__: Any) -> Any:
    return value


def _no(*_: Any, **__: Any) -> bool:
    return False


def _facts(**emptied: Any) -> Patch:
    return (facts, "read", lambda tree: replace(_read(tree), **emptied))


def _keyless_articles(*keys: str) -> Patch:
    def read(tree: Any) -> facts.PageFacts:
        found = _read(tree)
        return replace(found, articles=tuple({k: v for k, v in a.items() if k not in keys} for a in found.articles))

    return (facts, "read", read)


def _never(module: Any, *names: str) -> tuple[Patch, ...]:
    return tuple((module, name, _NEVER) for name in names)


RULES: dict[str, tuple[Patch, ...]] = {
    "text-leads": ((leads, "with_lead", _first),),
    "text-other-articles": ((layout, "_others", lambda *_: []), (layout, "_below", lambda *_: [])),
    "text-layout-tables": ((layout, "_places", _no),),
    "text-lists-in-cells": ((layout, "_in_data_cell", _no),),
    "text-lists": ((lists, "with_lists", _first),),
    "text-witnesses": ((witnesses, "better", _nothing),),
    "page-obstacles": ((walls, "obstacle", _nothing),),
    "page-charset": ((charset, "decode", lambda body, *_: charset.Decoded(decode_file(body), "", False, False)),),
    "page-json-nested": ((facts, "_NESTED", ()),),
    "page-elsewhere": ((facts, "elsewhere", _no), (bylines, "elsewhere", _no)),
    "title-h1": ((titles, "_same", _no),),
    "title-h1-shared-words": ((titles, "_SHARED", 2.0),),
    "title-outlet": ((titles, "strip_site", lambda title, *_: title.strip()),),
    "date-meta": ((dates, "_META_DATES", ()),),
    "date-json-ld": (_keyless_articles("datePublished", "dateCreated"),),
    "date-url": ((dates, "url_date", _nothing),),
    "date-url-zone": ((dates, "_on_day", _first),),
    "date-printed": ((dates, "_beside_headline", _nothing),),
    "date-text": ((dates, "_in_text", lambda *_: ("text", None)),),
    "date-text-written-out": ((dates, "_written_out", lambda *_: True),),
    "author-json-ld": ((authors, "_json_names", lambda _: []),),
    "author-meta": ((authors, "_META", ()),),
    "author-meta-others": ((authors, "_META", ("author",)),),
    "author-markup": (_facts(bylines=()),),
    "author-byline": ((bylines, "candidates", lambda _: ()),),
    "author-byline-named": ((bylines, "_NAMED", lambda _: ()),),
    "author-byline-credits": ((bylines, "_credits", lambda _: ()),),
    "author-person": ((authors, "is_person", lambda name: " " in name),),
    "author-desk": ((authors, "_desk", lambda _: ""),),
    "author-full": ((authors, "_full", lambda _: True),),
    "author-outlet": ((authors, "outlet_keys", lambda _: frozenset()),),
    "author-clean-address": _never(authors, "_ADDRESS"),
    "author-clean-at": _never(authors, "_AT"),
    "author-clean-by": _never(byline_words, "_BY"),
    "author-clean-all-by": _never(byline_words, "_ALL_BY"),
    "author-clean-asian-title": _never(byline_words, "_REPORTER"),
    "author-clean-company": _never(byline_words, "_COMPANY"),
    "author-clean-label": _never(byline_words, "_LABEL"),
    "author-clean-link-text": _never(byline_words, "_LINK"),
    "author-clean-office": _never(byline_words, "_OFFICE"),
}  # fmt: skip


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Extraction with the named rules taken out; raises `KeyError` for a name that is no rule."""
    with ExitStack() as stack:
        for name in names:
            for target, attribute, value in RULES[name]:
                stack.enter_context(patch.object(target, attribute, value))
        yield


class Remembered:
    """What the libraries answer, kept by the text of the page: leaving out rule after rule then costs little.

    `path` is a JSON file that the answers are read from and saved to, so that the next run is quick too.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._answers: dict[str, Any] = json.loads(path.read_text()) if path and path.exists() else {}
        self._page = ""
        self._tree: Any = None
        self._fields: dict[str, Any] = {}

    def save(self) -> None:
        if self._path:
            self._path.write_text(json.dumps(self._answers, ensure_ascii=False))

    def bare(self, page: Labelled) -> dict[str, Any]:
        key = f"bare {_digest(page.body)} {trafilatura.__version__}"
        if key not in self._answers:
            self._answers[key] = bare(page)
        return dict(self._answers[key])

    @contextmanager
    def in_place(self, rule: str) -> Iterator[None]:
        """Patch the libraries' calls in the extraction; a page is parsed once as long as its text stays the same.

        What a rule is not for keeps the answer of the page with every rule in place (`rule` empty, asked first).
        """
        load = load_html

        def parse(text: str) -> Any:
            page = _digest(text.encode(errors="replace"))
            if page != self._page:
                self._page, self._tree = page, load(text)
            return self._tree

        with ExitStack() as stack:
            stack.enter_context(patch.object(article, "load_html", parse))
            stack.enter_context(patch.object(texts, "prose", self._kept_prose(texts.prose)))
            for module, name in ((dates, "find_date"),):
                stack.enter_context(patch.object(module, name, self._kept(name, getattr(module, name))))
            stack.enter_context(patch.object(languages, "choose", lambda *_: (None, "missing")))
            for field, module, name in _FIELDS:
                whole = self._whole(f"{field}{name}", rule in ("", "page", field), getattr(module, name))
                stack.enter_context(patch.object(module, name, whole))
            yield

    def _whole(self, field: str, asked: bool, call: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*arguments: Any, **options: Any) -> Any:
            if asked or field not in self._fields:
                found = call(*arguments, **options)
                self._fields.setdefault(field, found)
                return found
            return self._fields[field]

        return answer

    def next_page(self) -> None:
        self._fields.clear()

    def _kept_prose(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The library's text of a page as it was prepared: rules that change the page change the answer."""

        def answer(page: Any, url: str) -> Any:
            key = f"prose {_digest(tostring(page))} {trafilatura.__version__}"
            if key not in self._answers:
                self._answers[key] = call(page, url)
            return self._answers[key]

        return answer

    def _kept(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*arguments: Any, **options: Any) -> Any:
            key = f"{name} {self._page} {trafilatura.__version__}"
            if key not in self._answers:
                self._answers[key] = call(*arguments, **options)
            return self._answers[key]

        return answer


def _digest(body: bytes) -> str:
    return hashlib.sha1(body).hexdigest()


def ablate(pages: Sequence[Labelled], left_out: Sequence[str] = (), cache: Path | None = None) -> str:
    """A table of what is lost without `left_out` together or, where none is named, without each rule by itself."""
    libraries = Remembered(cache)
    try:
        return table(score(pages, [tuple(left_out)] if left_out else [(rule,) for rule in RULES], libraries))
    finally:
        libraries.save()


def score(
    pages: Sequence[Labelled], rules: Sequence[tuple[str, ...]], libraries: Remembered
) -> dict[str, dict[str, Score]]:
    """Scores by set of pages, then by what is left out: ``bare``, ``none`` and each of `rules`.

    Beside the halves there are ``report-by-page``, the reporting half of the former split by file name, and
    ``unseen``: its pages whose publisher has none in the former tuning half.
    """
    tuned = {page.publisher for page in pages if page.half_by_page == "tune"}
    scores: dict[str, dict[str, Score]] = {"tune": {}, "report": {}, "unseen": {}, "report-by-page": {}}

    def count(page: Labelled, name: str, answer: dict[str, Any]) -> None:
        sets = {page.half, f"{page.half_by_page}-by-page", "unseen" if page.publisher not in tuned else ""}
        for among in sets & scores.keys():
            scores[among].setdefault(name, Score()).count(page.labels, answer)

    for page in pages:
        count(page, "bare", libraries.bare(page))
        libraries.next_page()
        for left_out in ((), *rules):
            fields = {rule.partition("-")[0] for rule in left_out}
            with without(*left_out), libraries.in_place(fields.pop() if len(fields) == 1 else ""):
                count(page, "+".join(left_out) or "none", ours(page))
    return scores


def table(scores: dict[str, dict[str, Score]]) -> str:
    """Figures with every rule in place, and how far each falls or rises when a rule is left out."""
    lines = []
    for among, by_rule in scores.items():
        whole = _figures(by_rule["none"])
        lines += [f"{among}: {by_rule['none'].pages} pages", f"{'':28}" + "".join(f"{name:>12}" for name in whole)]
        for rule, counted in by_rule.items():
            shown = (
                f"{value:12.4f}" if rule in ("bare", "none") else _moved(value - whole[name])
                for name, value in _figures(counted).items()
            )
            lines.append(f"{rule:28}" + "".join(shown))
        lines.append("")
    return "\n".join(lines)


def _moved(by: float) -> str:
    return f"{by:+12.4f}" if abs(by) >= 0.00005 else f"{'·':>12}"


def _figures(counted: Score) -> dict[str, float]:
    return {
        "text F1": counted.f1,
        "precision": counted.precision,
        "recall": counted.recall,
        **{key: counted.share(key) for key in ("title", "date", "date-none", "author", "author-none")},
        "names P": counted.author_precision,
        "names R": counted.author_recall,
    }
