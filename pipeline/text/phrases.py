"""What pages and agencies write about a text rather than in it, by language (pure).

Each language has a file, ``data/phrases/<language>.toml``, in which every kind of phrase is a list. A phrase is a
regular expression in lower case, without groups; the modules that look for a kind say where in a line it must stand. A
new language is a new file; nothing else changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

UNSPACED = frozenset({"ja", "ko", "zh"})
"""Languages whose phrases need no word boundary after them: no blank, or a particle, may follow."""

KINDS: Mapping[str, str] = {
    "about_cookies": "a notice with it asks for consent to cookies",
    "about_missing": "a notice with it says that the page is gone",
    "about_paying": "a notice with it asks the visitor to subscribe or log in",
    "about_robots": "a notice with it rules out robots",
    "about_scripts": "a notice with it asks for scripts",
    "after_date": "the word for year, or of the clock, that may follow a date",
    "all_by": "and goes on with it: by, of",
    "all_by_opening": "a link to all texts of an author begins with it: show all",
    "and": "between the names of two authors",
    "and_within_names": "of these words, those that join the two family names of one person too: y, i",
    "at": "before the time of an update: at, um",
    "by": "before the name in a byline",
    "byline_label": "a line of a byline that is nothing but it",
    "byline_opening": "what a line that is no prose begins with: by, published",
    "comments": "after a number: comments",
    "correction": "a sentence in which a newsroom owns to an error",
    "correction_label": "a paragraph of corrections begins with it",
    "correction_of": "between that label and its date",
    "credit_label": "a line that credits the text begins with it and a colon",
    "credit_opening": "a line that credits the text begins with it",
    "desk": "the newsroom as a whole, where it signs",
    "filed": 'what a reporter did: after a Chinese name, before "by" in English',
    "in_place": "between a reporter's name and the place: in, aus",
    "job": "what a reporter is, after the name",
    "last": "before a stamp: last updated",
    "lesser_feed": "the address or label of a feed of comments",
    "link_after": "a link beside a name, after it: follow",
    "link_label": "a link beside a name begins with it",
    "live_path": "a live blog's address holds it",
    "name_particle": "a small word within a name",
    "needs_script": "a page that is empty without scripts says so",
    "news_path": "the address of a sitemap of news",
    "notice": "an utterance that is all of a notice: page not found, log in",
    "notice_prefix": "what is written before a word without a blank: and, in, the",
    "notice_reader": "a notice turns to the visitor with it: you, please",
    "notice_thing": "what notices speak of: the page, cookies, robots, the subscription",
    "office": "a word that only names of offices, companies and accounts hold",
    "office_before": "a word that stands before such a word and in no name: the, news",
    "office_or_name": "of these words, those that are family names too, behind another word: guest, staff",
    "other_date": "a line with a date that is not that of the publication",
    "outlet_ending": "the end of an outlet's name in scripts without blanks",
    "paywall": "the page beside a text that goes on for subscribers only",
    "picture_credit": "before who made a picture, or is named for another thing than the text",
    "plea": "a sentence of the outlet about itself: subscribe, follow us, all rights reserved",
    "read_on": "a cut text ends with it",
    "related": "a line that leads to another article, or to an advertisement",
    "reporter": "after a reporter's name",
    "reporter_title": "what reporters are called, after their name",
    "roundup_title": "a title that begins a round-up of several subjects",
    "source": "before the name of an agency that a text is from",
    "stamp": "a line that says when the page was changed",
    "update_label": "a paragraph of news that came later begins with it",
    "wired": "the end of a Chinese dateline",
}
"""Kind of phrase -> where it stands."""


def any_of(kind: str, *, spaced: bool | None = None) -> str:
    """A regular expression, ungrouped, for any phrase of a kind, the longest first; never empty.

    `spaced` takes only the languages that part words by blanks (True) or only the others (False).
    """
    chosen = {
        phrase
        for language, phrases in _by_kind()[kind].items()
        if spaced is None or (language not in UNSPACED) is spaced
        for phrase in phrases
    }
    return "|".join(sorted(chosen, key=lambda phrase: (-len(phrase), phrase))) or r"(?!)"


def by_language(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The phrases of a kind, each language's for itself."""
    return _by_kind()[kind]


def listed(kind: str) -> frozenset[str]:
    """The phrases of a kind that are plain words."""
    return frozenset(phrase for phrases in _by_kind()[kind].values() for phrase in phrases)


def of_language(kind: str, language: str | None) -> tuple[str, ...]:
    """The phrases of a kind in one language, a primary subtag; none where it has no file."""
    return _by_kind()[kind].get(language or "", ())


@lru_cache(maxsize=1)
def _by_kind() -> dict[str, dict[str, tuple[str, ...]]]:
    table: dict[str, dict[str, tuple[str, ...]]] = {kind: {} for kind in KINDS}
    folder = files("pipeline.text") / "data" / "phrases"
    for file in sorted(folder.iterdir(), key=lambda path: path.name):
        for kind, phrases in tomllib.loads(file.read_text("utf-8")).items():
            table[kind][file.name.removesuffix(".toml")] = tuple(phrases)
    return table
