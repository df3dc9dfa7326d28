"""Each database test gets a database of its own, cloned from a migrated template."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from pipeline import database
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.store import models as model_store
from tests.support import deskrows, light
from tests.support.hosts import Hosts
from tests.support.receivers import Box, Hook, box, hook

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def template(embedded: Server) -> str:
    """A migrated, empty database to clone."""
    name = "template_wirewatch"
    embedded.ensure_database(name)
    database.migrate(Settings(database_url=embedded.url(name)))
    return name


@pytest.fixture
def settings(embedded: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings on a database of this test alone, with the light model."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")  # quicker where no disk is waited for
        connection.execute(made.format(*map(sql.Identifier, (name, template))))
        path = sql.SQL("ALTER DATABASE {} SET search_path = wirewatch, public, extensions")  # a clone has no settings
        connection.execute(path.format(sql.Identifier(name)))
    yield Settings(
        database_url=embedded.url(name),
        home=tmp_path_factory.mktemp("home"),
        model=light.MODEL,
        host_interval=0.0,
        alert_disk_share=1e-9,  # how full this machine is decides no test
        extract_processes=1,
    )
    database.close_idle()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def desk(settings: Settings) -> Settings:
    """A database with five embedded, on-topic articles of two developments, not clustered yet."""
    deskrows.fill(settings)
    return settings


@pytest.fixture
def newsroom(settings: Settings) -> Settings:
    """A database with a topic and a model, and no article."""
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'Summit', '{}', 'UTC')",
            (deskrows.TOPIC,),
        )
        model_store.register(connection, settings.model, "test", deskrows.DIMENSION, ["en"])
    return settings


@pytest.fixture
def webhook() -> Iterator[Hook]:
    with hook() as kept:
        yield kept


@pytest.fixture
def mailbox() -> Iterator[Box]:
    with box() as kept:
        yield kept


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Outlets on addresses of 127.0.0.0/8 that serve what a test says."""
    with Hosts() as found:
        yield found
