"""Which article is a syndicated copy of which: texts that wait for the answer, fingerprints, candidates, verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_column
from pipeline.models import Copy


@dataclass(frozen=True, slots=True)
class Uncopied:
    """An article whose origin was not looked for yet; `source_name` and `source_url` are what its feed says."""

    id: int
    canonical_url: str
    url: str
    outlet: str
    title: str | None
    text: str | None
    published: datetime
    language: str | None
    source_name: str | None
    source_url: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that shares fingerprints with another; `origin_id` where it is a copy itself."""

    id: int
    title: str | None
    text: str | None
    published: datetime
    canonical_url: str
    outlet: str
    language: str | None
    origin_id: int | None
    source_name: str | None
    source_url: str | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """What candidates are asked for by: fingerprints, the span of publication, how many at most."""

    keys: Sequence[int]
    since: datetime
    until: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class _Apart:
    left_id: int
    right_id: int


@dataclass(frozen=True, slots=True)
class OwnText:
    """A text of an outlet that is no copy."""

    text: str
    language: str | None


def claim(connection: Connection, *, owner: int, lease: float, limit: int, now: datetime) -> list[int]:
    """Lease articles whose origin was not looked for yet, the first published first; those held by a fault stay.

    `lease` is in seconds. Returns their ids.
    """
    return fetch_column(connection, "copies.claim", owner=owner, lease=lease, limit=limit, now=now)


def claimed(connection: Connection, article_ids: Sequence[int], owner: int) -> list[Uncopied]:
    """Of articles that were claimed those that are the owner's still, in order of publication."""
    return fetch(connection, Uncopied, "copies.claimed", ids=list(article_ids), owner=owner)


def hold(connection: Connection, article_ids: Sequence[int], owner: int) -> list[Uncopied]:
    """The same as they stand now, which nobody else can change until the transaction ends."""
    held: list[int] = fetch_column(connection, "copies.hold", ids=list(article_ids), owner=owner)
    return claimed(connection, held, owner)


def release(connection: Connection, article_ids: Sequence[int], owner: int) -> None:
    """Let go of articles that were claimed."""
    run(connection, "copies.release", ids=list(article_ids), owner=owner)


def set_keys(connection: Connection, article_id: int, keys: Sequence[int], published: datetime) -> None:
    """Replace the fingerprints of an article."""
    run(connection, "copies.clear_keys", article_id=article_id)
    run(connection, "copies.add_keys", article_id=article_id, keys=list(keys), published=published)


def candidates(connection: Connection, article_id: int, sharing: Sharing) -> list[Candidate]:
    """Articles published in the span that share fingerprints, those with most first, and their origins; by id."""
    return fetch(
        connection,
        Candidate,
        "copies.candidates",
        article_id=article_id,
        keys=list(sharing.keys),
        since=sharing.since,
        until=sharing.until,
        limit=sharing.limit,
    )


def followers(connection: Connection, origin_id: int) -> list[Candidate]:
    """The known copies of an origin."""
    return fetch(connection, Candidate, "copies.followers", origin_id=origin_id)


def commonplace(connection: Connection, article_id: int, sharing: Sharing, days: int) -> list[int]:
    """Of the fingerprints those that stood in texts of at least `days` days of the span."""
    return fetch_column(
        connection,
        "copies.commonplace",
        article_id=article_id,
        keys=list(sharing.keys),
        since=sharing.since,
        until=sharing.until,
        days=days,
    )


def put(connection: Connection, copy: Copy, now: datetime) -> None:
    """Write that an article is a copy of another, and nothing else."""
    run(
        connection,
        "copies.save",
        article_id=int(copy.copy_id),
        origin_id=int(copy.origin_id),
        containment=copy.containment,
        resemblance=copy.resemblance,
        rule=copy.rule,
        now=now,
    )


def drop(connection: Connection, article_id: int) -> None:
    """An article that was a copy is an own text after its revision."""
    run(connection, "copies.drop", article_id=article_id)


def set_apart(connection: Connection, article_id: int, others: Sequence[str]) -> None:
    """Replace the articles that report another event in the form of words of this one, told of both."""
    run(connection, "copies.join", article_id=article_id)
    if others:
        run(connection, "copies.set_apart", article_id=article_id, others=[int(other) for other in others])


def apart(connection: Connection, article_ids: Sequence[int]) -> dict[str, set[str]]:
    """Article -> those that report another event in its form of words."""
    found: dict[str, set[str]] = {}
    for row in fetch(connection, _Apart, "copies.apart", ids=list(article_ids)):
        found.setdefault(str(row.left_id), set()).add(str(row.right_id))
    return found


def stories_apart(connection: Connection, article_ids: Collection[str]) -> list[tuple[str, str]]:
    """Each of these articles with the stories that hold such a text."""
    ids = [int(each) for each in article_ids]
    rows = fetch(connection, _Apart, "copies.stories_apart", ids=ids) if ids else []
    return [(str(row.left_id), str(row.right_id)) for row in rows]


def pairs_apart(connection: Connection, story_ids: Collection[str]) -> set[frozenset[str]]:
    """Pairs of a story of these and another, of which one holds such a text of the other's."""
    ids = [int(each) for each in story_ids]
    rows = fetch(connection, _Apart, "copies.pairs_apart", ids=ids) if ids else []
    return {frozenset((str(row.left_id), str(row.right_id))) for row in rows}


def done(connection: Connection, article_id: int, now: datetime) -> None:
    """Mark that the origin of an article was looked for."""
    run(connection, "copies.done", id=article_id, now=now)


def own_texts(connection: Connection, outlet: str, limit: int) -> list[OwnText]:
    """An outlet's newest texts that are no copies."""
    return fetch(connection, OwnText, "copies.own_texts", outlet=outlet, limit=limit)
