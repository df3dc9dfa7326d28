"""What a reviewer changes of a digest: who stays in, in which order, under which words; and which answers count. Pure.

A reviewer's word on a story binds every later draft of its day. A story left out stays out of the digests of later
days too, until a person pulls it in: it was judged, and is no news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from pipeline import digests
from pipeline.models import Digest, DigestItem, DroppedStory, StoryView
from pipeline.models.details import Before
from pipeline.topics import Topic

LEFT_OUT = "left out in review"
NOBODY_ANSWERED = "nobody answered"
"""How a pending action ends whose review lapsed (`review_asks.ended_as`)."""
PIPELINE = "pipeline"
"""Who changed a draft that was compared anew (`digests.edited_by`), as an earlier day was published meanwhile."""
QUIET = timedelta(minutes=1)
"""How long after a person's change a draft is asked for anew: who edits it on its page saves more than once."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a reviewer said of one story in the digest of `day`.

    `place` counts from 1, None leaves it to the ranking.
    """

    story_id: int
    day: date
    actor: str
    at: datetime
    dropped: bool = False
    pulled_in: bool = False
    pinned: bool = False
    place: int | None = None
    headline: str | None = None
    summary: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What was said of the stories in the digest of this day, and last before it; by story id."""

    today: Mapping[int, Word]
    before: Mapping[int, Word]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a digest stands before an answer: its state and revision, and the newest version of its day."""

    id: int
    topic: str
    day: date
    version: int
    state: str
    revision: int
    edited_by: str | None
    edited_at: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    newest_id: int
    newest_version: int
    newest_state: str


def compose(
    topic: Topic, day: str, stories: Sequence[StoryView], before: Before | None, words: Words, language: str = "en"
) -> Digest:
    """The digest of a day as `digests.draft` ranks it and as its reviewers want it.

    What a person left out gives its place to the next in the ranking. Ranks run from 1 without a gap, and the totals
    count the stories that are shown. `before` and `language` are as `digests.draft` takes them.
    """
    whole = digests.draft(replace(topic, max_stories=max(len(stories), 1)), day, stories, before, language)
    refused = {item.story_id: why for item in whole.items if (why := _why_out(item, words))}
    wanted = [item for item in whole.items if item.story_id not in refused]
    pulled = [item.story_id for item in wanted if _said(words, item).pulled_in]
    room = max(topic.max_stories - len(pulled), 0)
    ranked = [item.story_id for item in wanted if item.story_id not in pulled][:room]
    chosen = {*pulled, *ranked}
    rest = [item for item in whole.items if item.story_id not in chosen]
    beyond = f"beyond the {topic.max_stories} stories of a digest"
    dropped = [refused.get(item.story_id) or DroppedStory(item.story_id, beyond, item.headline) for item in rest]
    shown = [_worded(item, _said(words, item)) for item in wanted if item.story_id in chosen]
    return arranged(replace(whole, dropped=tuple(dropped)), sorted(shown, key=lambda item: _order(item, words)))


def arranged(digest: Digest, items: Iterable[DigestItem]) -> Digest:
    """The digest with these items in this order: ranked from 1, and counted anew."""
    ranked = tuple(replace(item, rank=rank) for rank, item in enumerate(items, 1))
    articles = [article for item in ranked for article in item.articles]
    outlets = len({article.outlet for article in articles})
    return replace(digest, items=ranked, articles_seen=len(articles), outlets_seen=outlets)


def without(digest: Digest, drop: Collection[int], actor: str, reason: str) -> Digest:
    """The digest without these stories, which `actor` left out; the others are ranked and counted anew."""
    gone = tuple(
        DroppedStory(item.story_id, reason or LEFT_OUT, item.headline, actor)
        for item in digest.items
        if item.story_id in drop
    )
    kept = [item for item in digest.items if item.story_id not in drop]
    return arranged(replace(digest, dropped=(*digest.dropped, *gone)), kept)


def _said(words: Words, item: DigestItem) -> Word:
    found = words.today.get(item.story_id)
    return found or Word(item.story_id, date.min, "", datetime.min.replace(tzinfo=UTC))


def _why_out(item: DigestItem, words: Words) -> DroppedStory | None:
    """Why a person does not want the story in this digest; None where nobody said so, or it was pulled in since."""
    said, earlier = words.today.get(item.story_id), words.before.get(item.story_id)
    if said is not None and (said.dropped or said.pulled_in):
        return DroppedStory(item.story_id, said.reason or LEFT_OUT, item.headline, said.actor) if said.dropped else None
    if earlier is None or not earlier.dropped:
        return None
    newer = sum(article.published > earlier.at for article in item.articles)
    grown = f"; {newer} {'article' if newer == 1 else 'articles'} since" if newer else ""
    why = f"{earlier.reason or LEFT_OUT} (digest of {earlier.day}{grown})"
    return DroppedStory(item.story_id, why, item.headline, earlier.actor)


def _worded(item: DigestItem, word: Word) -> DigestItem:
    return replace(item, headline=word.headline or item.headline, summary=word.summary or item.summary)


def _order(item: DigestItem, words: Words) -> tuple[bool, int, int]:
    """Pinned ones first; then the place that a person gave, before one that the ranking gave the same."""
    word = _said(words, item)
    return (not word.pinned, item.rank if word.place is None else word.place, item.rank if word.place is None else 0)


def objection(
    standing: Standing | None, digest_id: int, revision: int | None, strangers: Mapping[int, str], wanted: str
) -> str:
    """Why an answer to a review cannot be taken, in one line; empty where it can.

    `strangers` are stories that the answer names and the digest does not have, with where each
    stands. `wanted` is
    ``publish``, ``reject`` or ``hold``; `revision` the text that was shown, None for whichever there is.
    """
    if standing is None:
        return f"there is no digest {digest_id}; `wirewatch digest list` names those there are"
    if standing.state != "draft":
        return _decided(standing, wanted)
    if revision is not None and revision != standing.revision:
        return f"{_changed(standing)}, after it was shown; read it again"
    for story_id, where in sorted(strangers.items()):
        return f"story {story_id} is not in digest {digest_id}" + (f" but in {where}" if where else "")
    return ""


def stands_as_shown(standing: Standing | None, revision: int | None, now: datetime) -> bool:
    """Whether a digest waits with the text of this revision (None: with any); a person's change counts once it is
    quiet."""
    if standing is None or standing.state != "draft":
        return False
    if revision is None or revision == standing.revision:
        return True
    if standing.edited_by == PIPELINE or standing.edited_at is None:
        return False
    return now - standing.edited_at < QUIET


def _changed(standing: Standing) -> str:
    at = _at(standing.edited_at)
    if standing.edited_by == PIPELINE:
        return f"an earlier day was published{at}, and this draft now says what is new since that one"
    return f"{standing.edited_by or 'somebody'} changed the draft{at}"


def _decided(standing: Standing, wanted: str) -> str:
    if standing.state == "superseded":
        was = f"digest {standing.id} is version {standing.version} of {standing.day}"
        stands = "waits for review" if standing.newest_state == "draft" else f"is {standing.newest_state}"
        return f"{was}; version {standing.newest_version} (digest {standing.newest_id}) replaced it and {stands}"
    was = (
        f"digest {standing.id} was {standing.state} by {standing.reviewed_by or 'somebody'}{_at(standing.reviewed_at)}"
    )
    asked = "published" if wanted == "publish" else "rejected" if wanted == "reject" else "held"
    if asked == standing.state:
        return f"{was} already"
    return f"{was} and cannot be {asked}; draft {standing.day} again for a new version"


def _at(moment: datetime | None) -> str:
    return f" at {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def numbers(raw: object) -> tuple[tuple[int, ...], str]:
    """The story numbers of an answer, and what is wrong with it: a list of whole numbers, or of texts that are such."""
    if raw is None:
        return (), ""
    if not isinstance(raw, list | tuple):
        return (), f"the stories to leave out are a list, not {raw!r:.60}"
    found = []
    for each in raw:
        text = str(each).strip()
        if isinstance(each, bool | float) or not text.isascii() or not text.isdigit() or len(text) > 18:
            return (), f"{each!r:.60} is no story number"
        found.append(int(text))
    return tuple(dict.fromkeys(found)), ""
