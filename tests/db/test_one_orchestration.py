"""What `wirewatch cluster` finds in a file, the DAGs find in Postgres: the same articles in order, the same stories.

One orchestration runs over both indexes; here both get the same sets, and every story, method, score and count is
compared. The labels of the sets do not matter; that they are labelled is why they look like news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.archive.warc import CaptureIndex
from pipeline.errors import ItemError
from pipeline.models import Assignment, Document
from pipeline.settings import Settings
from pipeline.steps.model import article_vectors
from pipeline.store import articles as article_store
from pipeline.store import models as model_store
from pipeline.stories import memory_index, orchestration, stream
from pipeline.stories import model as story_model
from pipeline.stories.features import encode_documents
from pipeline.stories.orchestration import Arrival
from pipeline.stories.stream import StoryStream, arrival_order
from pipeline.text.languages import language_of
from tests.support import labelled, light, recorded, story_cases
from tests.support.deskrows import DIMENSION, START, TOPIC
from tests.support.tellings import made

NOW = START + timedelta(days=30)
TRIPLES = "triples-2010"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With the default model, whose numbers need the means of the stream."""
    return light.instead(settings)


@dataclass(frozen=True, slots=True)
class Found:
    """The story of each article, as the number of its first article; its first decision; what the passes did."""

    stories: list[int]
    decisions: list[tuple[str, float]]
    counts: dict[str, int]


def numbered(stories: Sequence[object]) -> list[int]:
    """Each value as the place where it stands first."""
    return [stories.index(story) for story in stories]


def in_memory(arrivals: Sequence[Arrival], model: story_model.StoryModel) -> Found:
    """As `wirewatch cluster` does it."""
    found = StoryStream(model, reweigh=False)
    decisions: list[Assignment] = []
    for each in arrivals:
        document = replace(each.document, language=language_of(each.document))
        decisions.append(found.place(document, each.vector, copy_of=each.copy_of))
    found.reassign()
    return Found(
        numbered([found.current(each.document.id) for each in arrivals]),
        [(decision.method, decision.score) for decision in decisions],
        found.orchestration.counts,
    )


def in_postgres(settings: Settings, arrivals: Sequence[Arrival]) -> Found:
    """As the DAGs do it: rows that wait for their stories, and the step."""
    ids: dict[str, int] = {}
    with database.connect(settings) as connection:
        connection.execute("INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 't', '{}', 'UTC')",
                           (TOPIC,))  # fmt: skip
        model = model_store.register(connection, settings.model, "test", DIMENSION, ["en"]).id
        for each in arrivals:
            ids[each.document.id] = arrived(connection, model, each, ids)
    counts = steps.cluster(settings, now=NOW)
    with database.connect(settings) as connection:
        rows = connection.execute(
            """SELECT article_id, (array_agg(story_id ORDER BY id DESC))[1] AS story,
                      (array_agg(method ORDER BY id))[1] AS method, (array_agg(score ORDER BY id))[1] AS score
               FROM memberships GROUP BY article_id ORDER BY article_id"""
        ).fetchall()
    assert [row["article_id"] for row in rows] == list(ids.values())
    return Found(
        numbered([row["story"] for row in rows]),
        [(row["method"], row["score"]) for row in rows],
        {name: counts[name] for name in ("placed", "opened", "merged", "moved", "split")},
    )


def arrived(connection: database.Connection, model: int, each: Arrival, ids: dict[str, int]) -> int:
    """The row of an article that is embedded and on topic."""
    document = each.document
    row = connection.execute(
        """INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, published,
                                 language, revision, extracted_at, copies_at, embedded_at)
           VALUES (%(id)s, %(id)s, %(id)s, 'Outlet', 'extracted', %(at)s, %(title)s, %(text)s, %(at)s, %(language)s, 1,
                   %(at)s, %(at)s, %(at)s) RETURNING id""",
        {
            "id": document.id,
            "at": document.published,
            "title": document.title,
            "text": document.text,
            "language": document.language,
        },
    ).fetchone()
    assert row is not None
    article_store.set_vector(connection, row["id"], model, each.vector, 1)
    connection.execute(
        "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
        " VALUES (%s, %s, true, 'query', 1, 0, %s)",
        (row["id"], TOPIC, NOW),
    )
    if each.copy_of is not None:
        connection.execute(
            "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at)"
            " VALUES (%s, %s, 1, 1, 'earliest', %s)",
            (row["id"], ids[each.copy_of], NOW),
        )
    return int(row["id"])


def tellings(_: Settings) -> list[Arrival]:
    """Made news: 25 developments of one topic, six tellings each."""
    return [
        Arrival(
            Document(f"{t.development}-{t.number}", t.title, t.text, t.published, language="en"), t.vector
        )
        for t in made()
    ]  # fmt: skip


def recorded_web(settings: Settings) -> list[Arrival]:
    """The labelled pages on the summit, in eight languages, with their copies, as the encoder reads them."""
    index, labels = CaptureIndex.read([recorded.RECORDED]), recorded.read_labels()
    documents: dict[str, Document] = {}
    for seen in recorded.read_entries(index, labels):
        if seen.label.on_topic and seen.label.url not in documents:
            try:
                article = recorded.read_article(index, seen)
            except ItemError:
                continue
            when = article.published or seen.published
            documents[seen.label.url] = Document(seen.label.url, article.title, article.text, when,
                                                 language=article.language)  # fmt: skip
    rows = [documents[url] for url in documents]
    rows = [rows[at] for at in arrival_order(rows)]
    vectors = dict(zip((each.id for each in rows), article_vectors(settings, rows, story_model.default()), strict=True))
    arrivals, placed = [], set()
    for each in rows:
        origin = labels[each.id].copy_of
        copy_of = origin if origin in placed else None
        arrivals.append(Arrival(each, vectors[copy_of or each.id], copy_of))
        placed.add(each.id)
    return arrivals


def shared(name: str) -> Callable[[Settings], list[Arrival]]:
    """A labelled set of general news, as it is measured in docs/stories.md."""

    def read(_: Settings) -> list[Arrival]:
        documents = story_cases.labelled(name).documents
        documents = tuple(documents[at] for at in arrival_order(documents))
        vectors = encode_documents(documents, story_cases.encode(), story_cases.model())
        return [Arrival(document, vector) for document, vector in zip(documents, vectors, strict=True)]

    return read


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "read",
    [
        tellings,
        recorded_web,
        pytest.param(shared(TRIPLES), id=TRIPLES, marks=labelled.needs(story_cases.file_of(TRIPLES))),
    ],
)
def test_both_indexes_end_in_the_same_stories_by_the_same_decisions(
    settings: Settings, read: Callable[[Settings], list[Arrival]]
) -> None:
    arrivals = read(settings)
    assert len(arrivals) > 100
    straight, stored = in_memory(arrivals, story_model.default()), in_postgres(settings, arrivals)
    assert [method for method, _ in stored.decisions] == [method for method, _ in straight.decisions]
    assert [score for _, score in stored.decisions] == pytest.approx([s for _, s in straight.decisions], abs=1e-4)
    assert stored.stories == straight.stories
    assert stored.counts == straight.counts


def test_both_reassign_on_the_way_where_very_many_come_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a pass every 100 articles over the last 200, as 2,000 and 4,000 would be."""
    from pipeline.steps import clustering
    from pipeline.store import story_index

    for module in (memory_index, orchestration, stream, clustering, story_index):
        monkeypatch.setattr(module, "YOUNG", 100)
    arrivals: list[Any] = [*tellings(settings)]
    again = [
        Arrival(
            replace(each.document, id=f"again-{each.document.id}",
                    published=(each.document.published or NOW) + timedelta(days=5)), each.vector
        )
        for each in arrivals
    ]  # fmt: skip
    arrivals = sorted([*arrivals, *again], key=lambda each: each.document.published or NOW)
    straight, stored = in_memory(arrivals, story_model.default()), in_postgres(settings, arrivals)
    assert stored.stories == straight.stories
    assert stored.counts == straight.counts
