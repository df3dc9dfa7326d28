"""Articles: pages claimed, texts kept with their revisions, copies, vectors, and the verdict on the full text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.database.connection import Connection, run
from pipeline.models import Article, Copy
from pipeline.store.entries import verdict_row
from pipeline.store.vectors import to_text
from pipeline.topics import TopicMatch

Row = dict[str, Any]


def upsert(connection: Connection, **article: Any) -> int:
    """The id of the article of an identity, made at its first sighting."""
    row = run(connection, "articles.upsert", **article).fetchone()
    assert row is not None
    return int(row["id"])


def claim(connection: Connection, *, now: datetime, lease: float, limit: int) -> list[Row]:
    """Take a lease on articles to fetch: new ones, due retries, and young ones to look at again."""
    return run(connection, "articles.claim", now=now, lease=lease, limit=limit).fetchall()


def fallback(connection: Connection, article_id: int) -> Row | None:
    """The longest of the article's sightings: the feed's own words."""
    return run(connection, "articles.fallback", article_id=article_id).fetchone()


def fold(connection: Connection, article_id: int, identity: str) -> int | None:
    """Where another article is the same page, move the sightings of this one there and drop it."""
    other = run(connection, "articles.same", id=article_id, identity=identity).fetchone()
    if other is None:
        return None
    run(connection, "articles.move_entries", id=article_id, to=other["id"])
    run(connection, "articles.move_fetches", id=article_id, to=other["id"])
    run(connection, "articles.drop", id=article_id)
    return int(other["id"])


def save(connection: Connection, article_id: int, article: Article, **facts: Any) -> None:
    """Write the newest text; `facts` are identity, words, revision, body_hash, etag, last_modified, text_reason, now,
    next_refetch_at."""
    names = (
        *("canonical_url", "title", "text", "published", "published_rule", "language", "language_rule"),
        *("author_rule", "section", "image", "site_name", "text_source", "kind"),
    )
    row = {name: getattr(article, name) for name in names}
    run(connection, "articles.save", id=article_id, authors=list(article.authors), **row, **facts)


def unchanged(connection: Connection, article_id: int, now: datetime, next_refetch_at: datetime | None) -> None:
    """A look again found nothing new."""
    run(connection, "articles.unchanged", id=article_id, now=now, next_refetch_at=next_refetch_at)


def fail(connection: Connection, article_id: int, **outcome: Any) -> None:
    """Write why a page gave no article: state, reason, detail, next_try_at."""
    run(connection, "articles.fail", id=article_id, **outcome)


def add_revision(connection: Connection, **revision: Any) -> None:
    """Keep a wording with its time and its difference from the one before."""
    run(connection, "articles.add_revision", **revision)


def claim_uncopied(connection: Connection, limit: int) -> list[Row]:
    """Lock articles whose origin was not looked for yet, in order of publication."""
    return run(connection, "articles.claim_uncopied", limit=limit).fetchall()


def set_copy_keys(connection: Connection, article_id: int, keys: Sequence[int], published: datetime) -> None:
    """Replace the fingerprints of an article."""
    run(connection, "articles.clear_copy_keys", article_id=article_id)
    run(connection, "articles.add_copy_keys", article_id=article_id, keys=list(keys), published=published)


def copy_candidates(
    connection: Connection, article_id: int, keys: Sequence[int], since: datetime, until: datetime, limit: int
) -> list[Row]:
    """Articles published in the span that share fingerprints, those with most first."""
    return run(
        connection,
        "articles.copy_candidates",
        article_id=article_id,
        keys=list(keys),
        since=since,
        until=until,
        limit=limit,
    ).fetchall()


def set_copy(connection: Connection, article_id: int, origin_id: int, copy: Copy, now: datetime) -> None:
    """Write that an article is a copy of another; its own copies move to that origin."""
    run(
        connection,
        "articles.set_copy",
        article_id=article_id,
        origin_id=origin_id,
        containment=copy.containment,
        resemblance=copy.resemblance,
        rule=copy.rule,
        now=now,
    )
    run(connection, "articles.reroot_copies", origin_id=article_id, to=origin_id)


def unset_copy(connection: Connection, article_id: int) -> None:
    """An article that was a copy is an own text after its revision."""
    run(connection, "articles.unset_copy", article_id=article_id)


def copies_done(connection: Connection, article_id: int, now: datetime) -> None:
    """Mark that the origin of an article was looked for."""
    run(connection, "articles.copies_done", id=article_id, now=now)


def model(connection: Connection, name: str, revision: str, dimension: int, languages: Sequence[str]) -> Row:
    """The row of an embedding model, made at its first use."""
    row = run(
        connection, "articles.model", name=name, revision=revision, dimension=dimension, languages=list(languages)
    ).fetchone()
    assert row is not None
    return row


def claim_unembedded(connection: Connection, model_id: int, limit: int, *, placed: bool) -> list[Row]:
    """Lock articles without a vector of this model, origins before their copies.

    Either those that were `placed`, or those that wait for their story.
    """
    return run(connection, "articles.claim_unembedded", model_id=model_id, limit=limit, placed=placed).fetchall()


def set_vector(
    connection: Connection, article_id: int, model_id: int, embedding: NDArray[np.float32], revision: int
) -> None:
    """Store an article's own vector."""
    run(
        connection,
        "articles.set_vector",
        article_id=article_id,
        model_id=model_id,
        embedding=to_text(embedding),
        borrowed_from=None,
        revision=revision,
    )


def borrow_vector(connection: Connection, article_id: int, origin_id: int, model_id: int, revision: int) -> Any:
    """Give a copy its origin's vector; returns it, or None while the origin has none."""
    row = run(
        connection,
        "articles.borrow_vector",
        article_id=article_id,
        origin_id=origin_id,
        model_id=model_id,
        revision=revision,
    ).fetchone()
    return None if row is None else row["embedding"]


def set_topic(
    connection: Connection, article_id: int, topic: str, verdict: TopicMatch, model: str, now: datetime
) -> None:
    """Write the verdict on the full text; a person's verdict stays."""
    run(
        connection,
        "articles.set_topic",
        article_id=article_id,
        topic=topic,
        model=model,
        now=now,
        **verdict_row(verdict),
    )


def embedded(connection: Connection, article_id: int, now: datetime) -> None:
    """Mark that an article has its vector and its verdict."""
    run(connection, "articles.embedded", id=article_id, now=now)


def any_unembedded(connection: Connection, model: str) -> bool:
    """Whether any article waits for a vector of the model of this name."""
    row = run(connection, "articles.any_unembedded", name=model).fetchone()
    assert row is not None
    return bool(row["any"])


def newest_model(connection: Connection, name: str) -> Row | None:
    """The revision of a model by its name that was used last; None before its first use."""
    return run(connection, "articles.newest_model", name=name).fetchone()


def own_texts(connection: Connection, outlet: str, limit: int) -> list[Row]:
    """An outlet's newest texts (text, language) that are no copies."""
    return run(connection, "articles.own_texts", outlet=outlet, limit=limit).fetchall()
