"""The compose deployment without an engine: its processes by the command lines and variables that stand in the file.

In place of what the engine gives stand: loopback addresses for the names of services, folders below one for those of
the image, and for each container a host name of its own. The embedded Postgres stands for its image, which is the same
version with the same extension, and its restarts for those of `restart`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil
import psycopg

from pipeline.database import embedded
from pipeline.database.ports import free_port
from pipeline.settings import Settings
from tests.support import compose
from tests.support.compose import Service
from tests.support.project import REPOSITORY

T = TypeVar("T")

PROGRAMS = {"airflow": "airflow", "celery": "celery", "wirewatch": "pipeline"}
"""Programs of the image, and the module that each is."""
SECRETS = {
    "AIRFLOW_DATABASE_PASSWORD": "d" * 24,
    "WIREWATCH_OWNER_PASSWORD": "o" * 24,
    "WIREWATCH_WRITER_PASSWORD": "w" * 24,
    "WIREWATCH_READER_PASSWORD": "q" * 24,
    "POSTGRES_PASSWORD": "p" * 24,
    "REDIS_PASSWORD": "r" * 24,
    "ADMIN_PASSWORD": "a" * 24,
    "AIRFLOW_SECRET_KEY": "s" * 24,
    "AIRFLOW_JWT_SECRET": "j" * 64,
    "AIRFLOW_FERNET_KEY": "ZmVybmV0LWtleS1mb3ItdGVzdHMtb2YtY29tcG9zZSE=",
    "WIREWATCH_USER_AGENT": "wirewatch-tests/1 (+https://wirewatch.example/bot)",
}
_END_SECONDS = 20.0


@dataclass(slots=True)
class Container:
    """A running process of a service, with its host name and what it says."""

    service: Service
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as an engine does that loses it: every process in it at once."""
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.process.pid)
            for each in [root, *root.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
        self.process.wait()

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]


@dataclass(slots=True)
class Deployment:
    """The services of the file below a folder; `more` are lines of its ``.env`` beside the secrets.

    `hurried` are variables in place of the file's, and `paces` what stands in its commands with what takes its place,
    so that what is waited for comes in seconds.
    """

    folder: Path
    more: Mapping[str, str]
    hurried: Mapping[str, str] = field(default_factory=dict)
    paces: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = (compose.FILE,)
    env: dict[str, str] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    running: dict[str, Container] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    server: embedded.Server | None = None

    def __enter__(self) -> Self:
        for name in ("srv/backups", "bin", "log"):
            (self.folder / name).mkdir(parents=True)
        with self._stack.pop_all() as stack:
            self.server = stack.enter_context(embedded.running(Settings(home=self.folder / "postgres")))
            self._ports = {"postgres": self.server.port, "redis": free_port(), "api-server": free_port()}
            self.env = SECRETS | {"POSTGRES_PASSWORD": self.server.password} | dict(self.more)
            self.services = compose.services(self.env, self.files)
            self._image()
            stack.callback(self.end)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def address(self) -> str:
        """Where the api-server listens."""
        return f"http://127.0.0.1:{self._ports['api-server']}"

    @property
    def database_url(self) -> str:
        """The pipeline's database."""
        return self.variables(self.services["worker"], "worker-1")["WIREWATCH_DATABASE_URL"]

    def _image(self) -> None:
        """What the image holds: the checkout at its place, and the programs on the path."""
        work = self.folder / "srv" / "wirewatch"
        work.mkdir()
        for name in ("dags", "sql", "pipeline"):
            (work / name).symlink_to(REPOSITORY / name)
        (work / "seeds").symlink_to(self.more.get("WIREWATCH_SEEDS", REPOSITORY / "seeds"))
        for name, module in PROGRAMS.items():
            self._program(name, f'exec "{sys.executable}" -P -m {module} "$@"')
        self._program("python", f'exec "{sys.executable}" -P "$@"')
        self._program("hostname", 'echo "$CONTAINER_NAME"')
        self._program("redis-cli", f'exec {shutil.which("redis-cli")} -p {self._ports["redis"]} "$@"')
        self._program("pg_dump", f'exec "{embedded.BINARIES / "pg_dump"}" "$@"')

    def _program(self, name: str, line: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def here(self, text: str, name: str) -> str:
        """A word of the file as it holds on this machine, for the container called `name`."""
        for service, port in (("postgres", 5432), ("redis", 6379), ("api-server", 8080)):
            for before in ("@", "//"):
                text = text.replace(f"{before}{service}:{port}", f"{before}127.0.0.1:{self._ports[service]}")
        text = text.replace("localhost:8080", f"127.0.0.1:{self._ports['api-server']}")
        text = text.replace("/srv/airflow/logs", f"{self.folder}/srv/logs")  # a volume that all share
        text = text.replace("/backups", f"{self.folder}/srv/backups")
        text = text.replace("/srv/airflow", f"{self.folder}/srv/airflow-{name}")
        return text.replace("/srv/home", f"{self.folder}/srv/home").replace(
            "/srv/wirewatch", f"{self.folder}/srv/wirewatch"
        )

    def variables(self, service: Service, name: str) -> dict[str, str]:
        """What a container of a service is started with."""
        told = compose.variables(service, self.env)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "WIREWATCH"))}
        return (
            kept
            | {key: self.here(value, name) for key, value in told.items()}
            | {
                "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                "PYTHONUNBUFFERED": "1",
                "CONTAINER_NAME": name if service.name == "worker" else socket.gethostname(),
                "AIRFLOW__LOGGING__BASE_LOG_FOLDER": f"{self.folder}/srv/logs",
            }
            | ({"PGHOST": "127.0.0.1", "PGPORT": str(self._ports["postgres"])} if "PGHOST" in told else {})
            | dict(self.hurried)
        )

    def command(self, service: Service, name: str) -> list[str]:
        """The command line of a container, with what the engine would give it otherwise."""
        words = [self.here(word, name) for word in service.command]
        for pace, faster in self.paces.items():
            words = [word.replace(pace, faster) for word in words]
        if service.name == "worker":
            words += ["--celery-hostname", f"celery@{name}"]
        if service.name == "redis":
            words[-1] += f" --bind 127.0.0.1 --port {self._ports['redis']}"
        if service.name == "api-server":
            words[-1] = words[-1].replace(
                "--host 0.0.0.0 --port 8080", f"--host 127.0.0.1 --port {self._ports['api-server']}"
            )
        return words

    def start(self, service_name: str, name: str = "") -> Container:
        """Start a container of a service."""
        service, name = self.services[service_name], name or service_name
        place = self.folder / "srv" / ("wirewatch" if service.is_ours else name)
        for needed in (place, self.folder / "srv" / f"airflow-{name}", self.folder / "srv" / "home"):
            needed.mkdir(exist_ok=True)
        log = self.folder / "log" / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                self.command(service, name),
                env=self.variables(service, name),
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.running[name] = Container(service, name, process, log)
        return self.running[name]

    def done(self, service_name: str) -> None:
        """Run a service that ends, to its end. Raises `AssertionError` where it fails."""
        container = self.start(service_name)
        status = container.process.wait(240)
        del self.running[service_name]
        assert status == 0, container.said()

    def healthy(self, name: str) -> bool:
        """Whether the health check of the file passes in a container."""
        container = self.running[name]
        words = [self.here(word, name) for word in container.service.check]
        done = subprocess.run(
            words,
            env=self.variables(container.service, name),
            cwd=self.folder / "srv",
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode == 0

    def call(self, service_name: str, *words: str) -> str:
        """What a command prints that is run in a container of a service. Raises `AssertionError` where it fails."""
        service = self.services[service_name]
        done = subprocess.run(
            [str(self.folder / "bin" / words[0]), *words[1:]],
            env=self.variables(service, service_name),
            cwd=self.folder / "srv" / "wirewatch",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def processes(self, name: str) -> list[psutil.Process]:
        """Every process in a container."""
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.running[name].process.pid)
            return [root, *root.children(recursive=True)]
        return []

    def up(self) -> None:
        """Everything, in the order that `depends_on` asks for: the databases, `init`, the rest with two workers."""
        assert self.server is not None
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE wirewatch")  # POSTGRES_DB
            for statement in compose.config("airflow-database", self.env).split(";"):
                if statement.strip():
                    connection.execute(statement.encode())
        self.start("redis")
        self.until(lambda: self.healthy("redis"), "redis is not healthy")
        self.done("roles")
        self.done("init")
        for name in ("api-server", "scheduler", "dag-processor", "triggerer", "model", "cleaner", "watch", "backup"):
            self.start(name)
        # the file's: a worker waits for the api-server
        assert self.services["worker"].definition["depends_on"]["api-server"] == {"condition": "service_healthy"}
        self.until(lambda: self.healthy("api-server"), "the api-server is not healthy", 240)
        for number in range(1, int(self.services["worker"].definition["deploy"]["replicas"]) + 1):
            self.start("worker", f"worker-{number}")
        started = {container.service.name for container in self.running.values()}
        assert started | {"postgres", "roles", "init"} == set(self.services), "a service of the file is not started"

    def until(self, ready: Callable[[], T], otherwise: str, seconds: float = 120) -> T:
        """What `ready` answers once that is true of anything; every container has to live meanwhile."""
        deadline = time.monotonic() + seconds
        while not (found := ready()):
            for container in self.running.values():
                assert container.process.poll() is None, f"{container.name} ended: {container.said()}"
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.5)
        return found

    def end(self) -> None:
        """End every container, politely first."""
        for container in self.running.values():
            if container.service.name in ("cleaner", "backup"):  # a shell hears nothing while it sleeps
                container.kill()
                continue
            with contextlib.suppress(ProcessLookupError):
                container.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _END_SECONDS
        for container in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                container.process.wait(max(deadline - time.monotonic(), 0.1))
            container.kill()
        self.running.clear()
