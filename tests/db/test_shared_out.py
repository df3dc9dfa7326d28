"""Extracting, copying and embedding shared out: each row is one task's, a killed one's are free, and copies wait."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import copies as copy_store
from pipeline.store import models as model_store
from pipeline.store.articles import Vectorless
from tests.support import deskrows
from tests.support.programs import plain_environment

NOW = deskrows.now()
CLAIMER = """
import sys, time
from datetime import datetime
from pipeline import database, settings
from pipeline.database import locks
from pipeline.store import copies
here = settings.load()
with locks.Owner(here, "copies") as owner:
    with database.connect(here) as connection:
        print(copies.claim(connection, owner=owner.id, lease=600, limit=3, now=datetime.fromisoformat(sys.argv[1])))
    sys.stdout.flush()
    time.sleep(600)
"""

STILL = """
import os, signal
from pipeline import database, settings
from pipeline.database import connection
from pipeline.store.settlement import lock_copies
connection._OPTIONS["options"] += " -c idle_in_transaction_session_timeout=1s"
with database.connect(settings.load()) as held:
    lock_copies(held)
    print("judging", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""


@pytest.fixture
def many(settings: Settings) -> Settings:
    """Sixty texts of which a third are the copy of another, none compared with any; two wordings."""
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'Summit', '{}', 'UTC')",
            (deskrows.TOPIC,),
        )
        model = model_store.register(connection, settings.model, "test", deskrows.DIMENSION, ["en"])
        for number in range(60):
            words = " ".join(f"word{(number % 40) * 97 + k}" for k in range(80))
            deskrows.add(connection, model.id, number, words, 0)
        connection.execute("UPDATE articles SET copies_at = NULL, embedded_at = NULL")
        connection.execute("DELETE FROM vectors")
    return replace(settings, step_tasks=4)


def rows(settings: Settings, query: str) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        return list(connection.execute(query.encode()).fetchall())


def together(verb: Callable[[], dict[str, Any]], tasks: int = 4) -> Counter[str]:
    """The summed counts of a verb that so many tasks run at once."""
    found: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: found.append(verb())) for _ in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(found) == tasks, "a task failed"
    total: Counter[str] = Counter()
    for counts in found:
        total.update(counts)
    return total


def test_there_are_as_many_tasks_as_are_worth_starting(many: Settings) -> None:
    assert steps.shares(many, now=NOW) == [1, 2, 3]
    assert steps.shares(replace(many, step_tasks=2), now=NOW) == [1, 2]
    assert steps.shares(replace(many, step_tasks=1), now=NOW) == [1]
    rows(many, "UPDATE articles SET copies_at = now(), embedded_at = now() RETURNING id")
    assert steps.shares(many, now=NOW) == [1, 2, 3], "no text has a vector of this model"
    rows(many, "UPDATE embedding_models SET complete = true RETURNING id")
    assert steps.shares(many, now=NOW) == []
    rows(many, "UPDATE articles SET next_refetch_at = '2024-06-19' WHERE id = 7 RETURNING id")
    assert steps.shares(many, now=NOW) == [1]


def test_tasks_beside_each_other_find_the_copies_that_one_finds(many: Settings) -> None:
    total = together(lambda: steps.find_copies(many, now=NOW))
    assert (total["judged"], total["internal"]) == (60, 0)
    assert total["copies"] + total["rerooted"] == 20, "some are known when their origin comes, others before"
    found = "SELECT article_id, origin_id, rule, containment FROM copies ORDER BY article_id"
    beside = rows(many, found)
    assert len(beside) == 20
    assert rows(many, "SELECT id FROM articles WHERE copies_at IS NULL OR leased_by IS NOT NULL") == []
    rows(many, "UPDATE articles SET copies_at = NULL RETURNING id")
    rows(many, "DELETE FROM copies RETURNING article_id")
    rows(many, "DELETE FROM copy_keys RETURNING article_id")
    assert steps.find_copies(many, now=NOW)["copies"] == 20
    assert rows(many, found) == beside


def test_what_a_killed_task_had_claimed_is_taken_up_at_once(many: Settings) -> None:
    told = plain_environment(WIREWATCH_DATABASE_URL=many.database_url, WIREWATCH_HOME=str(many.home))
    command = [sys.executable, "-c", CLAIMER, NOW.isoformat()]
    killed = subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True)
    try:
        assert killed.stdout is not None
        assert killed.stdout.readline().strip() == "[1, 2, 3]"
        assert steps.find_copies(many, now=NOW)["judged"] == 57, "the three are another's"
    finally:
        killed.kill()
        killed.communicate()
    deadline = time.monotonic() + 20
    judged = 0
    while judged < 3 and time.monotonic() < deadline:  # until Postgres has noticed that the connection is gone
        judged += int(steps.find_copies(many, now=NOW)["judged"])
    assert judged == 3


def test_a_task_that_stands_still_while_it_judges_keeps_the_others_waiting_for_a_while_only(many: Settings) -> None:
    told = plain_environment(WIREWATCH_DATABASE_URL=many.database_url, WIREWATCH_HOME=str(many.home))
    command = [sys.executable, "-c", STILL]
    still = subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert still.stdout is not None
        assert still.stdout.readline() == "judging\n"
        assert steps.find_copies(many, now=NOW)["judged"] == 60
        still.send_signal(signal.SIGCONT)
        _, said = still.communicate(timeout=60)
        assert "InfrastructureError: Postgres ended a connection that took too long" in said
    finally:
        still.kill()
        still.communicate()


def test_a_task_that_lost_its_lease_judges_nothing_of_it(many: Settings) -> None:
    with database.connect(many) as connection:
        claimed = copy_store.claim(connection, owner=1, lease=600, limit=3, now=NOW)
    assert sorted(claimed) == [1, 2, 3]
    with database.connect(many) as connection:  # nobody holds the lock of owner 1: another takes them at once
        assert sorted(copy_store.claim(connection, owner=2, lease=600, limit=3, now=NOW)) == [1, 2, 3]
    with database.connect(many) as connection:
        assert copy_store.hold(connection, claimed, 1) == []
        copy_store.release(connection, claimed, 1)
        assert [row.id for row in copy_store.hold(connection, claimed, 2)] == [1, 2, 3]


def test_a_copy_waits_for_its_origin_that_another_task_embeds(many: Settings) -> None:
    steps.find_copies(many, now=NOW)
    with database.connect(many) as connection:
        model = model_store.current(connection, many.model)
    assert model is not None
    wanted = Vectorless(model.id, placed=False, limit=100)
    with database.connect(many) as one, database.connect(many) as other:
        held = article_store.claim_unembedded(one, wanted, NOW)
        assert len(held) == 40
        assert all(row.origin_id is None for row in held)
        assert article_store.claim_unembedded(other, wanted, NOW) == [], "copies whose origins are being embedded"
    total = together(lambda: steps.embed(many, now=NOW))
    assert (total["embedded"], total["borrowed"]) == (40, 20)
    unlike = "SELECT count(*) FROM vectors v JOIN copies c USING (article_id) WHERE v.borrowed_from IS DISTINCT FROM"
    assert rows(many, f"{unlike} c.origin_id") == [{"count": 0}]


def test_a_copy_does_not_wait_for_an_origin_that_a_fault_holds(many: Settings) -> None:
    steps.find_copies(many, now=NOW)
    origin = rows(many, "SELECT min(origin_id) AS id FROM copies")[0]["id"]
    rows(
        many,
        "INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, class, message, place)"
        f" VALUES ('embed', 'article', {origin}, 1, now(), now(), '{NOW + timedelta(hours=1)}', 'E', '', '')"
        " RETURNING item_id",
    )
    total = steps.embed(many, now=NOW)
    assert (total["embedded"], total["borrowed"]) == (40, 19), "39 origins, and the copy by its own words"
