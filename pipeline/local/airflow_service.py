"""Airflow as `wirewatch run` runs it: its environment, its metadata database, its processes.

A waiting review is a trigger, which looks for the answer and at our own row.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg

from pipeline.database import embedded
from pipeline.database.ports import LOOPBACK
from pipeline.database.remote import RemoteServer
from pipeline.local.processes import Group, environment_with
from pipeline.settings import Settings
from pipeline.shipped import DAGS

USER = "admin"
# Logs are read from the folder that the api-server shares with the tasks, so none need be served, to anybody.
PROCESSES = (
    ("api-server",),
    ("scheduler", "--skip-serve-logs"),
    ("dag-processor",),
    ("triggerer", "--skip-serve-logs", "--capacity", "100"),
)


@dataclass(frozen=True, slots=True)
class Service:
    """Where Airflow is and how to log in."""

    home: Path
    database: str
    address: str
    password: str
    environment: dict[str, str]

    @property
    def password_file(self) -> Path:
        """Where the password stands for its owner to read: nothing shows it on a screen or in a log."""
        return self.home / "password"


def prepare(
    settings: Settings, server: embedded.Server | RemoteServer, *, live: bool, extra: dict[str, str]
) -> Service:
    """Choose folders and secrets and write them down; a second start uses the same ones.

    `extra` is what the tasks need to know (``WIREWATCH_…``). An ``AIRFLOW__…`` variable of the user's wins over ours.
    Raises what `ensure_database` of the server raises.
    """
    name = "airflow_live" if live else "airflow"  # a review must never meet the other mode's database
    home = settings.home / name
    home.mkdir(parents=True, exist_ok=True)
    kept = _kept(home / "secrets.json")
    passwords = home / "passwords.json"
    if not passwords.exists():
        _private(passwords, {USER: kept["password"]})
    database = f"{server.database}_{name}" if isinstance(server, RemoteServer) else name
    server.ensure_database(database)
    address = f"http://{LOOPBACK}:{settings.port}"
    url = server.url(database)
    values = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__FERNET_KEY": kept["fernet_key"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace("postgresql:", "postgresql+psycopg2:", 1),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": _for_asyncpg(url),
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(settings.port),
        "AIRFLOW__API__BASE_URL": settings.public_url or f"http://localhost:{settings.port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": kept["secret_key"],
        "AIRFLOW__API_AUTH__JWT_SECRET": kept["jwt_secret"],
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        # a task that died with its machine is found and run again within a minute or two
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.home / "logs" / name),
        "PYTHONUNBUFFERED": "1",
    }
    environment = environment_with(values) | extra
    service = Service(home, url, address, kept["password"], environment)
    if not service.password_file.exists():
        _private(service.password_file, service.password)
    return service


def _for_asyncpg(url: str) -> str:
    """The address as asyncpg takes it, which knows libpq's ``sslmode`` as ``ssl`` and few other parameters."""
    parts = urlsplit(url)
    known = {"host": "host", "port": "port", "sslmode": "ssl"}
    query = urlencode([(known[name], value) for name, value in parse_qsl(parts.query) if name in known])
    return f"postgresql+asyncpg://{parts.netloc}{parts.path}{'?' if query else ''}{query}"


def _kept(path: Path) -> dict[str, str]:
    """The secrets of this installation, made once."""
    if not path.exists():
        made = {name: secrets.token_urlsafe(32) for name in ("secret_key", "jwt_secret")}
        made["fernet_key"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        made["password"] = secrets.token_urlsafe(9)
        _private(path, made)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _private(path: Path, value: dict[str, Any] | str) -> None:
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{value}\n" if isinstance(value, str) else json.dumps(value))
    partial.replace(path)


def migrate(service: Service, group: Group) -> bool:
    """Bring Airflow's own tables up; False where they already are, which is known without starting Airflow."""
    stamp = service.home / "migrated.json"
    now = {"airflow": version("apache-airflow-core"), "revision": _revision(service.database)}
    if now["revision"] and stamp.exists() and json.loads(stamp.read_text()) == now:
        return False
    group.run("airflow-migrate", airflow("db", "migrate"), service.environment)
    stamp.write_text(json.dumps(now | {"revision": _revision(service.database)}))
    return True


def _revision(database: str) -> str | None:
    with psycopg.connect(database, connect_timeout=10) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return str(row[0]) if row else None


def start(service: Service, group: Group) -> None:
    """Start Airflow's processes, to be kept running; they are not ready yet when this returns."""
    for arguments in PROCESSES:
        group.start(f"airflow-{arguments[0]}", airflow(*arguments), service.environment, kept=True)


def airflow(*arguments: str) -> list[str]:
    """The command line of an Airflow command."""
    # not the script beside the interpreter: its first line cannot name an interpreter at a path with a space.
    # -P: Airflow starts in whatever folder the user is in, and a file there must not be imported.
    return [sys.executable, "-P", "-m", "airflow", *arguments]
