"""Airflow as `wirewatch run` sets it up: options that exist, secrets made once and kept private."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from pipeline.database.embedded import Server
from pipeline.database.remote import RemoteServer
from pipeline.local import airflow_service
from pipeline.settings import Settings


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """An address alone; nothing here talks to it."""
    monkeypatch.setattr(Server, "ensure_database", lambda self, name: True)
    return Server(tmp_path, 5433, "p@ss", 1, False, io.StringIO())


def prepare(tmp_path: Path, server: Server, live: bool = False) -> airflow_service.Service:
    return airflow_service.prepare(Settings(home=tmp_path / "a home"), server, live=live, extra={"WIREWATCH_X": "1"})


@pytest.mark.filterwarnings("ignore")
def test_airflow_knows_each_option(tmp_path: Path, server: Server) -> None:
    from airflow.configuration import conf

    known = conf.configuration_description
    for name in prepare(tmp_path, server).environment:
        if name.startswith("AIRFLOW__"):
            _, section, option = name.lower().split("__")
            assert option in known[section]["options"], name


def test_a_second_start_keeps_the_secrets(tmp_path: Path, server: Server) -> None:
    first, second = prepare(tmp_path, server), prepare(tmp_path, server)
    assert first.password == second.password
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"):
        assert first.environment[name] == second.environment[name]


def test_secrets_are_for_their_owner_alone(tmp_path: Path, server: Server) -> None:
    home = prepare(tmp_path, server).home
    for name in ("secrets.json", "passwords.json", "password"):
        assert (home / name).stat().st_mode & 0o077 == 0
    assert (home / "password").read_text() == prepare(tmp_path, server).password + "\n"
    assert set(json.loads((home / "passwords.json").read_text())) == {airflow_service.USER}


def test_what_the_user_set_of_airflow_wins(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "8")
    monkeypatch.setenv("WIREWATCH_X", "2")
    environment = prepare(tmp_path, server).environment
    assert environment["AIRFLOW__CORE__PARALLELISM"] == "8"
    assert environment["WIREWATCH_X"] == "1", "what the run decided for its tasks is not the user's"


def test_live_and_recorded_share_nothing(tmp_path: Path, server: Server) -> None:
    recorded, live = prepare(tmp_path, server), prepare(tmp_path, server, live=True)
    assert recorded.home != live.home
    assert recorded.database != live.database
    assert live.database.endswith("/airflow_live")


@pytest.mark.parametrize(
    ("address", "database", "asynchronous"),
    [
        ("postgres://u:p%40@db.example:6000/news", "postgresql://u:p%40@db.example:6000/news_airflow",
         "postgresql+asyncpg://u:p%40@db.example:6000/news_airflow"),
        ("postgresql://u@db.example/news?sslmode=require&application_name=x",
         "postgresql://u@db.example/news_airflow?sslmode=require&application_name=x",
         "postgresql+asyncpg://u@db.example/news_airflow?ssl=require"),
        ("postgresql://u@/?host=/run/pg", "postgresql://u@/u_airflow?host=/run/pg",
         "postgresql+asyncpg://u@/u_airflow?host=%2Frun%2Fpg"),
    ],
)  # fmt: skip
def test_a_server_of_ones_own_holds_airflows_tables_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, database: str, asynchronous: str
) -> None:
    monkeypatch.setattr(RemoteServer, "ensure_database", lambda self, name: True)
    for name in [name for name in os.environ if name.startswith("AIRFLOW__DATABASE__")]:
        monkeypatch.delenv(name)  # another test's Airflow
    service = airflow_service.prepare(Settings(home=tmp_path), RemoteServer(address), live=False, extra={})
    assert service.database == database
    assert service.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] == asynchronous
    assert service.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql+psycopg2://u")
