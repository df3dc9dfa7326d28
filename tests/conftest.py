"""Fixtures that any test may ask for."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings

from pipeline import database as project_db
from pipeline.database.embedded import Server, running
from pipeline.database.ports import free_port
from pipeline.local.processes import Group
from pipeline.settings import Settings
from tests.support import light
from tests.support.project import MODELS, REPOSITORY

# Airflow reads these when it is first imported, by whichever test comes first, and would write into ~/airflow.
AIRFLOW_HOME = tempfile.mkdtemp(prefix="wirewatch-airflow-")
atexit.register(shutil.rmtree, AIRFLOW_HOME, ignore_errors=True)
os.environ |= {
    "AIRFLOW_HOME": AIRFLOW_HOME,
    "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__API_AUTH__JWT_SECRET": "only-for-tests-0123456789abcdef0123456789abcdef",
    "AIRFLOW__API__SECRET_KEY": "only-for-tests",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,vera:viewer",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": f"{AIRFLOW_HOME}/passwords.json",
    "WIREWATCH_MODELS": str(MODELS),
}

# The same examples in every run, so that a red run is the change's fault. `pytest --hypothesis-profile=nightly` on
# the files named test_properties.py looks further, at other examples each time.
_shared = hypothesis_settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
hypothesis_settings.register_profile("every-run", _shared, max_examples=100, derandomize=True, database=None)
hypothesis_settings.register_profile("nightly", _shared, max_examples=5_000)
hypothesis_settings.load_profile("every-run")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder outside pytest's own, which only its owner may enter (the embedded server may be another)."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def embedded() -> Iterator[Server]:
    """An embedded Postgres for the whole session; make databases of your own in it.

    It waits for no disk, as hundreds of databases come and go in it. That costs what it holds where a machine loses its
    power, and nothing where a process of it is killed; tests of the server itself start one of their own.
    """
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    with running(Settings(home=folder / "home")) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def airflow_metadata(embedded: Server) -> Iterator[str]:
    """Airflow's home; its metadata database is on the embedded Postgres, migrated."""
    # Not the name that `wirewatch run` gives its own: a scheduler beside would take the runs of these tests.
    embedded.ensure_database("airflow_of_tests")
    url = embedded.url("airflow_of_tests")
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = url.replace("postgresql:", "postgresql+psycopg2:", 1)
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] = url.replace("postgresql:", "postgresql+asyncpg:", 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own
        from airflow import settings
        from airflow.utils import db

        settings.configure_vars()  # type: ignore[no-untyped-call]
        settings.configure_orm()  # type: ignore[no-untyped-call]
        db.initdb()
    yield AIRFLOW_HOME
    settings.dispose_orm()


VIEWER = "vera"
"""Somebody who may see everything in Airflow and change nothing."""


@dataclass(frozen=True)
class ApiServer:
    """A real api-server with the portal in it; `settings` names the database that its pages read."""

    address: str
    user: str
    password: str
    settings: Settings

    def login(self, user: str = "") -> httpx.Client:
        """A client that carries the token of the user, or of another one with the same password."""
        asked = {"username": user or self.user, "password": self.password}
        answer = httpx.post(f"{self.address}/auth/token", json=asked)
        answer.raise_for_status()
        token = answer.json()["access_token"]
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {token}"}, timeout=30)


@pytest.fixture(scope="session")
def api_server(embedded: Server, airflow_metadata: str) -> Iterator[ApiServer]:
    """Airflow's api-server on a free port, for as long as the session lasts."""
    embedded.ensure_database("portal")
    settings = Settings(
        database_url=embedded.url("portal"), home=Path(airflow_metadata) / "wirewatch", model=light.MODEL
    )
    project_db.migrate(settings)
    Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).write_text(
        json.dumps({"admin": "secret", VIEWER: "secret"})
    )
    port = free_port()
    environment = dict(os.environ) | {
        "WIREWATCH_DATABASE_URL": settings.database_url,
        "WIREWATCH_HOME": str(settings.home),
        "WIREWATCH_MODEL": settings.model,
        "WIREWATCH_METRICS_TOKEN": "of the tests",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
    with Group(Path(airflow_metadata) / "group", Path(airflow_metadata) / "logs") as group:
        group.start("api-server", command, environment)
        deadline = time.monotonic() + 120
        while True:
            group.check()
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/v2/monitor/health").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < deadline, "the api-server does not answer"
                time.sleep(0.2)
        yield ApiServer(f"http://127.0.0.1:{port}", "admin", "secret", settings)
