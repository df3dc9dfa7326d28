"""A server of one's own, for which the embedded one stands in."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pipeline.database.embedded import Server
from pipeline.database.ports import free_port
from pipeline.database.remote import RemoteServer
from pipeline.errors import ConfigurationError, InfrastructureError


@pytest.fixture
def address(embedded: Server) -> Iterator[str]:
    """The address of a database `news`; what was made beside it is dropped."""
    embedded.ensure_database("news")
    yield embedded.url("news")
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS news_airflow")
        connection.execute("DROP DATABASE news")


def test_a_database_beside_is_made_once(address: str) -> None:
    server = RemoteServer(address)
    assert server.ensure_database("news_airflow")
    assert not server.ensure_database("news_airflow")
    with psycopg.connect(server.url("news_airflow")) as connection:
        assert connection.info.dbname == "news_airflow"


def test_the_database_of_the_address_is_made_where_it_is_missing(address: str) -> None:
    assert not RemoteServer(address).ensure_itself()
    other = RemoteServer(RemoteServer(address).url("news_airflow"))
    assert other.ensure_itself()
    assert not other.ensure_itself()


def test_an_account_without_the_right_is_told_what_to_ask_for(address: str, embedded: Server) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'r'")
    try:
        plain = address.replace(address.split("//")[1].split("@")[0], "reader:r")
        with pytest.raises(ConfigurationError, match="CREATE DATABASE news_airflow"):
            RemoteServer(plain).ensure_database("news_airflow")
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP ROLE reader")


def test_a_server_that_is_away_is_one_line() -> None:
    with pytest.raises(InfrastructureError, match="check WIREWATCH_DATABASE_URL") as caught:
        RemoteServer(f"postgresql://u@127.0.0.1:{free_port()}/news").ensure_database("news_airflow")
    assert "\n" not in str(caught.value)
