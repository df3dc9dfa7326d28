"""How well the digests of the recorded web show its developments: slots that repeat one, those missing, counts.

``python -m tests.support.recorded_digests DATABASE_URL`` prints it for a database that the pipeline filled with the
recorded web, with the newest version of each day's digest.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline import database, topics, urls
from pipeline.settings import Settings
from tests.support.recorded import TOPIC, Label, read_labels

INDEPENDENT = 3
"""Outlets with a text of their own from which on a development belongs into a digest."""
HEAD = 5
"""Slots of a day whose independent outlets are counted against the labels."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A story of a digest, or one that it lists as left out (`rank` 0): the labels of its articles, the lead first."""

    day: date
    rank: int
    independent: int
    labels: tuple[Label, ...]

    @property
    def development(self) -> str:
        """The label of most of its articles; of two as frequent that of the earlier article."""
        return Counter(label.story for label in self.labels).most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class Count:
    """Independent outlets that a slot names, and that the labels have for its development on that day."""

    slot: Slot
    truth: int

    @property
    def right(self) -> bool:
        return self.slot.independent == self.truth


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be known of some digests.

    `repeats` are slots whose development a higher slot of the day has; `told` the developments of `INDEPENDENT` outlets
    or more over all days, `missing` those in no slot, `unlisted` those that no digest lists as left out either; `head`
    the counts of each day's first `HEAD` slots.
    """

    slots: tuple[Slot, ...]
    repeats: tuple[Slot, ...]
    told: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    head: tuple[Count, ...]

    @property
    def wrong(self) -> tuple[Count, ...]:
        """The counts of the head that are not those of the labels."""
        return tuple(count for count in self.head if not count.right)

    def of(self, day: date) -> Findings:
        """What concerns the slots of one day."""
        return replace(
            self,
            slots=tuple(slot for slot in self.slots if slot.day == day),
            repeats=tuple(slot for slot in self.repeats if slot.day == day),
            head=tuple(count for count in self.head if count.slot.day == day),
        )


def judge(slots: Sequence[Slot], left_out: Iterable[Slot], labels: Iterable[Label], topic: topics.Topic) -> Findings:
    """Compare the slots of some days' digests, and the stories that they list as left out, with the labels."""
    ordered = sorted(slots, key=lambda slot: (slot.day, slot.rank))
    days = sorted({slot.day for slot in ordered})
    outlets = {day: own_outlets(labels, topic, day) for day in days}
    repeats, shown = [], set()
    for slot in ordered:
        if (slot.day, slot.development) in shown:
            repeats.append(slot)
        shown.add((slot.day, slot.development))
    told = told_widely(outlets)
    missing = tuple(name for name in told if name not in {development for _, development in shown})
    listed = {slot.development for slot in left_out}
    return Findings(
        slots=tuple(ordered),
        repeats=tuple(repeats),
        told=told,
        missing=missing,
        unlisted=tuple(name for name in missing if name not in listed),
        head=tuple(
            Count(slot, len(outlets[slot.day].get(slot.development, ()))) for slot in ordered if slot.rank <= HEAD
        ),
    )


def own_outlets(labels: Iterable[Label], topic: topics.Topic, day: date) -> dict[str, set[str]]:
    """Development -> outlets that told it on a day of the topic's zone in a text of their own; copies do not count."""
    start, end = topic.day_bounds(day)
    found: dict[str, set[str]] = {}
    for label in labels:
        if label.on_topic and label.copy_of is None and start <= label.published < end:
            found.setdefault(label.story, set()).add(label.outlet)
    return found


def told_widely(outlets: dict[date, dict[str, set[str]]]) -> tuple[str, ...]:
    """The developments that `INDEPENDENT` outlets or more told over all days, by name."""
    together: dict[str, set[str]] = {}
    for of_day in outlets.values():
        for development, names in of_day.items():
            together.setdefault(development, set()).update(names)
    return tuple(sorted(name for name, names in together.items() if len(names) >= INDEPENDENT))


# --- from a database --------------------------------------------------------------------------------------------

_NEWEST = "(SELECT DISTINCT ON (day) id, day FROM digests WHERE topic = %(topic)s ORDER BY day, version DESC)"
_ITEMS = f"""
SELECT d.day, i.rank, i.independent, x.entry ->> 'article_id' AS article
FROM {_NEWEST} d JOIN digest_items i ON i.digest_id = d.id,
LATERAL jsonb_array_elements(i.articles) WITH ORDINALITY AS x (entry, position)
ORDER BY d.day, i.rank, x.position
"""
# What a dropped story holds of the day is what the draft saw of it: its on-topic articles of then.
_LEFT_OUT = f"""
SELECT d.day, x.story_id, m.article_id
FROM {_NEWEST} n JOIN digests d ON d.id = n.id JOIN digest_drops x ON x.digest_id = d.id
JOIN memberships m ON m.story_id = x.story_id AND m.since <= d.as_of AND (m.until IS NULL OR m.until > d.as_of)
JOIN article_topics t ON t.article_id = m.article_id AND t.topic = d.topic AND t.on_topic
ORDER BY d.day, x.story_id, m.article_id
"""
_ARTICLES = "SELECT id, canonical_url, url FROM articles"


def measure(settings: Settings) -> Findings:
    """What the digests of a database show, newest version of each day, against the labels of the recorded web."""
    topic = topics.find(settings, TOPIC)
    labels = read_labels()
    with database.connect(settings) as connection:

        def rows(query: str) -> list[dict[str, Any]]:
            return list(connection.execute(query.encode(), {"topic": TOPIC}).fetchall())

        articles, items, left_out = rows(_ARTICLES), rows(_ITEMS), rows(_LEFT_OUT)
    known = {row["id"]: labels.get(row["canonical_url"]) or labels[urls.canonical(row["url"])] for row in articles}
    slots: dict[tuple[date, int, int], list[Label]] = {}
    for row in items:
        slots.setdefault((row["day"], row["rank"], row["independent"]), []).append(known[int(row["article"])])
    drops: dict[tuple[date, int], list[Label]] = {}
    for row in left_out:
        drops.setdefault((row["day"], row["story_id"]), []).append(known[row["article_id"]])
    return judge(
        [Slot(day, rank, independent, tuple(found)) for (day, rank, independent), found in slots.items()],
        [Slot(day, 0, 0, tuple(found)) for (day, _), found in drops.items()],
        labels.values(),
        topic,
    )


def report(findings: Findings) -> str:
    """The findings as a table a day and two lines on what is missing, in Markdown."""
    lines = [
        "| day | slots | repeats | which | head counts right | which are wrong |",
        "| --- | ---: | ---: | --- | ---: | --- |",
    ]
    for day in sorted({slot.day for slot in findings.slots}):
        of_day = findings.of(day)
        repeats = ", ".join(f"{slot.rank} ({slot.development})" for slot in of_day.repeats)
        wrong = ", ".join(
            f"{count.slot.rank} ({count.slot.development}): {count.slot.independent} for {count.truth}"
            for count in of_day.wrong
        )
        right = f"{len(of_day.head) - len(of_day.wrong)} of {len(of_day.head)}"
        lines.append(f"| {day} | {len(of_day.slots)} | {len(of_day.repeats)} | {repeats} | {right} | {wrong} |")
    lines.append(f"\n{len(findings.repeats)} of {len(findings.slots)} slots repeat a development.")
    missing, unlisted = (", ".join(names) or "none" for names in (findings.missing, findings.unlisted))
    lines.append(
        f"{len(findings.missing)} of {len(findings.told)} developments of {INDEPENDENT} independent outlets are in no"
        f" digest ({missing}); not listed as left out: {unlisted}."
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(report(measure(Settings(database_url=sys.argv[1]))))
