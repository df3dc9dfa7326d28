"""The client that all steps ask with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline import web
from pipeline.settings import Settings
from pipeline.store.hosts import SharedHosts


@contextmanager
def shared_client(settings: Settings) -> Iterator[web.Client]:
    """A client that keeps the pace and the robots.txt that all workers share through Postgres."""
    hosts = SharedHosts(settings)
    with web.Client(settings, hosts, hosts) as client:
        yield client
