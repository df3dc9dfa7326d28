"""One frozen type per stage; what a stage hands to the next and nothing else. All times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.models.details import Changes, Details
from pipeline.models.publication import Precision, precision, publication_order
from pipeline.models.web import Hop, Response, Validators

__all__ = ["Hop", "Precision", "Response", "Validators", "precision", "publication_order"]

# --- feeds ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of one feed as it stood in one response.

    `key` is the identity inside its feed: the id, else the canonical URL, else a hash of title and text.
    `published_rule` says where `published` comes from: ``published``, ``updated``, ``url`` or ``missing``,
    ``future``, ``epoch``, ``unparsable`` where the first sighting must stand in (`published` is then None).
    `problems` are stable codes of what was wrong and mended (``no-id``, ``duplicate-id``, ``bad-date`` ...).
    `stated_precision` is what the reader of the date found; None leaves it to `precision`.
    """

    key: str
    guid: str | None
    url: str | None
    canonical_url: str | None
    title: str
    summary_html: str
    content_html: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    published_rule: str = "missing"
    language: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    source_name: str | None = None
    source_url: str | None = None
    position: int = 0
    problems: tuple[str, ...] = ()
    stated_precision: Precision | None = None

    @property
    def published_precision(self) -> Precision | None:
        """Whether `published` is a day or an instant; None without one."""
        return precision(self.published, self.published_rule, self.stated_precision) if self.published else None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document: what it says of itself, its update hints, and its entries in document order.

    `format` is ``rss2``, ``rss1``, ``rss0``, ``atom``, ``json`` or ``sitemap``. `ttl` and `update_period` are
    seconds; `skip_hours` are UTC hours 0-23, `skip_days` English weekday names.
    """

    format: str
    title: str
    home_url: str | None
    language: str | None
    entries: tuple[FeedEntry, ...]
    ttl: float | None = None
    update_period: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()
    hub_url: str | None = None
    self_url: str | None = None
    new_url: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A feed as a list names it, before it is a row: where it is, and who stands behind it.

    `outlet` is the publisher's name, shared by its feeds (empty: the title). `kind` is ``rss`` (any feed) or
    ``sitemap``. `country` is ISO 3166-1 alpha-2 (or ``EU``, ``UN``), `language` BCP 47; `ownership` is ``state``
    (a government decides what it says), ``public`` (funded by law, independent of the government of the day),
    ``private`` or ``agency`` (a news wire that sells to others and
    takes no orders from a government).
    """

    url: str
    title: str
    outlet: str = ""
    home_url: str | None = None
    country: str | None = None
    language: str | None = None
    ownership: str = "private"
    kind: str = "rss"
    tags: tuple[str, ...] = ()


# --- articles ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Article:
    """The article found on a page, or in the feed where the page gave none.

    `text_source` is ``page`` or ``feed``; `kind` is ``article``, ``teaser`` (a paywall's first lines), ``liveblog`` or
    ``roundup`` (several subjects). `published_rule`, `language_rule` and `author_rule` name where each came from.
    `origin_url` is the address at another outlet that the page names as its original (rel=canonical of a syndicated
    text). `claimed_url` is an address that the page names as its own, and that nothing on it speaks for.
    `agreement` is how well the page answers the feed, 0..1, None where there is no feed or it said too little;
    `text_detail` says what on the page made the feed's text stand.
    `published_offset` is how many minutes the newsroom's own clock was ahead of UTC at `published`, where it said.
    `stated_precision` is what the reader of the date found; None leaves it to `precision`.
    """

    url: str
    canonical_url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_rule: str = "missing"
    language: str | None = None
    language_rule: str = "missing"
    section: str | None = None
    image: str | None = None
    site_name: str | None = None
    text_source: str = "page"
    kind: str = "article"
    author_rule: str = "missing"
    origin_url: str | None = None
    published_offset: int | None = None
    claimed_url: str | None = None
    problems: tuple[str, ...] = ()
    agreement: float | None = None
    text_detail: str | None = None
    stated_precision: Precision | None = None

    @property
    def published_precision(self) -> Precision | None:
        """Whether `published` is a day or an instant; None without one."""
        return precision(self.published, self.published_rule, self.stated_precision) if self.published else None


# --- stories ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """What copies, embeddings and stories need of an article; the unit of `wirewatch cluster`."""

    id: str
    title: str
    text: str
    published: datetime | None = None
    url: str | None = None
    source: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """`copy_id` is a syndicated copy of `origin_id`.

    `containment` is the share of the copy's shingles that stand in the origin, `resemblance` their Jaccard
    similarity, both 0..1; `rule` says what named the origin (``agency-line``, ``earliest``, ``source``,
    ``canonical``).
    """

    copy_id: str
    origin_id: str
    containment: float
    resemblance: float
    rule: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which story an article joins and why; `story_id` None opens a new one.

    `score` and `threshold` are on the method's own scale, 0..1; `method` is ``mix``, ``words``,
    ``vectors``, ``topical``, ``copy``, ``must-link``, ``first``, ``merge``, ``split`` or ``reassign``.
    """

    story_id: str | None
    score: float
    threshold: float
    method: str
    model: str
    runner_up: str | None = None
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """One output line of `wirewatch cluster`; `method` is as of `Assignment`, or ``roundup`` for one in no story."""

    id: str
    story_id: str
    copy_of: str | None
    score: float
    method: str


# --- digests ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """One article of a story as the digest sees it."""

    article_id: int
    title: str
    url: str
    outlet: str
    country: str | None
    ownership: str | None
    language: str | None
    published: datetime
    copy_of: int | None
    lead: str
    stated_precision: Precision | None = None

    @property
    def published_precision(self) -> Precision:
        """Whether `published` is a day or an instant."""
        return precision(self.published, stated=self.stated_precision)


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as known at a moment, with its on-topic articles in order of publication."""

    story_id: int
    first_published: datetime
    last_published: datetime
    articles: tuple[StoryArticle, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One story's place in a digest; `status` is ``new``, ``grown``, ``corrected`` or ``continuing``.

    `summary` is the sentences of `details` in a row, or what an editor wrote in their place.
    """

    story_id: int
    rank: int
    headline: str
    summary: str
    status: str
    score: float
    outlets: int
    independent: int
    articles: tuple[StoryArticle, ...]
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class DroppedStory:
    """A story that did not make the digest, and why; `actor` is ``pipeline`` or the person who left it out."""

    story_id: int
    reason: str
    headline: str = ""
    actor: str = "pipeline"


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer said of a digest: approved or not, by whom, with which note, without which stories (ids).

    `via` is where: ``terminal``, ``page`` or ``airflow``. `revision` is the text that the reviewer was shown, None
    where it was not bound to one.
    """

    approved: bool
    reviewer: str
    note: str = ""
    drop: tuple[int, ...] = ()
    via: str = "terminal"
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedDigest:
    """A digest as its readers have it; `day` is an ISO date."""

    id: int
    day: str
    title: str
    html: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class StillComing:
    """What a day's digest cannot show yet, in numbers of articles by what they wait for.

    `held`: their page is being fetched or extracted now. `to_fetch`: it is to be asked for. `to_retry`: it was in vain,
    and is again later. `to_place`: the text is there, its story is not. `set_aside`: our own code fails on
    them. `unjudged` counts entries of which it is not known whether they are on topic.
    """

    held: int = 0
    to_fetch: int = 0
    to_retry: int = 0
    to_place: int = 0
    set_aside: int = 0
    unjudged: int = 0

    @property
    def articles(self) -> int:
        """All articles that are known to be on topic."""
        return self.held + self.to_fetch + self.to_retry + self.to_place + self.set_aside


@dataclass(frozen=True, slots=True)
class Digest:
    """A day's digest of one topic; `day` is the calendar day in the topic's time zone, ISO format.

    `corrects` is the version of the same day that was published before, None where there was none.
    """

    topic: str
    day: str
    title: str
    items: tuple[DigestItem, ...]
    dropped: tuple[DroppedStory, ...]
    articles_seen: int
    outlets_seen: int
    changes: Changes = Changes()
    corrects: int | None = None
