"""Locks that end with whoever holds them: advisory locks of Postgres, each on a connection of its own.

A session-level advisory lock (Postgres manual, 13.3.5) is gone in the moment in which its connection is: where the
process ends or is killed, where its backend is, and where the server is started again. So a holder needs no heartbeat,
and what it left behind is free at once. A process that only stands still keeps its lock.

The connection is not one of the pool, and must reach Postgres itself: a pooler between that hands out a server's
session per transaction (pgbouncer's transaction mode) would keep the lock with the wrong one.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import secrets
import select
import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psycopg

from pipeline.database.connection import open_session
from pipeline.database.queries import Connection, queries, run
from pipeline.database.rows import fetch_one, fetch_value
from pipeline.errors import InfrastructureError
from pipeline.settings import Settings

log = logging.getLogger(__name__)

_RELEASE_SECONDS = 2
_HOST_LETTERS = 24  # of a name in pg_stat_activity, which has 63 bytes in all


class HeldElsewhereError(InfrastructureError):
    """What only one may do at a time is under way elsewhere; the message says by whom and since when."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: `who` is ``wirewatch 4711@desk-1: what``, `since` when its connection was opened."""

    who: str
    since: datetime


class Lock:
    """A lock that this process holds until `close`; use it in a `with`."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        _open_locks.add(self)

    @property
    def held(self) -> bool:
        """Whether the connection still stands. Asks the server only where it has said something."""
        readable = select.poll()
        try:
            readable.register(self._connection.fileno(), select.POLLIN)
            if readable.poll(0):
                run(self._connection, "locks.ping")
        except psycopg.Error:
            return False
        return not self._connection.closed

    def demand(self) -> None:
        """Raise `InfrastructureError` where the lock was lost: then another may hold it."""
        if not self.held:
            raise InfrastructureError(f"{self._name}: Postgres ended the connection that held its lock; run it again")

    def close(self) -> None:
        """Let go, so that the next one finds it free; safe to call twice.

        A server that is stuck is waited for a few seconds only: it lets go when it reads that the connection is closed.
        """
        _open_locks.discard(self)
        with contextlib.suppress(psycopg.Error):
            server = self._connection.pgconn
            server.send_query(queries("locks")["release"].encode())
            server.flush()
            answered = select.poll()
            answered.register(server.socket, select.POLLIN)
            answered.poll(_RELEASE_SECONDS * 1000)
        self._connection.close()

    def leave_to_the_parent(self) -> None:
        """In a forked child: close the copy of the socket, or the lock would outlive the process that holds it."""
        os.close(self._connection.fileno())
        _of_the_parent.append(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


_open_locks: weakref.WeakSet[Lock] = weakref.WeakSet()
_of_the_parent: list[Lock] = []


def acquire(settings: Settings, key: int, name: str) -> Lock | Holder | None:
    """The lock of a key (64 bits, signed) where it is free, else who holds it; None where that one let go meanwhile.

    `name` says in pg_stat_activity what the lock is for.
    """
    connection = open_session(settings, f"wirewatch {os.getpid()}@{socket.gethostname()[:_HOST_LETTERS]}: {name}")
    if fetch_value(connection, "locks.try", key=key):
        return Lock(connection, name)
    with connection:
        return fetch_one(connection, Holder, "locks.holder", key=key)


@contextmanager
def exclusive(settings: Settings, name: str) -> Iterator[Lock]:
    """Be the only one in this database that does what `name` says, without waiting for it.

    Raises `HeldElsewhereError` where another does it already.
    """
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    found = acquire(settings, key, name)
    if not isinstance(found, Lock):
        by = f" by {found.who}, since {found.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if found else ""
        raise HeldElsewhereError(f"{name} is under way already{by}; run it again when that has ended")
    with found:
        yield found


class Owner:
    """Whoever claims rows: an id that counts as alive while its lock is held; use it in a `with`.

    Rows carry the id beside the time at which their lease runs out. Those of an id that nobody holds are free.
    Threads may share one.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._guard = threading.Lock()
        self._id, self._lock = self._begin()

    @property
    def id(self) -> int:
        """The id to claim under (1 to 2**63 - 1): a new one where the lock of the former was lost."""
        with self._guard:
            if not self._lock.held:
                log.warning("%s: Postgres ended the connection that held its leases; others may take them", self._name)
                self._lock.close()
                self._id, self._lock = self._begin()
            return self._id

    def _begin(self) -> tuple[int, Lock]:
        while True:
            chosen = secrets.randbelow(2**63 - 1) + 1
            found = acquire(self._settings, chosen, self._name)
            if isinstance(found, Lock):
                return chosen, found

    def close(self) -> None:
        """Let go of all leases at once; safe to call twice."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _leave_to_the_parent() -> None:
    for lock in list(_open_locks):
        lock.leave_to_the_parent()
    _open_locks.clear()


os.register_at_fork(after_in_child=_leave_to_the_parent)
