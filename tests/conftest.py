"""Fixtures that any test may ask for."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import postgres
from pipeline.settings import REPOSITORY, Settings

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
}


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder outside pytest's own, which only its owner may enter (the embedded server may be another)."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def embedded() -> Iterator[postgres.Server]:
    """An embedded Postgres for the whole session; make databases of your own in it."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-"))
    with postgres.running(Settings(home=folder / "home")) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def airflow_metadata(embedded: postgres.Server) -> Iterator[str]:
    """Airflow's home; its metadata database is on the embedded Postgres, migrated."""
    embedded.ensure_database("airflow")
    url = embedded.url("airflow")
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = url.replace("postgresql:", "postgresql+psycopg2:", 1)
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] = url.replace("postgresql:", "postgresql+asyncpg:", 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own
        from airflow import settings
        from airflow.utils import db

        settings.configure_vars()
        settings.configure_orm()
        db.initdb()
    yield AIRFLOW_HOME
    settings.dispose_orm()
