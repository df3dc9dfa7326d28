"""The recorded web as rows that agree with its labels, for questions to be held against the labels alone.

Each telling on topic is an article in the story of its development, but for two that were missed; copies, corrections
and the digests of two days are there, and one story was two until they were merged.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from pipeline import database, urls
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import models as model_store
from tests.support import deskrows, recorded_desk
from tests.support.recorded import LABELS, RECORDED, TOPIC, Label, read_labels

ZONE = "Asia/Pyongyang"
SEEN_AFTER = timedelta(minutes=17)
PLACED_AFTER = timedelta(minutes=10)
CORRECTION_SEEN_AFTER = timedelta(hours=1)
MERGED_AT = datetime(2024, 6, 19, 0, 40, tzinfo=UTC)
"""When two halves of the development `TWO_HALVES` were found to be one."""
TWO_HALVES = "d09"
STATE_ONLY = "d14"
"""Its outlets are the state's here: by the labels no development is told by state media alone."""
DIGESTS = {day: at for day, at in recorded_desk.EARLY.items() if day in (date(2024, 6, 18), date(2024, 6, 19))}


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who publishes, as the recorded web has it."""

    name: str
    country: str
    ownership: str


@dataclass(frozen=True, slots=True)
class World:
    """What was filled in: labels that were found, those that were missed, and ids by address and development."""

    settings: Settings
    outlets: dict[str, Outlet]
    labels: dict[str, Label]
    found: dict[str, Label]
    missed: dict[str, Label]
    corrected_at: dict[str, datetime]
    articles: dict[str, int]
    stories: dict[str, int]
    former_half: int

    def development(self, story_id: int) -> str:
        """The development of a story."""
        return next(name for name, number in self.stories.items() if number == story_id)

    def outlet(self, label: Label) -> Outlet:
        """Who published a telling."""
        return self.outlets[label.outlet]

    def day(self, label: Label) -> date:
        """The day of a telling in the topic's zone, which is nine hours ahead."""
        return (label.published + timedelta(hours=9)).date()

    def of_days(self, first: date, last: date) -> list[Label]:
        """The tellings found of some days, in the order of publication."""
        within = [label for label in self.found.values() if first <= self.day(label) <= last]
        return sorted(within, key=lambda label: (label.published, self.articles[label.url]))


def fill(settings: Settings) -> World:
    """Put the labelled tellings into an empty database, and draft and publish the digests of two days."""
    labels = read_labels()
    told = sorted((each for each in labels.values() if each.on_topic), key=lambda each: (each.published, each.url))
    originals = [label for label in told if label.copy_of is None and not label.corrected and label.story == "d20"]
    missed = {label.url: label for label in originals[-2:]}
    found = {label.url: label for label in told if label.url not in missed}
    with database.connect(settings) as connection:
        owned = {label.outlet for label in found.values() if label.story == STATE_ONLY}
        world = _Filling(connection, settings, owned).fill(labels, found, missed)
    recorded_desk.publish(settings, DIGESTS)
    return world


class _Filling:
    def __init__(self, connection: database.Connection, settings: Settings, owned: set[str]) -> None:
        self.connection = connection
        self.settings = settings
        self.model = model_store.register(connection, settings.model, "test", deskrows.DIMENSION, ["en"])
        rows = tomllib.loads((RECORDED / "outlets.toml").read_text("utf-8"))["outlet"]
        self.outlets = {
            row["id"]: Outlet(row["name"], row["country"], "state" if row["id"] in owned else row["ownership"])
            for row in rows
        }

    def one(self, query: str, **values: Any) -> int:
        row = self.connection.execute(query, values).fetchone()
        assert row is not None
        return int(row["id"])

    def fill(self, labels: dict[str, Label], found: dict[str, Label], missed: dict[str, Label]) -> World:
        self.connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'Summit', '{}', %s)", (TOPIC, ZONE)
        )
        feeds = {name: self.feed(name, outlet) for name, outlet in self.outlets.items()}
        corrected = {
            urls.canonical(row["url"]): datetime.fromisoformat(row["published"]) + CORRECTION_SEEN_AFTER
            for row in map(json.loads, LABELS.read_text("utf-8").splitlines())
            if row["kind"] == "correction"
        }
        articles = {url: self.article(label, corrected.get(url)) for url, label in found.items()}
        for label in labels.values():
            self.entry(label, feeds[label.outlet], label.url in found, articles.get(label.url))
        for url, label in found.items():
            if label.copy_of in found:
                self.copy(articles[url], articles[label.copy_of or ""], label)
        stories: dict[str, int] = {}
        for url, label in found.items():
            stories.setdefault(label.story, self.story(label))
            self.connection.execute("UPDATE articles SET clustered_at = published WHERE id = %s", (articles[url],))
        half = self.place(found, articles, stories)
        return World(self.settings, self.outlets, labels, found, missed, corrected, articles, stories, half)

    def feed(self, name: str, outlet: Outlet) -> int:
        return self.one(
            "INSERT INTO feeds (url, outlet, country, ownership) VALUES (%(url)s, %(name)s, %(country)s, %(owner)s)"
            " RETURNING id",
            url=f"https://{name}.example/feed",
            name=outlet.name,
            country=outlet.country,
            owner=outlet.ownership,
        )

    def article(self, label: Label, corrected_at: datetime | None) -> int:
        outlet, seen = self.outlets[label.outlet], label.published + SEEN_AFTER
        title = f"{label.story} by {outlet.name}"
        text = f"What {outlet.name} says of {label.story}. North Korea. Putin. " * 5
        number = self.one(
            """INSERT INTO articles (identity, canonical_url, url, outlet, country, ownership, state, first_seen_at,
                                     title, text, published, published_rule, language, authors, kind, revision,
                                     extracted_at, copies_at, embedded_at)
               VALUES (%(url)s, %(url)s, %(url)s, %(outlet)s, %(country)s, %(owner)s, 'extracted', %(seen)s, %(title)s,
                       %(text)s, %(published)s, 'json-ld', %(language)s, %(authors)s, 'article', 1, %(seen)s, %(seen)s,
                       %(seen)s) RETURNING id""",
            url=label.url,
            outlet=outlet.name,
            country=outlet.country,
            owner=outlet.ownership,
            seen=seen,
            title=f"{title}, corrected" if corrected_at else title,
            text=text,
            published=label.published,
            language=label.language,
            authors=[f"Désk of {outlet.name}"],
        )
        wordings: list[tuple[int, datetime, str, str, str | None]] = [(1, seen, "first", title, None)]
        if corrected_at:
            wordings.append((2, corrected_at, "correction", f"{title}, corrected", "-old\n+new"))
        for revision, at, kind, called, diff in wordings:
            self.connection.execute(
                "INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text, diff)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (number, revision, at, kind, called, text, diff),
            )
        self.connection.execute(
            "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
            " VALUES (%s, %s, true, 'query', 1, 0, %s)",
            (number, TOPIC, seen),
        )
        direction = int(label.story[1:])
        article_store.set_vector(self.connection, number, self.model.id, deskrows.vector(direction, number), 1)
        return number

    def entry(self, label: Label, feed: int, found: bool, article: int | None) -> None:
        seen = label.published + SEEN_AFTER
        number = self.one(
            """INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule,
                                    first_seen_at, last_seen_at, article_id, matched_at)
               VALUES (%(feed)s, %(url)s, %(url)s, %(url)s, %(title)s, '', %(published)s, 'published', %(seen)s,
                       %(seen)s, %(article)s, %(seen)s) RETURNING id""",
            feed=feed,
            url=label.url,
            title=label.story,
            published=label.published,
            seen=seen,
            article=article,
        )
        self.connection.execute(
            "INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)"
            " VALUES (%s, %s, %s, %s, 1, 0, %s)",
            (number, TOPIC, found, "query" if found else "groups", seen),
        )

    def copy(self, article: int, origin: int, label: Label) -> None:
        self.connection.execute(
            "INSERT INTO copies VALUES (%s, %s, 0.9, 0.8, 'earliest', %s)", (article, origin, label.published)
        )

    def story(self, label: Label) -> int:
        seen = label.published + SEEN_AFTER + PLACED_AFTER
        return self.one(
            "INSERT INTO stories (opened_at, first_published, last_published) VALUES (%(at)s, %(day)s, %(day)s)"
            " RETURNING id",
            at=seen,
            day=label.published,
        )

    def place(self, found: dict[str, Label], articles: dict[str, int], stories: dict[str, int]) -> int:
        """Put each article into its story; the second half of one development through a story of its own, returned."""
        halves = [label for label in found.values() if label.story == TWO_HALVES]
        second = {label.url for label in halves[len(halves) // 2 :]}
        half = self.story(next(label for label in halves if label.url in second))
        for url, label in found.items():
            since = label.published + SEEN_AFTER + PLACED_AFTER
            if url in second and since < MERGED_AT:
                self.member(articles[url], half, since, MERGED_AT, "topical")
                since = MERGED_AT
            method = "copy" if label.copy_of in found else "topical"
            self.member(articles[url], stories[label.story], since, None, method)
        self.connection.execute("UPDATE stories SET merged_into = %s WHERE id = %s", (stories[TWO_HALVES], half))
        for kind, story, other in (("merge", stories[TWO_HALVES], half), ("split", stories["d01"], stories["d02"])):
            self.connection.execute(
                "INSERT INTO story_events (at, kind, story_id, other_id, actor, reason)"
                " VALUES (%s, %s, %s, %s, 'pipeline', '')",
                (MERGED_AT, kind, story, other),
            )
        return half

    def member(self, article: int, story: int, since: datetime, until: datetime | None, method: str) -> None:
        self.connection.execute(
            "INSERT INTO memberships (article_id, story_id, since, until, score, threshold, method, model_id, features)"
            " VALUES (%s, %s, %s, %s, 0.8, 0.5, %s, %s, %s)",
            (article, story, since, until, method, self.model.id, Jsonb({})),
        )
