"""Stories stay what they are: however articles arrive, however many workers place them, whoever dies in between.

Twenty-five made developments, told six times each, in words and vectors that lean on one another as those of one
topic do. Vectors are given, so that what is tested is the placing and not a model.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sklearn.metrics import adjusted_rand_score

from pipeline import database, steps
from pipeline.settings import Settings
from pipeline.store import stories as story_store
from tests.support.deskrows import START, placed
from tests.support.tellings import DEVELOPMENTS, TELLINGS, Telling, arrive, made

SHUFFLED = 0.97
CHURN = 0.01


def stream(settings: Settings, tellings: Sequence[Telling], size: int = 10) -> dict[tuple[int, int], int]:
    """Let tellings arrive a few at a time, an hour and a half apart, clustered each time; telling -> story."""
    known: dict[int, tuple[int, int]] = {}
    for start in range(0, len(tellings), size):
        chunk = tellings[start : start + size]
        now = START + timedelta(days=3) + timedelta(hours=1.5) * (start // size)
        for article_id, told in zip(arrive(settings, chunk, now), chunk, strict=True):
            known[article_id] = (told.development, told.number)
        steps.cluster(settings, now=now)
    return {known[article_id]: story_id for article_id, story_id in placed(settings).items()}


def churned(settings: Settings) -> float:
    """Share of articles whose story changed an hour or more after they were placed, but for recorded merges."""
    with database.connect(settings) as connection:
        row = connection.execute(
            """WITH first AS (SELECT article_id, min(since) AS placed FROM memberships GROUP BY article_id),
               moved AS (
                   SELECT DISTINCT m.article_id FROM memberships m JOIN first f USING (article_id)
                   JOIN memberships before ON before.article_id = m.article_id AND before.until = m.since
                   WHERE m.since > f.placed + interval '1 hour' AND m.story_id <> before.story_id
                     AND NOT EXISTS (SELECT 1 FROM story_events e WHERE e.kind = 'merge' AND e.at = m.since
                                     AND e.story_id = m.story_id AND e.other_id = before.story_id))
               SELECT (SELECT count(*) FROM moved)::float / count(*) AS share FROM first"""
        ).fetchone()
    assert row is not None
    return float(row["share"])


def sound(settings: Settings) -> bool:
    """Whether every derived row agrees with what it is derived from."""
    with database.connect(settings) as connection:
        rows = connection.execute(
            """SELECT (SELECT count(*) FROM articles a WHERE a.clustered_at IS NOT NULL AND NOT EXISTS (
                           SELECT 1 FROM memberships m WHERE m.article_id = a.id AND m.until IS NULL)) AS lost,
                      (SELECT count(*) FROM memberships m JOIN articles a ON a.id = m.article_id
                       WHERE m.until IS NULL AND a.clustered_at IS NULL) AS unmarked,
                      (SELECT count(*) FROM story_profiles p WHERE p.size <> (
                           SELECT count(*) FROM memberships m
                           WHERE m.story_id = p.story_id AND m.until IS NULL)) AS wrong"""
        ).fetchone()
    return rows == {"lost": 0, "unmarked": 0, "wrong": 0}


def truth(stories: dict[tuple[int, int], int]) -> float:
    """Agreement of the stories found with the developments as made."""
    return float(adjusted_rand_score([development for development, _ in stories], list(stories.values())))


def test_shuffled_arrival_ends_where_ordered_arrival_does(newsroom: Settings) -> None:
    """The stated bound: days late and in any order, the stories agree by an ARI of .97 and keep their articles."""
    ordered = stream(newsroom, made())
    assert len(ordered) == DEVELOPMENTS * TELLINGS
    assert truth(ordered) >= SHUFFLED
    assert churned(newsroom) < CHURN
    assert sound(newsroom)
    with database.connect(newsroom) as connection:
        connection.execute("TRUNCATE articles, stories, term_stats CASCADE")
    tellings = made()
    Random(3).shuffle(tellings)
    shuffled = stream(newsroom, tellings, size=15)
    keys = sorted(ordered)
    assert adjusted_rand_score([ordered[key] for key in keys], [shuffled[key] for key in keys]) >= SHUFFLED
    assert churned(newsroom) < CHURN
    assert sound(newsroom)


def test_a_burst_of_late_articles_moves_none_of_those_before(newsroom: Settings) -> None:
    tellings = made()
    late = [told for told in tellings if told.number == TELLINGS - 1]
    before = stream(newsroom, [told for told in tellings if told not in late])
    now = START + timedelta(days=9)
    arrive(newsroom, late, now)
    counts = steps.cluster(newsroom, now=now)
    assert counts["opened"] <= 1
    assert churned(newsroom) < CHURN
    after = placed(newsroom)
    assert Counter(after[number] == story for number, story in enumerate(before.values(), 1))[True] >= 0.99 * len(
        before
    )


def test_two_workers_place_every_article_once(newsroom: Settings) -> None:
    tellings = made()
    arrive(newsroom, tellings, START)
    counts: list[dict[str, Any]] = []
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        counts.append(steps.cluster(newsroom, now=START + timedelta(days=4)))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(counts) == 2
    assert sum(each.get("placed", 0) for each in counts) == len(tellings)
    with database.connect(newsroom) as connection:
        opened = connection.execute("SELECT count(*) AS n FROM story_events WHERE kind = 'open'").fetchone()
    assert opened is not None
    assert opened["n"] == sum(each.get("opened", 0) for each in counts)
    assert len(placed(newsroom)) == len(tellings)
    assert sound(newsroom)


@pytest.mark.parametrize(("function", "calls"), [("join", 70), ("save_profile", 33), ("add_terms", 101)])
def test_a_worker_that_dies_leaves_nothing_half_done(
    newsroom: Settings, monkeypatch: pytest.MonkeyPatch, function: str, calls: int
) -> None:
    tellings = made()
    ids = arrive(newsroom, tellings, START)
    with monkeypatch.context() as patch:
        patch.setattr(story_store, function, dying(getattr(story_store, function), calls))
        with pytest.raises(KeyboardInterrupt):
            steps.cluster(newsroom, now=START + timedelta(days=4))
    assert len(placed(newsroom)) < len(tellings)
    assert sound(newsroom)
    steps.cluster(newsroom, now=START + timedelta(days=4))
    after = placed(newsroom)
    assert sound(newsroom)
    assert adjusted_rand_score([ids[number] for number in sorted(after)], [after[n] for n in sorted(after)]) >= SHUFFLED
    assert len(after) == len(tellings)


def dying(call: Callable[..., Any], after: int) -> Callable[..., Any]:
    """`call`, whose process dies at the given time."""
    left = after

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return call(*arguments, **options)

    return counted
