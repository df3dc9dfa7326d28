"""Search measured on the recorded web: 40 questions in six languages, and which of the right articles each rank finds.

The questions were written by us, with the titles of the recorded pages at hand. The right answers are the tellings of
a story by the labels. ``python -m tests.support.search_cases DATABASE_URL`` loads an empty database and prints the
table of docs/querying.md.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

from pipeline import database, embeddings
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps import searching
from pipeline.steps.model import article_vectors, encoder
from pipeline.store import models
from pipeline.store.search import Filters
from pipeline.store.vectors import to_text
from pipeline.stories import model as story_model
from tests.support.project import REPOSITORY
from tests.support.recorded import Label, documents

QUESTIONS = REPOSITORY / "tests" / "data" / "search-questions.jsonl"
DEPTH = 20
"""How far down a rank is read: the first page of the portal."""
RANKS: tuple[searching.By, ...] = ("words", "meaning", "both")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rank gave for a question: shares of the right articles of the question's language and of all, 0 to 1."""

    language: str
    question: str
    own: float
    every: float


def load(settings: Settings) -> dict[int, Label]:
    """Every recorded page once, with its words and its vector; the label of each article."""
    read = documents()
    with database.connect(settings) as connection:
        for number, (label, document) in enumerate(read, 1):
            connection.execute(
                "INSERT INTO articles (id, identity, canonical_url, url, outlet, language, state, first_seen_at, title,"
                " text, published, published_rule, extracted_at) OVERRIDING SYSTEM VALUE"
                " VALUES (%s, %s, %s, %s, %s, %s, 'extracted', %s, %s, %s, %s, 'feed', now())",
                [number, label.url, label.url, label.url, label.outlet, label.language, document.published,
                 document.title, document.text, document.published],
            )  # fmt: skip
    _add_vectors(settings, [document for _, document in read])
    return {number: label for number, (label, _) in enumerate(read, 1)}


def _add_vectors(settings: Settings, read: list[Document]) -> None:
    model, made = encoder(settings), article_vectors(settings, read, story_model.default())
    with database.connect(settings) as connection:
        row = models.register(connection, embeddings.name_of(settings), "test", made.shape[1], list(model.languages))
        for number, vector in enumerate(made, 1):
            connection.execute(
                "INSERT INTO vectors (article_id, model_id, embedding, revision) VALUES (%s, %s, %s, 1)",
                [number, row.id, to_text(vector)],
            )


def ask(settings: Settings, labels: dict[int, Label], by: searching.By) -> list[Asked]:
    """Every question, by one rank or both."""
    found = []
    for line in QUESTIONS.read_text("utf-8").splitlines():
        case = json.loads(line)
        vector = searching.vector(settings, case["question"], by)
        with database.connect(settings) as connection:
            hits = searching.search(connection, settings, case["question"], Filters(), asked=vector, by=by, limit=DEPTH)
        ids = {hit.id for hit in hits}
        right = {number for number, label in labels.items() if label.story in case["stories"]}
        own = {number for number in right if labels[number].language == case["language"]}
        shares = len(ids & own) / len(own), len(ids & right) / len(right)
        found.append(Asked(case["language"], case["question"], *shares))
    return found


def recall(asked: list[Asked]) -> tuple[float, float]:
    """The mean share of right articles found of the question's language, and of all languages."""
    return sum(each.own for each in asked) / len(asked), sum(each.every for each in asked) / len(asked)


def main(url: str) -> None:
    """Print the recall of each rank by language, and the questions that found nothing right."""
    settings = Settings(database_url=url)
    database.migrate(settings)
    labels = load(settings)
    for by in RANKS:
        asked = ask(settings, labels, by)
        for language in ("all", *sorted({each.language for each in asked})):
            of = [each for each in asked if language in ("all", each.language)]
            own, every = recall(of)
            print(f"{by:8} {language:4} {len(of):3} questions  own language {own:.3f}  all languages {every:.3f}")
        print("         nothing right in its own language:", [each.question for each in asked if each.own == 0])


if __name__ == "__main__":
    main(*sys.argv[1:])
