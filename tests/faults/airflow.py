"""Airflow's path: everything as `wirewatch run` starts it, kills of its parts, and Airflow's own second tries."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import psutil

from pipeline import database, steps
from pipeline import settings as configuration
from pipeline.database.ports import free_port
from pipeline.errors import InfrastructureError
from pipeline.local.airflow_api import Airflow
from pipeline.models import Review
from pipeline.settings import Settings
from tests.faults import rows, terminal, victims
from tests.faults.campaign import Report, Reports
from tests.faults.rows import Rows
from tests.faults.victims import Kill
from tests.faults.world import TOPIC, World, world
from tests.support.processes import of_home
from tests.support.project import REPOSITORY

RECORDED = ("2024-06-18",)
DAY = "2024-06-18"
DATABASE = "wirewatch"
#: Seconds after which a round that has not come to its end is stuck.
STUCK = 540.0
WEIGHTS = {"task": 4.0, "worker": 1.5, "scheduler": 1.5, "backend": 3.0, "extraction": 1.5, "dag-processor": 0.5}
# A second try after a second, and a task that died unseen is found after seconds instead of minutes.
SOON = {
    "WIREWATCH_RETRY_SECONDS": "1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
}
# From here on the DAGs run; what is killed before is met by the next start.
_READY = "\N{CHECK MARK} Airflow  "
#: Seconds that the reviewer takes.
_READING = 8.0
_PASSWORD = re.compile(r'"password": "([^"]+)"')


def undisturbed(place: World) -> Rows:
    """The rows that the steps leave which the DAGs call, day by day and in one process."""
    with terminal.held_server(place) as server:
        server.ensure_database("undisturbed")
        named = {"WIREWATCH_DATABASE_URL": server.url("undisturbed"), "WIREWATCH_DATABASE_NAME": ""}
        settings = configuration.load(place.environment("undisturbed") | named)
        try:
            return _by_steps(place, settings)
        finally:
            database.close_idle()


def _by_steps(place: World, settings: Settings) -> Rows:
    database.migrate(settings)
    steps.import_feeds(settings, (place.seeds / "recorded" / "feeds.opml").read_bytes())
    last = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    for midnight in (last - timedelta(days=1), last):
        steps.backfill(settings, start=midnight, end=midnight + timedelta(days=1), now=datetime.now(UTC))
    drafted = steps.draft(settings, topic=TOPIC, day=DAY, now=datetime.now(UTC))
    review = Review(approved=True, reviewer="the desk")
    steps.publish(settings, digest_id=drafted["digest_id"], review=review, now=datetime.now(UTC))
    return rows.read(settings) | {"posts": place.posts.take()}


@dataclass(slots=True)
class Running:
    """`wirewatch run` of a world, started again whenever it ends, until its digest is published."""

    place: World
    random: Random
    most: int
    kills: list[Kill] = field(default_factory=list)
    starts: int = 0
    tracebacks: list[str] = field(default_factory=list)
    _waits: dict[str, float] = field(default_factory=dict)
    _run: subprocess.Popen[bytes] | None = None
    _port: int = field(default_factory=free_port)

    @property
    def log(self) -> Path:
        """What `wirewatch run` says."""
        return self.place.home.parent / f"run-{self.starts}.log"

    def until_published(self) -> None:
        """Kill on the way, and approve what waits for review. Raises `AssertionError` where it comes to no end."""
        began = time.monotonic()
        strike_at = 0.0
        try:
            while not self._is_published():
                if time.monotonic() - began > STUCK:
                    raise AssertionError(f"not published after {STUCK:.0f} s: {self.log.read_text()[-2000:]}")
                if self._run is None or self._run.poll() is not None:
                    self._start()
                if strike_at == 0.0 and _READY in self.log.read_text(errors="replace"):
                    strike_at = time.monotonic() + self.random.uniform(0, 8)
                if 0.0 < strike_at <= time.monotonic() and len(self.kills) < self.most:
                    self._strike()
                    strike_at = time.monotonic() + self.random.uniform(1, 10)
                self._approve()
                time.sleep(0.2)
        finally:
            self._stop()

    def _start(self) -> None:
        self._note_tracebacks()
        self.starts += 1
        with self.log.open("wb") as out:
            self._run = subprocess.Popen(
                [sys.executable, "-m", "pipeline", "run"],
                env=self.place.environment(DATABASE, WIREWATCH_PORT=str(self._port), **SOON),
                cwd=REPOSITORY,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _note_tracebacks(self) -> None:
        if self.starts and "Traceback (most recent call last)" in (said := self.log.read_text(errors="replace")):
            self.tracebacks.append(f"{self.log.name}: {said.strip().splitlines()[-1][:300]}")

    def _strike(self) -> None:
        assert self._run is not None
        parts = victims.server_parts(self.place.home) | _airflow_parts(self._run.pid)
        kill = victims.strike(self.random, parts, WEIGHTS)
        if kill is not None:
            self.kills.append(kill)

    def _is_published(self) -> bool:
        with contextlib.suppress(InfrastructureError, psutil.Error, FileNotFoundError):
            if victims.postmaster(self.place.home) is None:
                return False
            url = _url(self.place)
            settings = configuration.load({"WIREWATCH_DATABASE_URL": url, "WIREWATCH_HOME": str(self.place.home)})
            try:
                with database.connect(settings) as connection:
                    found = connection.execute(
                        "SELECT 1 FROM digests d JOIN deliveries x ON x.digest_id = d.id "
                        "WHERE d.state = 'published' AND x.channel = 'webhook' AND x.outcome = 'ok'"
                    ).fetchone()
                return found is not None and self._all_done()
            except Exception:  # no schema yet
                return False
            finally:
                database.close_idle()
        return False

    def _all_done(self) -> bool:
        """Whether every run of the backfill and of the digest has ended well."""
        with self._airflow() as airflow:
            states = [*airflow.states("backfill").values(), *airflow.states(_DIGEST).values()]
        return bool(states) and set(states) == {"success"}

    def _approve(self) -> None:
        with contextlib.suppress(InfrastructureError, httpx.HTTPError, FileNotFoundError, OSError):
            if "Digests" not in self.log.read_text(errors="replace") and self.starts == 1:
                return
            with self._airflow() as airflow:
                for review in airflow.reviews():
                    # Airflow fails a task whose answer comes before its scheduler has noted that it waits.
                    if time.monotonic() - self._waits.setdefault(review.run_id, time.monotonic()) < _READING:
                        continue
                    path = f"/api/v2/dags/{review.dag_id}/dagRuns/{review.run_id}/taskInstances/review/-1/hitlDetails"
                    airflow._call(
                        "PATCH", path, json={"chosen_options": ["Approve"], "params_input": {"note": "", "drop": []}}
                    )

    def _airflow(self) -> Airflow:
        kept = (self.place.home / "airflow" / "secrets.json").read_text()
        found = _PASSWORD.search(kept)
        assert found is not None
        return Airflow(f"http://127.0.0.1:{self._port}", "admin", found[1], self._demand_alive)

    def _demand_alive(self) -> None:
        """Raise where `wirewatch run` has ended: then nobody starts its api-server, and to wait for it is in vain."""
        if self._run is None or self._run.poll() is not None:
            raise InfrastructureError("wirewatch run has ended")

    def _stop(self) -> None:
        if self._run is None:
            return
        self._run.send_signal(signal.SIGINT)
        try:
            self._run.wait(90)
        except subprocess.TimeoutExpired:
            self._run.kill()
            raise AssertionError(f"it does not stop: {self.log.read_text()[-2000:]}") from None
        finally:
            self._note_tracebacks()


_DIGEST = f"digest__{TOPIC.replace('-', '_')}"


def _url(place: World) -> str:
    """The address of the project's database on the server that runs, without starting one."""
    secret = json.loads((place.home / "postgres.json").read_text())
    return f"postgresql://wirewatch:{secret['password']}@127.0.0.1:{secret['port']}/{DATABASE}"


def _airflow_parts(pid: int) -> dict[str, list[psutil.Process]]:
    """The processes below `wirewatch run` by their part: those of Airflow, its workers, the tasks, what tasks start."""
    parts: dict[str, list[psutil.Process]] = {name: [] for name in WEIGHTS if name != "backend"}
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = " ".join(process.cmdline())
                parent = " ".join(process.parent().cmdline()) if process.parent() else ""
                if "multiprocessing.forkserver" in line:
                    parts["extraction"].append(process)
                elif "LocalExecutor" in parent and "airflow worker" in line:
                    parts["task"].append(process)
                elif "LocalExecutor" in line and "<idle>" not in line:
                    parts["worker"].append(process)
                elif "airflow scheduler" in line and "LocalExecutor" not in line:
                    parts["scheduler"].append(process)
                elif "airflow dag-processor" in line and "dag-processor" not in parent:
                    parts["dag-processor"].append(process)
    return parts


def campaign(folder: Path, seed: int, kills: int, *, first: int = 1) -> Reports:
    """Rounds on Airflow's path until so many kills were made, each in a world of its own."""
    number = first
    while kills > 0:
        report = round_of(folder / f"round-{number}", seed, number, min(kills, 10))
        kills -= len(report.kills)
        number += 1
        yield report


def round_of(folder: Path, seed: int, number: int, kills: int) -> Report:
    """One round: what undisturbed steps leave, and what Airflow leaves that is disturbed."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    with world(folder, days=RECORDED) as place:
        wanted = undisturbed(place)
        began = time.monotonic()
        running = Running(place, Random(f"{seed}-{number}-airflow"), kills)
        running.until_published()
        seconds = time.monotonic() - began
        with place.settings(DATABASE) as settings:
            found = rows.read(settings) | {"posts": place.posts.take()}
    report = Report(number, running.kills, running.starts - 1, seconds, tracebacks=running.tracebacks)
    report.differences = rows.differences(found, wanted)
    report.left = [str(process) for process in of_home(folder)]
    return report
