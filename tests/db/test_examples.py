"""The analyst's thirty-six questions: they run as they stand in psql, and each answer is that of the labels.

The answers expected here are worked out from the labels in Python, over the recorded web as rows
(tests/support/labelled_rows.py), so that a wrong answer is the question's fault.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pipeline import database
from pipeline.database import embedded as embedded_server
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.shipped import SQL
from pipeline.store import labels as label_store
from pipeline.store.labels import Said
from tests.support import labelled_rows, light
from tests.support.labelled_rows import World
from tests.support.recorded import TOPIC, Label

TEXT = (SQL / "examples.sql").read_text(encoding="utf-8")
NAMES = re.findall(r"^-- name: (\w+)$", TEXT, re.MULTILINE)
FIRST, DAY, LAST = date(2024, 6, 18), date(2024, 6, 19), date(2024, 6, 20)
MOMENT = datetime(2024, 6, 19, 0, 30, tzinfo=UTC)
"""Before the two halves of a development were merged."""
Row = dict[str, Any]
Answer = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def world(embedded: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE labelled TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(made.format(sql.Identifier(template)))
    home = tmp_path_factory.mktemp("home")
    filled = labelled_rows.fill(Settings(database_url=embedded.url("labelled"), home=home, model=light.MODEL))
    with database.connect(filled.settings) as connection:
        said = [Said(label.url, label.on_topic, label.story, 1.0) for label in filled.labels.values()]
        label_store.keep(connection, TOPIC, said, "tests", MOMENT)
        article = min(filled.articles.values())
        connection.execute(
            "INSERT INTO overrides (kind, article_id, story_id, actor, reason, at, revoked_at) VALUES"
            " ('cannot-link', %s, %s, 'Vera', 'other', %s, NULL), ('must-link', %s, %s, 'Vera', 'no', %s, %s)",
            (article, filled.stories["d19"], MOMENT, article, filled.stories["d01"], MOMENT, MOMENT),
        )
        connection.execute("""UPDATE feeds SET next_poll_at = now() + interval '1 hour', last_new_at = now()""")
        connection.execute(
            """UPDATE feeds SET state = 'paused', state_reason = 'dns',
                                poll_state = '{"paused_since": "2024-06-19T00:00Z"}'
               WHERE outlet = 'Halcyon Wire'"""
        )
        connection.execute("UPDATE feeds SET next_poll_at = now() - interval '3 hours' WHERE outlet = 'Eurasia Prism'")
        connection.execute(  # an old failure that is over
            "INSERT INTO fetches (at, kind, feed_id, url, outcome)"
            " SELECT '2024-06-18', 'feed', id, url, 'dns' FROM feeds"
        )
    yield filled
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE labelled WITH (FORCE)")


# --- what the labels say -----------------------------------------------------------------------------------------


def own(world: World, label: Label) -> bool:
    """Whether it is no copy of a telling that was found."""
    return label.copy_of not in world.found


def told(world: World, first: date, last: date) -> dict[str, list[Label]]:
    """Development -> its tellings of some days."""
    found: dict[str, list[Label]] = {}
    for label in world.of_days(first, last):
        found.setdefault(label.story, []).append(label)
    return found


def independent(world: World, labels: list[Label]) -> int:
    return len({label.outlet for label in labels if own(world, label)})


def outlets(labels: list[Label]) -> int:
    return len({label.outlet for label in labels})


def whole(world: World, development: str) -> list[Label]:
    """All tellings of a development that were found."""
    return sorted((each for each in world.found.values() if each.story == development), key=lambda each: each.published)


def ranked(world: World, first: date, last: date) -> list[tuple[str, list[Label]]]:
    """Developments as stories_of_days orders them."""
    key = lambda item: (-independent(world, item[1]), -outlets(item[1]), world.stories[item[0]])  # noqa: E731
    return sorted(told(world, first, last).items(), key=key)


def widest(world: World) -> str:
    return ranked(world, DAY, DAY)[0][0]


def opened(world: World, first: date, last: date) -> dict[str, Label]:
    """Developments whose first telling is of these days, with it."""
    firsts = {name: whole(world, name)[0] for name in world.stories}
    return {name: label for name, label in firsts.items() if first <= world.day(label) <= last}


def by(world: World, labels: list[Label], key: Callable[[Label], Any]) -> Counter[Any]:
    return Counter(map(key, labels))


def stories_of_a_day(world: World) -> Answer:
    fresh = opened(world, DAY, DAY)
    return [
        (world.stories[name], independent(world, each), outlets(each), len(each),
         sum(not own(world, label) for label in each), name in fresh)
        for name, each in ranked(world, DAY, DAY)
    ]  # fmt: skip


def widest_stories(world: World) -> Answer:
    rows = ranked(world, FIRST, LAST)[:10]
    return [
        (world.stories[name], independent(world, each), len(each), sorted({world.outlet(one).country for one in each}))
        for name, each in rows
    ]


def new_stories_per_day(world: World) -> Answer:
    days = [FIRST + timedelta(days=n) for n in range(3)]
    return [
        (day, len(opened(world, day, day)), len(told(world, day, day)), len(world.of_days(day, day)),
         sum(not own(world, label) for label in world.of_days(day, day)))
        for day in days
    ]  # fmt: skip


def new_stories(world: World) -> Answer:
    rows = [(world.stories[n], world.outlet(each).name, each.published) for n, each in opened(world, DAY, DAY).items()]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def story_with_its_copies(world: World) -> Answer:
    def place(label: Label) -> tuple[Any, ...]:
        origin = world.found.get(label.copy_of or "", label)
        return (origin.published, world.articles[origin.url], not own(world, label), label.published)

    return [
        (each.published, world.outlet(each).name,
         None if own(world, each) else world.outlet(world.found[each.copy_of or ""]).name)
        for each in sorted(whole(world, widest(world)), key=place)
    ]  # fmt: skip


def _leads(world: World) -> list[tuple[str, str, datetime, str | None, timedelta | None]]:
    found = []
    for name in opened(world, FIRST, LAST):
        firsts: dict[str, datetime] = {}
        for label in whole(world, name):
            if own(world, label):
                firsts.setdefault(world.outlet(label).name, label.published)
        order = sorted((at, outlet) for outlet, at in firsts.items())
        second = order[1] if len(order) > 1 else None
        lead = second and second[0] - order[0][0]
        found.append((name, order[0][1], order[0][0], second and second[1], lead))
    return found


def first_with_the_news(world: World) -> Answer:
    rows = [(world.stories[name], *rest, rest[-1] != timedelta()) for name, *rest in _leads(world)]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def who_tells_first(world: World) -> Answer:
    leads = _leads(world)
    fresh = {name for name, *_ in leads}
    tellings: dict[str, set[str]] = {}
    for label in world.of_days(FIRST, LAST):
        if label.story in fresh:
            tellings.setdefault(world.outlet(label).name, set()).add(label.story)
    rows = [
        (name, sum(each[1] == name for each in leads),
         sum(each[1] == name and each[4] != timedelta() for each in leads), len(stories))
        for name, stories in tellings.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row[1], -row[3], row[0]))[:10]


def _grouped(world: World, key: Callable[[Label], str]) -> Answer:
    groups: dict[str, list[Label]] = {}
    for label in whole(world, widest(world)):
        groups.setdefault(key(label), []).append(label)
    rows = [(name, independent(world, each), outlets(each), len(each)) for name, each in groups.items()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def story_by_country(world: World) -> Answer:
    return _grouped(world, lambda label: world.outlet(label).country)


def story_by_ownership(world: World) -> Answer:
    return _grouped(world, lambda label: world.outlet(label).ownership)


def state_only(world: World) -> Answer:
    names = [
        name
        for name in told(world, FIRST, LAST)
        if all(world.outlet(label).ownership == "state" for label in whole(world, name))
    ]
    rows = [(-outlets(whole(world, name)), world.stories[name], len(whole(world, name))) for name in names]
    return [row[1:] for row in sorted(rows)]


def timeline_by_hour(world: World) -> Answer:
    hours: dict[int, list[Label]] = {}
    for label in world.of_days(DAY, DAY):
        hours.setdefault((label.published.hour + 9) % 24, []).append(label)
    fresh = Counter((label.published.hour + 9) % 24 for label in opened(world, DAY, DAY).values())
    return [
        (DAY, hour, len(each), sum(not own(world, one) for one in each), outlets(each), fresh[hour])
        for hour, each in sorted(hours.items())
    ]


def how_a_story_spread(world: World) -> Answer:
    rows, seen = [], set()
    for hour in sorted({label.published.replace(minute=0, second=0) for label in whole(world, widest(world))}):
        each = [x for x in whole(world, widest(world)) if x.published.replace(minute=0, second=0) == hour]
        seen |= {label.outlet for label in each}
        rows.append((hour, len(each), sum(not own(world, label) for label in each), len(seen)))
    return rows


def changes_between_days(world: World) -> Answer:
    before, after = told(world, FIRST, FIRST), told(world, DAY, DAY)
    rows = set()
    for name in before.keys() | after.keys():
        earlier = {label.outlet for label in whole(world, name) if world.day(label) < DAY}
        change = "not told on" if name not in after else "told on" if name in before else "taken up again"
        change = "new" if change == "taken up again" and not earlier else change
        fresh = {world.outlets[x].name for x in {label.outlet for label in after.get(name, [])} - earlier}
        sizes = (len(before.get(name, [])), len(after.get(name, [])))
        rows.add((change, world.stories[name], *sizes, tuple(sorted(fresh))))
    return sorted(rows)


def _known(world: World) -> list[tuple[int, Label]]:
    """The story of then of each telling that was placed by the moment."""
    halves = [label for label in world.found.values() if label.story == labelled_rows.TWO_HALVES]
    second = {label.url for label in halves[len(halves) // 2 :]}
    placed = labelled_rows.SEEN_AFTER + labelled_rows.PLACED_AFTER
    return [
        (world.former_half if label.url in second else world.stories[label.story], label)
        for label in world.found.values()
        if label.published + placed <= MOMENT
    ]


def articles_known_at(world: World) -> Answer:
    rows = []
    for story, label in _known(world):
        corrected = world.corrected_at.get(label.url)
        title = f"{label.story} by {world.outlet(label).name}"
        then = f"{title}, corrected" if corrected and corrected <= MOMENT else title
        rows.append((story, label.published, then, f"{title}, corrected" if corrected else title))
    return sorted(rows)


def known_at(world: World) -> Answer:
    stories: dict[int, list[Label]] = {}
    for story, label in _known(world):
        stories.setdefault(story, []).append(label)
    into = {world.former_half: world.stories[labelled_rows.TWO_HALVES]}
    rows = [
        (story, independent(world, each), len(each), sum(not own(world, label) for label in each),
         min(label.published for label in each), into.get(story, story), outlets(each))
        for story, each in stories.items()
    ]  # fmt: skip
    return [row[:-1] for row in sorted(rows, key=lambda row: (-row[1], -row[-1], row[0]))]


def where_entries_stopped(world: World) -> Answer:
    days = [label for label in world.labels.values() if FIRST <= world.day(label) <= LAST]
    stopped = sum(label.url not in world.found for label in days)
    return [("not off topic", len(days) - stopped), ("stopped: off topic (groups)", stopped)]


def _corrected(world: World) -> list[tuple[datetime, Label]]:
    return sorted((at, world.found[url]) for url, at in world.corrected_at.items() if url in world.found)


def corrections(world: World) -> Answer:
    return [
        (at, world.outlet(label).name, "-old\n+new", sum(each.copy_of == label.url for each in world.found.values()))
        for at, label in _corrected(world)
        if FIRST <= (at + timedelta(hours=9)).date() <= LAST
    ]


def corrections_after_digest(world: World) -> Answer:
    digests = labelled_rows.DIGESTS
    rows = []
    for day, as_of in digests.items():
        for at, label in _corrected(world):
            placed = label.published + labelled_rows.SEEN_AFTER + labelled_rows.PLACED_AFTER
            if world.day(label) == day and placed <= as_of < at:
                later = [other for other, moment in digests.items() if other >= day and moment >= at]
                rows.append((day, at, world.outlet(label).name, min(later, default=None)))
    return rows


def wire_share(world: World) -> Answer:
    rows = []
    for name in {label.outlet for label in world.of_days(FIRST, LAST)}:
        each = [label for label in world.of_days(FIRST, LAST) if label.outlet == name]
        copies = sum(not own(world, label) for label in each)
        rows.append((world.outlets[name].name, len(each), copies, round(copies / len(each), 3)))
    return sorted(rows)


def who_copied_whom(world: World) -> Answer:
    pairs = Counter(
        (world.outlet(world.found[label.copy_of or ""]).name, world.outlet(label).name)
        for label in world.of_days(FIRST, LAST)
        if not own(world, label)
    )
    return [(*pair, count, 0.9) for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))]


def ailing_feeds(world: World) -> Answer:
    return [("Halcyon Wire", "dead", "dns"), ("Eurasia Prism", "late", "nothing asked it when it was due")]


def coverage_by_language(world: World) -> Answer:
    days = world.of_days(FIRST, LAST)
    alone = {
        n: each[0].language for n, each in told(world, FIRST, LAST).items() if len({x.language for x in each}) == 1
    }
    rows = []
    for language, count in by(world, days, lambda label: label.language).items():
        each = [label for label in days if label.language == language]
        stories, only = len({label.story for label in each}), Counter(alone.values())[language]
        rows.append((language, count, round(count / len(days), 3), outlets(each), stories, only))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def delays(world: World) -> Answer:
    days = by(world, world.of_days(FIRST, LAST), lambda label: world.outlet(label).name)
    waited = labelled_rows.SEEN_AFTER
    return sorted((name, count, waited, waited) for name, count in days.items())


def articles_of_author(world: World) -> Answer:
    each = [label for label in world.found.values() if world.outlet(label).name == "Halcyon Wire"]
    return sorted(((label.published, "Halcyon Wire") for label in each), reverse=True)


def merges_and_splits(world: World) -> Answer:
    goal = world.stories[labelled_rows.TWO_HALVES]
    return [("merge", world.former_half, goal), ("split", world.stories["d01"], world.stories["d02"])]


def recall(world: World) -> Answer:
    on_topic, found = sum(label.on_topic for label in world.labels.values()), len(world.found)
    share = round(found / on_topic, 3)
    names = ["found by headline and summary", "found on topic in the end", "in a story"]
    rows = [(f"recall: {name}", on_topic, found, share) for name in names]
    return [
        ("recall: seen in a feed", on_topic, on_topic, 1.0),
        *rows,
        ("precision: found on topic in the end", found, found, 1.0),
    ]


def missed(world: World) -> Answer:
    rows = [(url, "stopped: off topic (groups)", world.outlet(label).name) for url, label in world.missed.items()]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def places_mentioned(world: World) -> Answer:
    """Each text says North Korea in English, and only English articles are read for English names."""
    english = [label for label in world.of_days(FIRST, LAST) if label.language == "en"]
    return [("KP", len(english), round(len(english) / len(world.of_days(FIRST, LAST)), 3))]


def people_mentioned(world: World) -> Answer:
    """Each text says Putin, as English, German and Spanish spell the name."""
    days = world.of_days(FIRST, LAST)
    spelled = [label for label in days if label.language in ("en", "de", "es")]
    return [("Vladimir Putin", len(spelled), round(len(spelled) / len(days), 3), outlets(spelled))]


# Question -> the columns that are compared, and the answer.
EXPECTED: dict[str, tuple[str, Callable[[World], Answer]]] = {
    "stories_of_a_day": ("story_id independent_outlets outlets articles copies is_new", stories_of_a_day),
    "widest_stories": ("story_id independent_outlets articles countries", widest_stories),
    "new_stories_per_day": ("day new_stories stories articles copies", new_stories_per_day),
    "new_stories": ("story_id first_outlet first_at", new_stories),
    "story_with_its_copies": ("told_at outlet copied_from", story_with_its_copies),
    "first_with_the_news": ("story_id first_outlet first_at second_outlet lead certain", first_with_the_news),
    "who_tells_first": ("outlet stories_first certainly_first stories_told", who_tells_first),
    "story_by_country": ("country independent_outlets outlets articles", story_by_country),
    "story_by_ownership": ("ownership independent_outlets outlets articles", story_by_ownership),
    "state_only": ("story_id articles", state_only),
    "timeline_by_hour": ("day hour articles copies outlets new_stories", timeline_by_hour),
    "how_a_story_spread": ("starts_at articles copies outlets_so_far", how_a_story_spread),
    "changes_between_days": ("change story_id articles_earlier articles_later new_outlets", changes_between_days),
    "known_at": ("story_id independent_outlets articles copies first_at story_now", known_at),
    "articles_known_at": ("story_id told_at title_then title_now", articles_known_at),
    "corrections": ("corrected_at outlet diff copies_that_stand", corrections),
    "corrections_after_digest": ("digest_day corrected_at outlet told_in_digest_of", corrections_after_digest),
    "wire_share": ("outlet articles copies wire_share", wire_share),
    "who_copied_whom": ("origin copied_by copies share_copied", who_copied_whom),
    "ailing_feeds": ("outlet trouble reason", ailing_feeds),
    "coverage_by_language": ("language articles share outlets stories only_in_it", coverage_by_language),
    "delays": ("outlet articles median_delay longest", delays),
    "articles_of_author": ("published outlet", articles_of_author),
    "merges_and_splits": ("what from_story to_story", merges_and_splits),
    "recall": ("measure of_labels reached share", recall),
    "missed": ("url stopped outlet", missed),
    "places_mentioned": ("country articles share", places_mentioned),
    "people_mentioned": ("called articles share outlets", people_mentioned),
}
UNORDERED = {"changes_between_days", "articles_known_at", "wire_share", "delays"}
# Held one by one below: what they show comes from the digest, from vectors or from a person, not from the labels.
ALONE = {
    "changes_between_digests", "why_in_story", "left_out", "where_entries_stopped", "way_of_an_address",
    "personal_decisions", "nearest_articles", "search",
}  # fmt: skip


def question(world: World, name: str, **values: object) -> str:
    """The query of an example, its psql variables filled in."""
    article = story_with_its_copies_first(world)
    known = {"topic": TOPIC, "day": DAY, "first_day": FIRST, "last_day": LAST, "moment": MOMENT} | {
        "author": "HALCYON desk wire", "story": world.stories[widest(world)], "article": world.articles[article],
        "address": article, "words": "treaty sign*",
    } | values  # fmt: skip
    query = TEXT.split(f"-- name: {name}\n")[1].split("-- name: ")[0]
    query = re.sub(r":'(\w+)'", lambda found: sql.Literal(str(known[found[1]])).as_string(), query)
    return re.sub(r"(?<!:):([a-z]+)\b", lambda found: str(known[found[1]]), query)


def asked(world: World, name: str, **values: object) -> list[Row]:
    """The rows of an example."""
    with database.connect(world.settings) as connection:
        return list(connection.execute(question(world, name, **values).encode()).fetchall())


def story_with_its_copies_first(world: World) -> str:
    """The address of the first article of the widest story."""
    return whole(world, widest(world))[0].url


def plain(value: object) -> object:
    if isinstance(value, list):
        return tuple(sorted(value))
    return float(value) if isinstance(value, Decimal) else value


def test_each_example_has_its_answer() -> None:
    assert EXPECTED.keys() | ALONE == set(NAMES)
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answer_is_that_of_the_labels(world: World, name: str) -> None:
    columns, answer = EXPECTED[name]
    rows = [tuple(plain(row[column]) for column in columns.split()) for row in asked(world, name)]
    right = [tuple(map(plain, row)) for row in answer(world)]
    if name in UNORDERED:
        rows, right = sorted(rows), sorted(right)
    assert rows == right
    assert rows


def test_every_entry_has_a_stage_that_says_what_became_of_it(world: World) -> None:
    stages = {row["stage"]: row["entries"] for row in asked(world, "where_entries_stopped")}
    (_, going_on), (stage, stopped) = where_entries_stopped(world)
    assert stages.pop(stage) == stopped
    assert sum(stages.values()) == going_on
    assert all(name == "in digest" or name == "in story" or "left out" in name for name in stages)


def test_an_address_is_found_in_another_spelling(world: World) -> None:
    (row,) = asked(world, "way_of_an_address")
    assert row["story_id"] == world.stories[widest(world)]
    assert row["title"] == widest(world)


def test_a_place_in_a_story_has_its_evidence_however_it_came(world: World) -> None:
    copies = [url for url, label in world.found.items() if not own(world, label)]
    (copy,) = asked(world, "why_in_story", article=world.articles[copies[0]])
    assert copy["says"].startswith("with the text that it copies, article ")
    assert copy["copied_from"] == world.outlet(world.found[world.found[copies[0]].copy_of or ""]).name
    (first,) = asked(world, "why_in_story")
    assert first["story_id"] == world.stories[widest(world)]
    assert first["nearest_title"].startswith(f"{widest(world)} by ")
    assert 0 <= first["nearest_distance"] < 0.2


def test_what_two_digests_have_in_common_and_what_was_left_out(world: World) -> None:
    with database.connect(world.settings) as connection:
        items = connection.execute(
            "SELECT d.day, i.story_id, i.rank FROM digest_items i JOIN digests d ON d.id = i.digest_id"
        ).fetchall()
        drops = connection.execute(
            "SELECT x.story_id FROM digest_drops x JOIN digests d ON d.id = x.digest_id WHERE d.day = %s", (DAY,)
        ).fetchall()
    living = {world.former_half: world.stories[labelled_rows.TWO_HALVES]}
    places = {day: {} for day in (FIRST, DAY)}  # type: dict[date, dict[int, int]]
    for row in sorted(items, key=lambda item: -item["rank"]):
        places[row["day"]][living.get(row["story_id"], row["story_id"])] = row["rank"]
    rows = asked(world, "changes_between_digests")
    assert {row["story_id"]: row["place_later"] for row in rows if row["place_later"]} == places[DAY]
    assert {row["story_id"]: row["place_earlier"] for row in rows if row["place_earlier"]} == places[FIRST]
    assert {row["change"] for row in rows} <= {"came in", "went out", "stayed"}
    left = asked(world, "left_out")
    assert Counter(row["story_id"] for row in left) == Counter(living.get(x["story_id"], x["story_id"]) for x in drops)


def test_a_persons_word_says_whether_it_holds(world: World) -> None:
    rows = [(row["what"], row["by"], row["holds"]) for row in asked(world, "personal_decisions")]
    assert sorted(rows) == [("cannot-link", "Vera", True), ("must-link", "Vera", False)]


def test_the_nearest_articles_are_of_the_same_development(world: World) -> None:
    rows = asked(world, "nearest_articles")
    assert rows[0]["title"].startswith(f"{widest(world)} by ")
    assert [row["distance"] for row in rows] == sorted(row["distance"] for row in rows)


def test_the_search_finds_what_holds_its_words(world: World) -> None:
    rows = asked(world, "search", words=f'{widest(world)} "north korea"')
    told = [url for url, label in world.found.items() if label.story == widest(world) and label.on_topic]
    assert [row["place"] for row in rows] == list(range(1, len(told) + 1))
    assert sorted(row["outlet"] for row in rows) == sorted(world.outlet(world.found[url]).name for url in told)
    assert all("⟦" in row["snippet"] for row in rows)


def test_every_example_runs_in_psql(world: World) -> None:
    done = subprocess.run(
        [
            embedded_server.BINARIES / "psql",
            world.settings.database_url,
            "-v",
            "ON_ERROR_STOP=1",
            "-X",
            "-f",
            SQL / "examples.sql",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("row") >= len(NAMES)


GROWING = {
    "articles", "article_revisions", "article_terms", "article_topics", "article_words", "copies", "entries",
    "entry_topics", "fetches", "memberships", "story_events", "vectors",
}  # fmt: skip


def scans(plan: dict[str, Any]) -> Iterator[str]:
    """The growing tables that a plan reads from end to end: by themselves, or all of an index without a condition."""
    few = plan.get("Index Name") == "article_topics_person"  # it holds the few verdicts of people and nothing else
    if plan.get("Relation Name") in GROWING and not few and not {"Index Cond", "Recheck Cond"} & plan.keys():
        yield f"{plan['Node Type']} on {plan['Relation Name']}: {plan.get('Filter')}"
    for part in plan.get("Plans", ()):
        yield from scans(part)


def read_whole(connection: database.Connection) -> dict[str, int]:
    """How often this session read each growing table to its end, in the functions within a query too."""
    rows = connection.execute(
        "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0 AND relname = ANY (%s)",
        (list(GROWING),),
    ).fetchall()
    return {row["relname"]: row["seq_scan"] for row in rows}


@pytest.mark.parametrize("name", NAMES)
def test_no_example_reads_a_growing_table_to_its_end(world: World, name: str) -> None:
    """A table as small as here is read whole where it may be; what is read whole although it may not, has no index."""
    with database.connect(world.settings) as connection:
        for way in ("seqscan", "mergejoin", "hashjoin"):
            connection.execute(f"SET LOCAL enable_{way} = off".encode())
        before = read_whole(connection)
        connection.execute(question(world, name).encode()).fetchall()
        after = read_whole(connection)
        (plan,) = connection.execute(f"EXPLAIN (FORMAT json) {question(world, name)}".encode()).fetchall()
    assert after == before
    assert list(scans(plan["QUERY PLAN"][0]["Plan"])) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_example_says_what_it_answers(name: str) -> None:
    body = TEXT.split(f"-- name: {name}\n")[1]
    assert body.startswith("-- ")


def test_an_unknown_topic_is_named_with_those_that_there_are(world: World) -> None:
    with database.connect(world.settings) as connection, pytest.raises(psycopg.errors.RaiseException) as caught:
        connection.execute("SELECT * FROM wirewatch.stories_of_day('summit', '2024-06-19')")
    assert "there is no topic 'summit'" in str(caught.value)
    assert caught.value.diag.message_hint == f"The topics are: {TOPIC}"
