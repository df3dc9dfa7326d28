"""Airflow as `wirewatch run` starts it, on a database of a test's own: scheduler, triggerer, api-server and all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from pipeline import database, steps, topics
from pipeline.database.embedded import Server
from pipeline.database.ports import free_port
from pipeline.digests import to_body, to_markdown
from pipeline.local import airflow_service
from pipeline.local.processes import Group
from pipeline.models import Digest, DigestItem, StoryArticle
from pipeline.settings import Settings
from pipeline.store import digests
from tests.support import deskrows, light
from tests.support.project import MODELS

T = TypeVar("T")
DAG = "digest__putin_kim_summit"


@dataclass(frozen=True)
class RealAirflow:
    """The running parts; `settings` names the database that its tasks write to."""

    address: str
    user: str
    password: str
    settings: Settings
    group: Group
    client: httpx.Client

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One call of Airflow's API as the administrator."""
        return self.client.request(method, f"/api/v2{path}", **options)

    def ask_for(self, digest_id: int) -> str:
        """Start the run that asks for a decision on a draft; returns its id once the action is pending."""
        asked = {
            "logical_date": None,
            "dag_run_id": f"test__{digest_id}__{time.monotonic_ns()}",
            "conf": {"digest_id": digest_id},
        }
        self.call("POST", f"/dags/{DAG}/dagRuns", json=asked).raise_for_status()
        self.until(lambda: asked["dag_run_id"] in self.pending(), "the action was not pending")
        return str(asked["dag_run_id"])

    def pending(self) -> dict[str, dict[str, Any]]:
        """The pending actions by run id, as *Required Actions* lists them."""
        found = self.call(
            "GET", "/dags/~/dagRuns/~/hitlDetails", params={"response_received": "false", "limit": 100}
        ).json()
        return {
            detail["task_instance"]["dag_run_id"]: detail
            for detail in found["hitl_details"]
            if detail["task_instance"]["state"] in ("deferred", "awaiting_input")
        }

    def states(self, run_id: str) -> dict[str, str]:
        """The states of a run's tasks."""
        found = self.call("GET", f"/dags/{DAG}/dagRuns/{run_id}/taskInstances").json()["task_instances"]
        return {each["task_id"]: each["state"] for each in found}

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as Airflow's API tells it."""
        found: dict[str, Any] = self.call("GET", f"/dags/{DAG}/dagRuns/{run_id}").json()
        return found

    def answer(self, run_id: str, option: str, **fields: Any) -> httpx.Response:
        """Answer a pending action as the form does."""
        path = f"/dags/{DAG}/dagRuns/{run_id}/taskInstances/review/-1/hitlDetails"
        return self.call(
            "PATCH", path, json={"chosen_options": [option], "params_input": {"note": "", "drop": []} | fields}
        )

    def until(self, ready: Callable[[], T], otherwise: str, seconds: float = 120) -> T:
        """What `ready` answers once that is true of anything."""
        deadline = time.monotonic() + seconds
        while not (found := ready()):
            self.group.check()
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.3)
        return found


@contextmanager
def running(server: Server, folder: Path, **extra: str) -> Iterator[RealAirflow]:
    """Start it in a folder of its own, with these variables beside; the digests' DAG is let run."""
    server.ensure_database("reviews")
    settings = Settings(
        database_url=server.url("reviews"),
        home=folder / "home",
        model=light.MODEL,
        models=str(MODELS),
        port=free_port(),
    )
    settings.home.mkdir()
    database.migrate(settings)
    deskrows.fill(settings)
    steps.cluster(settings, now=deskrows.now())
    told = {
        "WIREWATCH_DATABASE_URL": settings.database_url,
        "WIREWATCH_HOME": str(settings.home),
        "WIREWATCH_PUBLIC_URL": f"http://127.0.0.1:{settings.port}",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        **light.ENVIRONMENT,
        **extra,
    }
    service = airflow_service.prepare(settings, server, live=False, extra=told)
    with Group(folder / "group", folder / "logs") as group:
        airflow_service.migrate(service, group)
        airflow_service.start(service, group)
        with httpx.Client(base_url=service.address, timeout=30) as client:
            real = RealAirflow(service.address, airflow_service.USER, service.password, settings, group, client)
            real.until(lambda: _ready(real), "Airflow was not ready", 240)
            yield real


def _ready(real: RealAirflow) -> bool:
    try:
        if "Authorization" not in real.client.headers:
            asked = {"username": real.user, "password": real.password}
            token = real.client.post("/auth/token", json=asked).raise_for_status().json()["access_token"]
            real.client.headers["Authorization"] = f"Bearer {token}"
        health = real.client.get("/api/v2/monitor/health").json()
        known = real.call("GET", f"/dags/{DAG}").status_code == 200
    except (httpx.HTTPError, ValueError):
        return False
    return known and all(health[part]["status"] == "healthy" for part in ("scheduler", "triggerer"))


def draft(settings: Settings, day: str, *headlines: str) -> int:
    """A draft of a day with these stories, the newest version of it; returns its id."""
    topic = topics.find(settings, deskrows.TOPIC)
    now = datetime.now(UTC)
    with database.connect(settings) as connection:
        items = []
        for rank, headline in enumerate(headlines, 1):
            row = connection.execute(
                "INSERT INTO stories (opened_at, first_published, last_published) VALUES (%(now)s, %(now)s, %(now)s)"
                " RETURNING id",
                {"now": now},
            ).fetchone()
            assert row is not None
            article = StoryArticle(
                rank,
                headline,
                f"https://outlet{rank}.example/a",
                f"Outlet {rank}",
                "GB",
                "private",
                "en",
                now,
                None,
                "",
            )
            items.append(DigestItem(row["id"], rank, headline, f"{headline}. So it is.", "new", 1.0, 1, 1, (article,)))
        digest = Digest(topic.slug, day, f"{topic.name}: {day}", tuple(items), (), len(items), len(items))
        rendered = digests.Rendered(to_markdown(digest, topic), to_body(digest, topic), now, now)
        return digests.save(connection, digest, rendered).id
