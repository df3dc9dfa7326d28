"""The compose deployment for real, but for the engine: over the recorded web to three digests, a worker killed.

It takes three minutes of a machine with two cores that has little else to do.
What `watch` and `backup` are there for is looked at on the way: who is killed is missed, and a dump holds every row.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pipeline import database, steps, topics
from pipeline.database import embedded
from pipeline.database.embedded import Server
from pipeline.errors import InfrastructureError
from pipeline.local.airflow_api import FINISHED, Airflow
from pipeline.settings import Settings
from tests.support import light
from tests.support.deployment import SECRETS, Deployment
from tests.support.live_web import LiveWeb
from tests.support.receivers import hook

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")

TOPIC = "putin-kim-summit"
DIGEST = "digest__putin_kim_summit"
DAYS = ("2024-06-18", "2024-06-19", "2024-06-20")
# A second try after a second, and a task that died with its worker is found after seconds instead of minutes.
HURRIED = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
}
#: The first look of `watch` comes at once, and the next ones after seconds.
PACES = {"sleep 120": "sleep 0", "--every 300": "--every 2"}
#: What says the same whoever ran the steps: times and numbers are left out.
SAME = {
    "entries": """
        SELECT f.url, e.key, e.canonical_url, e.title, md5(e.text), e.revision, a.identity,
               CASE WHEN e.published <> e.first_seen_at THEN e.published END
        FROM entries e JOIN feeds f ON f.id = e.feed_id LEFT JOIN articles a ON a.id = e.article_id""",
    "articles": """
        SELECT identity, canonical_url, outlet, state, reason, title, md5(text), authors, published, language,
               text_source, text_reason, kind, words, revision FROM articles""",
    "vectors": """
        SELECT a.identity, o.identity FROM vectors v JOIN articles a ON a.id = v.article_id
        LEFT JOIN articles o ON o.id = v.borrowed_from""",
    # the shares hang a little on which of two was judged first, whose outlet's boilerplate is known then
    "copies": """
        SELECT a.identity, o.identity, c.rule
        FROM copies c JOIN articles a ON a.id = c.article_id JOIN articles o ON o.id = c.origin_id""",
    "article topics": """
        SELECT a.identity, t.topic, t.on_topic, t.rule FROM article_topics t JOIN articles a ON a.id = t.article_id""",
    "stories": """
        SELECT array_agg(a.identity ORDER BY a.identity)
        FROM memberships m JOIN articles a ON a.id = m.article_id WHERE m.until IS NULL GROUP BY m.story_id""",
    "faults": "SELECT step, kind, class, message FROM item_faults",
}


def read(settings: Settings) -> dict[str, Counter[Any]]:
    with database.connect(settings) as connection:
        return {
            name: Counter(tuple(map(str, row.values())) for row in connection.execute(query.encode()).fetchall())
            for name, query in SAME.items()
        }


def by_one_process(server: Server, web: LiveWeb, env: Mapping[str, str], home: Path) -> dict[str, Counter[Any]]:
    """The rows that the steps leave, called one after the other."""
    server.ensure_database("alone")
    home.mkdir()
    settings = Settings(
        database_url=server.url("alone"),
        home=home,
        seeds=Path(env["WIREWATCH_SEEDS"]),
        model=light.MODEL,
        allow_hosts=env["WIREWATCH_ALLOW_HOSTS"],
        host_interval=0.0,
    )
    now = datetime.now(UTC)
    database.migrate(settings)
    steps.import_seed_list(settings)
    for batch in steps.due_batches(settings, now=now):
        steps.poll(settings, feed_ids=batch, now=now)
    for verb in (steps.match, steps.extract, steps.find_copies, steps.embed, steps.place, steps.reassign):
        verb(settings, now=now)
    return read(settings)


def killed_while_extracting(deployment: Deployment, name: str) -> int:
    """Kill a worker in which a task has pages under a lease; how many it had."""
    held = """
        SELECT count(*) FROM articles a WHERE a.leased_until > now() AND a.leased_by IN (
            SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l JOIN pg_stat_activity s USING (pid)
            WHERE l.locktype = 'advisory' AND l.objsubid = 1
              AND substring(s.application_name FROM '^wirewatch (\\d+)@')::int = ANY(%s))"""

    def pages() -> int:
        numbers = [process.pid for process in deployment.processes(name)]
        with psycopg.connect(deployment.database_url) as connection:
            row = connection.execute(held, [numbers]).fetchone()
        return int(row[0]) if row else 0

    count = deployment.until(pages, f"{name} never extracted", 240)
    deployment.running.pop(name).kill()
    return count


def alarms(deployment: Deployment, *, over: bool) -> list[tuple[str, ...]]:
    """The alerts of parts that are away: those that stand, or those that are over."""
    with psycopg.connect(deployment.database_url) as connection:
        return connection.execute(
            "SELECT subject, title, text FROM alerts WHERE kind = 'part-away' AND (cleared_at IS NOT NULL) = %s", [over]
        ).fetchall()


AWAY = ("worker", "Workers are away", "1 of 2 answer: celery@worker-2. Tasks wait until one takes them.")


def missed(deployment: Deployment, subjects: Callable[[], list[str]]) -> None:
    """Wait until the worker that was killed is missed, and start it again, as `restart: unless-stopped` does."""
    assert deployment.until(lambda: alarms(deployment, over=False), "nobody missed it", 90) == [AWAY]
    deployment.until(lambda: "Alert: Workers are away" in subjects(), "the desk was not told")
    deployment.start("worker", "worker-1")


def back(deployment: Deployment, subjects: Callable[[], list[str]]) -> None:
    """Wait until nobody is missed any more, and was but that one."""
    assert deployment.until(lambda: alarms(deployment, over=True), "it is still missed", 90) == [AWAY]
    assert alarms(deployment, over=False) == []
    deployment.until(lambda: "Over: Workers are away" in subjects(), "the desk was not told that it is over")
    assert deployment.healthy("watch")


def restored(deployment: Deployment) -> None:
    """Have `backup` dump what is there, restore it by the recipe of docs/deployment.md, and compare every table."""
    assert deployment.healthy("backup")
    deployment.end()  # or a run that begins meanwhile, and each look of `watch`, would write more
    folder = deployment.folder / "srv" / "backups"
    for early in folder.glob("*.dump"):  # of the start, when there was nothing
        early.unlink()
    deployment.start("backup")
    deployment.until(lambda: deployment.healthy("backup"), "there is no dump")
    (dump,) = folder.glob("wirewatch-*.dump")
    assert deployment.server is not None
    url = deployment.server.url("restored")
    deployment.server.ensure_database("restored")  # as `createdb` does
    command = [str(embedded.BINARIES / "pg_restore"), f"--dbname={url}", "--exit-on-error"]
    with dump.open("rb") as file:
        subprocess.run(command, stdin=file, check=True)
    assert rows_of(url) == rows_of(deployment.server.url("wirewatch"))


def rows_of(url: str) -> dict[str, int]:
    """Table -> how many rows it has."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'wirewatch')"
        ).fetchall()
        found = {}
        for (name,) in tables:
            row = connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchone()
            assert row is not None
            found[str(name)] = int(row[0])
    return found


def collected(airflow: Airflow) -> bool:
    """Whether the first collection has ended. Raises `AssertionError` where it failed."""
    states = list(airflow.states("collect").values())
    assert "failed" not in states, states
    return "success" in states


def drafted(deployment: Deployment, airflow: Airflow, days: tuple[str, ...]) -> None:
    """Let Airflow draft the digests of days, approve each, and wait until they are published."""
    topic = topics.find(Settings(), TOPIC)
    begin, _ = topic.day_bounds(date.fromisoformat(days[0]))
    _, end = topic.day_bounds(date.fromisoformat(days[-1]))
    airflow.backfill(DIGEST, begin, end - timedelta(seconds=1), at_once=len(days))
    deployment.until(lambda: len(airflow.reviews()) == len(days), "the digests did not wait", 240)
    time.sleep(8)  # Airflow fails a task whose answer comes before its scheduler has noted that it waits
    # One after the other, in Airflow's form: what a digest says is new hangs on the day before, so that each later day
    # is asked for anew.
    for day in days:
        deployment.until(lambda: approved(airflow, day), f"{day} takes no answer", 240)  # noqa: B023
        deployment.until(lambda: day in published(deployment), f"{day} was not published", 120)  # noqa: B023
    assert published(deployment) == list(days)
    ended = deployment.until(
        lambda: found if set(found := list(airflow.states(DIGEST).values())) <= set(FINISHED) else [], "runs go on", 240
    )
    assert len(ended) > len(days), "later days were asked for anew"
    assert set(ended) == {"success"}


def published(deployment: Deployment) -> list[str]:
    with psycopg.connect(deployment.database_url) as connection:
        rows = connection.execute("SELECT day::text FROM digests WHERE state = 'published' ORDER BY day").fetchall()
    return [str(row[0]) for row in rows]


def approved(airflow: Airflow, day: str) -> bool:
    """Approve a day in its pending action; False where none takes the answer yet, as its draft is another by now."""
    for review in airflow.reviews():
        if review.subject.startswith(day):
            path = f"/api/v2/dags/{review.dag_id}/dagRuns/{review.run_id}/taskInstances/review/-1/hitlDetails"
            try:
                airflow._call("PATCH", path, json={"chosen_options": ["Approve"], "params_input": {}})
            except InfrastructureError as error:
                assert "an earlier day was published" in str(error), error
            else:
                return True
    return False


def said_secrets(deployment: Deployment) -> list[str]:
    """Which secrets of the ``.env`` stand in a log, or in the arguments of a process."""
    secrets = {name: deployment.env[name] for name in SECRETS if name != "WIREWATCH_USER_AGENT"}
    logs = [path for part in ("log", "srv/logs") for path in (deployment.folder / part).rglob("*") if path.is_file()]
    assert len(logs) > 20, "the tasks' logs are among them"
    said = {str(path.relative_to(deployment.folder)): path.read_text(errors="replace") for path in logs}
    for name in deployment.running:
        for each in deployment.processes(name):
            with contextlib.suppress(psutil.Error):
                said[f"{name}: {each.name()}"] = " ".join(each.cmdline())
    return [f"{name} in {place}" for place, text in said.items() for name, secret in secrets.items() if secret in text]


def through(folder: Path, days: tuple[str, ...]) -> None:
    with LiveWeb(wait=0.3) as web, hook() as desk:
        env = light.ENVIRONMENT | {
            "WIREWATCH_SEEDS": str(web.seeds(folder / "seeds")),
            "WIREWATCH_ALLOW_HOSTS": "127.0.0.0/8",
            "WIREWATCH_HOST_INTERVAL": "0",
            "WIREWATCH_RETRY_SECONDS": "1",
            "WIREWATCH_EXTRACT_PROCESSES": "1",
            "WIREWATCH_STEP_TASKS": "4",
            "WIREWATCH_ALERT_WORKERS": "2",
            "WIREWATCH_DESK_WEBHOOK_URL": desk.address,
            "WORKER_CONCURRENCY": "2",
        }
        with Deployment(folder / "deployment", env, HURRIED, PACES) as deployment:
            deployment.up()
            with Airflow(deployment.address, "admin", deployment.env["ADMIN_PASSWORD"], lambda: None) as airflow:
                killed = killed_while_extracting(deployment, "worker-1")
                assert killed > 0
                missed(deployment, lambda: [str(body["subject"]) for body in desk.bodies])
                deployment.until(lambda: collected(airflow), "nothing was collected", 400)
                drafted(deployment, airflow, days)
                assert said_secrets(deployment) == []
                back(deployment, lambda: [str(body["subject"]) for body in desk.bodies])
            settings = Settings(database_url=deployment.database_url, home=folder, model=light.MODEL)
            found = read(settings)
            with database.connect(settings) as connection:
                states = connection.execute(
                    "SELECT day::text, state FROM digests WHERE state <> 'superseded' ORDER BY day"
                ).fetchall()
                taken = connection.execute("SELECT count(*) AS n FROM articles WHERE leased_by IS NOT NULL").fetchone()
            assert [(row["day"], row["state"]) for row in states] == [(day, "published") for day in days]
            assert taken == {"n": 0}
            pages = sorted(path.stem for path in (folder / "deployment/srv/home/published").rglob("2024-*.html"))
            assert pages == list(days)
            restored(deployment)
            assert deployment.server is not None
            wanted = by_one_process(deployment.server, web, env, folder / "alone")
            database.close_idle()
    assert len(wanted["articles"]) > 10
    differing = {
        name: {
            "lost": list((wanted[name] - found[name]).elements()),
            "more": list((found[name] - wanted[name]).elements()),
        }
        for name in SAME
        if wanted[name] != found[name]
    }
    assert differing == {}, json.dumps(differing, indent=1)


@pytest.mark.timeout(900)
def test_a_worker_is_killed_over_the_whole_web_and_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    through(tmp_path, DAYS)
