"""Whether a page stands in place of the article: a wall, a form, an error page, a home page; by evidence (pure).

Asked are the address, what the page declares itself to be, its headline, how much of its text speaks to the visitor
about the site (`notices`), whether the rest of the text tells something of the headline, and whether the page speaks of
what the feed said (`agreement`). No single one decides but where it is overwhelming.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import regex
from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline import urls
from pipeline.extraction import agreement, notices, reports, titles
from pipeline.extraction.facts import PageFacts, text_of
from pipeline.extraction.kinds import count_words
from pipeline.models import FeedEntry
from pipeline.text import languages
from pipeline.text.folding import fold, letters
from pipeline.text.phrases import any_of

_CONSENT_HOST = re.compile(r"^(?:consent|privacy|myprivacy|cmp|guce|cookiewall)\b|^consent\.", re.IGNORECASE)
_CONSENT_PATH = re.compile(
    r"/(?:consent|privacygate|privacy-gate|cookie-?wall|collectconsent|zustimmung)(?:[/.?]|$)", re.IGNORECASE
)
_SCRIPT_ROOT = re.compile(
    rf"id=[\"'](?:root|app|__next|__nuxt|react-root|app-root|svelte|main-app)[\"']|{any_of('needs_script')}",
    re.IGNORECASE,
)
_ARTICLE = XPath(
    "boolean(//article[.//h1 or .//h2][.//p] or //*[@role='article' or @itemtype[contains(., 'schema.org/NewsArticle')"
    " or contains(., 'schema.org/Article')]][.//h1 or .//h2][.//p])"
)
_SITE = re.compile(r"\s+[|·•—–-]\s+[^|·•—–]*$")
_LINKS = XPath("//body//a//text()", smart_strings=False)
_WORD = re.compile(r"[^\W\d_]+")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_LATIN, _ANY = regex.compile(r"\p{Latin}"), regex.compile(r"\p{L}")
# What reports hold and notices seldom: a number, a name within a sentence.
_REPORTS = regex.compile(r"\p{Nd}|(?<=[\p{L},;] )\p{Lu}\p{Ll}")
# What a notice is about; `notice-page` where it is none of these.
_ABOUT = tuple(
    (reason, re.compile(rf"\b(?:{spaced})|{unspaced}"))
    for reason, spaced, unspaced in (
        ("script-only", any_of("about_scripts", spaced=True), any_of("about_scripts", spaced=False)),
        ("blocked-page", any_of("about_robots", spaced=True), any_of("about_robots", spaced=False)),
        ("consent-page", any_of("about_cookies", spaced=True), any_of("about_cookies", spaced=False)),
        ("closed-page", any_of("about_paying", spaced=True), any_of("about_paying", spaced=False)),
        ("not-found-page", any_of("about_missing", spaced=True), any_of("about_missing", spaced=False)),
    )
)
# Words up to which a text is asked for notices: consent pages with all their purposes have some 300.
_MOST_WORDS = 400
_FEWEST = 5  # below, there is no text to ask (pipeline/extraction/article.py)
_SHORT = 180  # below, every text is asked; longer ones are articles unless they are nothing but notices
_SCRIPT_WORDS = 12
# Shares of the text that notices take: all but the whole of it, half, and more than on any of 990 labelled pages but
# six, of which none has half (docs/notes/2026-11-28-walls.md).
_NEARLY_ALL, _MOST, _SOME = 0.8, 0.5, 0.3
_CLAIMED = 2  # ways in which a page must call itself an article to be one against such evidence
_ANSWERED = 2  # terms of the first heading that a text without any notice must hold where the title names the outlet
_TITLED = 0.34  # share of the title's terms that a text must hold under a first heading that holds none
_FEW = 40  # words of a text that may be a wall without a word that is known of walls
_TOLD = 2  # names and numbers from which a text reports
_TAKEN_UP = 2  # terms of a headline that it must then hold, where only its numbers can be seen
_LISTED, _LISTED_LINES = 0.6, 3
_LONGEST_LINK = 200  # characters of a line that may be a link to another page


@dataclass(frozen=True)
class Seen:
    """A page as it is judged.

    `text` is the prose found on it, `source` its HTML, `entry` what its feed said, and `asked` the address before
    redirects.
    """

    facts: PageFacts
    tree: HtmlElement
    url: str
    source: str
    text: str
    entry: FeedEntry | None = None
    asked: str | None = None

    @cached_property
    def words(self) -> int:
        return count_words(self.text)

    @cached_property
    def spoken(self) -> tuple[str | None, ...]:
        """What page and feed declare to be written in."""
        return (self.facts.html_lang, self.facts.first("og:locale"), self.entry.language if self.entry else None)

    @cached_property
    def headline(self) -> str:
        """The page's own headline; empty where it is the outlet's name or the host."""
        title = titles.choose(self.facts, self.host)
        key, name = letters(title), letters(self.host.split(".")[0])
        named = key in {letters(self.host), *map(letters, self.facts.site_names)}
        return "" if named or (len(name) > 3 and name in key and len(key) < 3 * len(name)) else title

    @cached_property
    def body(self) -> str:
        """The text without the headline, which extraction often leaves above it."""
        lines = self.text.splitlines()
        for heading in filter(None, (self.headline, *self.facts.h1)):
            lines = [line.removeprefix(heading) for line in lines if letters(line) != letters(heading)]
        return "\n".join(lines).strip()

    @cached_property
    def noticed(self) -> float:
        """The share of the body that notices take; of a long text none is asked for."""
        return notices.share(self.body, self.spoken, self.host) if self.words < _MOST_WORDS else 0.0

    @cached_property
    def host(self) -> str:
        return urls.host(self.url).removeprefix("www.")

    @cached_property
    def own(self) -> frozenset[str]:
        """The words of the outlet's names, in the title too, and of its host, folded."""
        title = self.facts.title_tag
        site = "".join(ending.group() for ending in _SITE.finditer(title) if 2 * len(ending.group()) < len(title))
        return frozenset(_WORD.findall(fold("\n".join((self.host, site, *self.facts.site_names)))))

    @cached_property
    def told(self) -> frozenset[str]:
        lines = (line for line in self.body.splitlines() if not notices.of_machine(line))
        return reports.told("\n".join(lines), self.language, self.own)

    @cached_property
    def shows_names(self) -> bool:
        return reports.shows_names(self.body, self.language)

    @cached_property
    def reports(self) -> bool:
        """Whether the body names or counts things that are not the outlet's, and takes up a headline."""
        if len(self.told) < _TOLD:
            return False
        headline = notices.beside(self.headline, self.spoken) if self.headed_by_notice else self.headline
        subject = agreement.terms(headline if self.entry is None else f"{headline}\n{self.entry.title}")
        return len(subject & agreement.terms(self.body)) >= (1 if self.shows_names else _TAKEN_UP)

    @cached_property
    def called(self) -> bool:
        """Whether the body names or counts anything, or is of a kind in which that cannot be seen."""
        return bool(self.told) or self.words >= _FEW or not self.shows_names

    @cached_property
    def language(self) -> str | None:
        return _tongue(self.body)

    @cached_property
    def headed_by_notice(self) -> bool:
        """Whether headline or title are a notice, and not one that the feed announced."""
        titles = [self.headline, _SITE.sub("", self.facts.title_tag)]
        said = [title for title in titles if title and notices.is_notice(title, self.spoken)]
        named = agreement.terms(self.entry.title) if self.entry else frozenset[str]()
        return any(not (named and agreement.terms(title) <= named) for title in said)

    @cached_property
    def agreement(self) -> float | None:
        """How well the page answers the feed, 0..1; None without a feed, or where it said too little."""
        return agreement.score(self.entry, self.headline, self.text) if self.entry else None

    @cached_property
    def body_agrees(self) -> bool:
        """Whether the text by itself is about what the feed said: a wall may stand under the article's own title."""
        found = agreement.score(self.entry, "", self.body) if self.entry else None
        return found is not None and found >= agreement.AGREED

    @cached_property
    def claims(self) -> int:
        """In how many ways the page says that it is an article: schema.org, meta tags, markup, stamps or bylines."""
        stated = [text_of(node.get("headline") or node.get("name")) for node in self.facts.articles[:1]]
        return self.marked + any(title and not notices.is_notice(title, self.spoken) for title in stated)

    @cached_property
    def marked(self) -> int:
        """The ways of `claims` that are told without a look at words: meta tags, markup, stamps or bylines."""
        return sum(
            (
                (self.facts.first("og:type") or "").lower().startswith("article")
                or self.facts.first("article:published_time", "datepublished") is not None,
                bool(_ARTICLE(self.tree)),
                bool(self.facts.times or self.facts.bylines),
            )
        )

    def tells(self, text: str) -> bool:
        """Whether a text holds a word of the headline, or of what the feed said."""
        subject = agreement.terms("" if self.headed_by_notice else self.headline)
        if self.entry:
            subject |= agreement.terms(f"{self.entry.title}\n{self.entry.text}")
        return bool(subject & agreement.terms(text))


def obstacle(page: Seen) -> tuple[str, str] | None:
    """The reason code and a line for people where a page stands in place of the article; None where it is one."""
    return (
        _by_address(page)
        or _notice(page)
        or _home(page)
        or _empty(page)
        or _anonymous(page)
        or _untitled(page)
        or _off_subject(page)
    )


def _by_address(page: Seen) -> tuple[str, str] | None:
    parts = urlsplit(page.url)
    if page.words < _SHORT and (_CONSENT_HOST.search(parts.hostname or "") or _CONSENT_PATH.search(parts.path)):
        return "consent-page", "the outlet answered with its cookie consent page"
    return None


def _notice(page: Seen) -> tuple[str, str] | None:
    """A text that speaks to the visitor about the site, or such a headline over a text that tells nothing of it."""
    if page.words >= _MOST_WORDS:
        return None
    if page.noticed >= _NEARLY_ALL:
        stands = page.reports or (page.claims >= _CLAIMED and page.tells(page.body))
    elif page.noticed >= _MOST:
        rest = notices.without(page.body, page.spoken, page.host)
        seen = page.words >= _FEW or not page.shows_names or bool(page.claims and page.told)
        stands = page.reports or (not page.headed_by_notice and seen and page.tells(rest))
    elif page.noticed >= _SOME:
        told = page.tells(page.body) and not agreement.differs(page.agreement, page.words)
        long = page.words >= _SHORT and page.claims >= _CLAIMED
        stands = long or (told and (page.called or page.claims > 0))
    elif page.headed_by_notice and page.words < _SHORT:
        stands = page.reports or page.claims > 0 or page.tells(page.body) or len(page.told) > _TOLD
    else:
        stands = True
    if stands:
        return None
    share = f"{page.noticed:.0%} of the text speaks to the visitor about the site"
    headed = f"; it is headed {(page.headline or page.facts.title_tag)[:60]!r}" if page.headed_by_notice else ""
    return _about(page), share + headed


def _about(page: Seen) -> str:
    said = fold(f"{page.facts.title_tag}\n{page.headline}\n{page.text}")
    return next((reason for reason, words in _ABOUT if words.search(said)), "notice-page")


def _home(page: Seen) -> tuple[str, str] | None:
    """The outlet's home page: by where the request ended, where the page says it is, or a text of links to articles."""
    if page.asked and _is_home(page.url) and not _is_home(page.asked) and page.claims < _CLAIMED:
        return "home-page", "the outlet led the request to its home page"
    lines, listed = (0, 0) if page.marked else _linked_lines(page)  # which takes longest, and decides for no claim
    if lines >= _LISTED_LINES and listed >= _LISTED * lines and not page.claims:
        return "home-page", f"{listed} of {lines} lines are links to other pages"
    said = urls.resolve(page.url, page.facts.canonical) or urls.resolve(page.url, page.facts.first("og:url"))
    if said and _is_home(said) and not _is_home(page.url) and not page.headline and not page.claims:
        return "home-page", "the page says that it is the outlet's home page"
    return None


def _linked_lines(page: Seen) -> tuple[int, int]:
    """The lines of a text, and how many of them are links; 0 where most are longer than a link is."""
    lines = [line for line in page.text.splitlines() if line.strip()]
    short = [line for line in lines if len(line) <= _LONGEST_LINK]
    if len(lines) < _LISTED_LINES or len(short) < _LISTED * len(lines):
        return len(lines), 0
    linked = {letters(text) for text in _LINKS(page.tree) if len(text) <= 2 * _LONGEST_LINK}
    return len(lines), sum(bool(key := letters(line)) and key in linked for line in short)


def _is_home(url: str) -> bool:
    return len(urlsplit(url).path.strip("/")) <= 2  # the root, or that of a language


def _empty(page: Seen) -> tuple[str, str] | None:
    if page.words < _SCRIPT_WORDS and _SCRIPT_ROOT.search(page.source):
        return "script-only", "the page is filled by scripts; its HTML holds no article"
    return None


def _anonymous(page: Seen) -> tuple[str, str] | None:
    """A few sentences, marked as nothing, that neither name nor count anything and turn to the visitor.

    They must also hold a notice, or nothing of the headline: prose turns to its readers too.

    Only where names show: not in scripts without capital letters, nor where every noun has one.
    """
    if not _FEWEST <= page.words < _FEW or page.claims or page.told or page.body_agrees:
        return None
    if not page.shows_names or (not page.noticed and page.tells(page.body)):
        return None
    if not notices.addresses(page.body, page.spoken):
        return None
    return _about(page), "the text turns to the visitor, and neither names nor counts anything"


def _untitled(page: Seen) -> tuple[str, str] | None:
    """A short text that neither the page's title, nor its markup, nor the feed knows of.

    The title of an article's page says what the article says; that of a wall names the outlet. Of 990 labelled pages
    none is so. A first heading that the text takes up stands in for the title where the text reports something.
    """
    title = f"{page.facts.title_tag}\n{page.facts.first('og:title') or ''}".strip()
    if page.words < _FEWEST or page.words >= _SHORT or page.claims or not title:
        return None
    if page.body_agrees:
        return None
    said = fold(page.body)
    for site in filter(None, (page.host, fold(title) if _HOST.fullmatch(title) else "")):
        said = said.replace(site, " ")
    named, heads, body = (agreement.terms(text) for text in (title, "\n".join(page.facts.h1), said))
    outlet = agreement.terms("\n".join(page.own))
    if not named <= outlet | {name[:5] for name in page.own}:
        named, heads, body = named - outlet, heads - outlet, body - outlet
    taken_up = len(named & body)
    if named & heads or (page.headline and not named) or (taken_up and (not heads or taken_up >= _TITLED * len(named))):
        return None
    answered = not page.noticed and len(heads & body) >= _ANSWERED
    if (answered or not _comparable(title, page.body)) and _REPORTS.search(page.body):
        return None
    return "no-headline", f"the page's title, {page.facts.title_tag[:60]!r}, says nothing of its text"


def _comparable(one: str, other: str) -> bool:
    """Whether both texts are in Latin letters, or both are not: else their words cannot be the same."""
    latin = [2 * len(_LATIN.findall(text)) > len(_ANY.findall(text)) for text in (one, other)]
    return latin[0] == latin[1]


def _off_subject(page: Seen) -> tuple[str, str] | None:
    """A page that speaks of something else than its feed; a feed that has no text leaves the page as it is.

    A long text in another language than the feed's is not judged, because words do not show what it is about.
    """
    if page.entry is None or not page.words or not agreement.differs(page.agreement, page.words):
        return None  # a page without a word speaks of nothing
    told = f"{page.entry.title}\n{page.entry.text}"
    if count_words(page.entry.text) < _FEWEST or (page.words >= _SHORT and _tongue(told) != _tongue(page.body)):
        return None
    return "off-subject", f"the page holds {page.agreement:.0%} of the words of its feed"


def _tongue(text: str) -> str | None:
    return languages.choose(text, ())[0]
