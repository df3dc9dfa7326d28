"""A topic file becomes a `Topic`; a text is on topic by its query and by its closeness to the seed documents."""

from pipeline.topics.definition import Topic, Weights
from pipeline.topics.files import MissingDocumentError, find, load, load_all, parse_day
from pipeline.topics.reading import LEAD
from pipeline.topics.verdict import (
    Closeness,
    TopicMatch,
    TopicNumbers,
    Wording,
    Wordings,
    match,
    mentions,
    wording,
    worth_measuring,
)

__all__ = [
    "LEAD",
    "Closeness",
    "MissingDocumentError",
    "Topic",
    "TopicMatch",
    "TopicNumbers",
    "Weights",
    "Wording",
    "Wordings",
    "find",
    "load",
    "load_all",
    "match",
    "mentions",
    "parse_day",
    "wording",
    "worth_measuring",
]
