"""Airflow on the embedded Postgres, and a database of the project's own beside it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline import database
from pipeline import settings as configuration
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from tests.support import light, real_airflow
from tests.support.project import REPOSITORY
from tests.support.real_airflow import RealAirflow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Airflow warns about what its own dependencies will drop; what our modules raise still fails."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("error:::pipeline"))
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="module")
def environment(embedded: Server, airflow: str) -> Iterator[pytest.MonkeyPatch]:
    """The module's own project database and the light model, named to the tasks by the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIREWATCH_DATABASE_URL", embedded.url("dags"))
        patch.setenv("WIREWATCH_HOME", str(Path(airflow) / "wirewatch"))
        patch.setenv("WIREWATCH_MODEL", light.MODEL)
        yield patch


@pytest.fixture(scope="module")
def migrated(embedded: Server, environment: pytest.MonkeyPatch) -> Settings:
    """Settings as the tasks will read them, on an empty and migrated database."""
    embedded.ensure_database("dags")
    settings = configuration.load()
    database.migrate(settings)
    return settings


@pytest.fixture(scope="session")
def dags(airflow: str) -> dict[str, Any]:
    """Every DAG of the repository, by id."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(REPOSITORY / "dags")
    assert bag.import_errors == {}
    return dict(bag.dags)


@pytest.fixture
def once(dags: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same DAGs without second tries: a failure shows at once instead of after minutes of waiting."""
    tasks = [task for dag in dags.values() for task in dag.tasks]
    before = [task.retries for task in tasks]
    for task in tasks:
        task.retries = 0
    yield dags
    for task, retries in zip(tasks, before, strict=True):
        task.retries = retries


@pytest.fixture(scope="session", autouse=True)
def airflow(airflow_metadata: str) -> str:
    """Airflow's home, with its metadata on the embedded Postgres."""
    assert os.environ["AIRFLOW_HOME"] == airflow_metadata
    return airflow_metadata


@pytest.fixture(scope="session")
def hook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """(address, bodies) of the desk's webhook, which says yes."""
    bodies: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_values: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", bodies
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def real(embedded: Server, hook: tuple[str, list[dict[str, str]]]) -> Iterator[RealAirflow]:
    """Airflow as `wirewatch run` starts it."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            # what the tests set of Airflow is not what `wirewatch run` sets
            for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
                patch.delenv(name)
            named = {"WIREWATCH_DESK_WEBHOOK_URL": hook[0]}
            named["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = "admin:admin,vera:viewer"
            found = running.enter_context(real_airflow.running(embedded, folder, **named))
        yield found
    shutil.rmtree(folder, ignore_errors=True)
