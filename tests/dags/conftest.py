"""Airflow on the embedded Postgres, and a database of the project's own beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import database
from pipeline import settings as configuration
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from tests.support import light
from tests.support.project import REPOSITORY


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
