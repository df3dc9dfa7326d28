"""The index in memory and the steps over Postgres call the same texts copies, of the same origins by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from pipeline import database
from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.copying import find_copies
from tests.support import copy_cases as cases

Verdicts = dict[str, tuple[str, str, Any, Any]]


def stored(settings: Settings, documents: Sequence[Document]) -> Verdicts:
    """What the steps find of the documents, by address: origin, rule, containment and resemblance."""
    with database.connect(settings) as connection:
        for document in documents:
            connection.execute(
                """INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text,
                                         published, language, revision, extracted_at)
                   VALUES (%(url)s, %(url)s, %(url)s, %(outlet)s, 'extracted', %(at)s, %(title)s, %(text)s, %(at)s,
                           %(language)s, 1, %(at)s)""",
                {
                    "url": document.url,
                    "outlet": document.source,
                    "at": document.published,
                    "title": document.title,
                    "text": document.text,
                    "language": document.language,
                },
            )
    last = max(document.published for document in documents if document.published is not None)
    counts = find_copies(settings, now=last + timedelta(hours=1))
    assert counts["judged"] == len(documents)
    with database.connect(settings) as connection:
        rows = connection.execute(
            """SELECT a.url, o.url AS origin, c.rule, c.containment, c.resemblance
               FROM copies c JOIN articles a ON a.id = c.article_id JOIN articles o ON o.id = c.origin_id"""
        ).fetchall()
    return {row["url"]: (row["origin"], row["rule"], row["containment"], row["resemblance"]) for row in rows}


def remembered(documents: Sequence[Document]) -> Verdicts:
    """What the index in memory finds of them."""
    index = MemoryCopyIndex()
    url_of = {document.id: document.url or "" for document in documents}
    found: Verdicts = {}
    for document in documents:
        decision = index.place(document)
        if decision.freed is not None:
            found.pop(url_of[decision.freed], None)
        for copy in decision.changes:
            shares = pytest.approx(copy.containment, abs=1e-6), pytest.approx(copy.resemblance, abs=1e-6)
            found[url_of[copy.copy_id]] = (url_of[copy.origin_id], copy.rule, *shares)
    return found


@pytest.mark.parametrize("part", cases.PARTS)
def test_memory_and_postgres_agree_on_written_pairs(settings: Settings, part: str) -> None:
    """All texts of a part at once, in order of publication."""
    pairs = cases.written(part)
    documents = sorted(
        (document for pair in pairs for document in (pair.first, pair.second)), key=lambda d: (d.published, d.url)
    )
    expected = remembered(documents)
    assert len(expected) >= 3
    assert stored(settings, documents) == expected
