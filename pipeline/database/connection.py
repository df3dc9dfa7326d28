"""The door to Postgres: where it is, and connections to it, kept by `psycopg_pool` for the next block."""

from __future__ import annotations

import atexit
import json
import logging
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from pipeline.database import chosen, embedded, schema, server_folder
from pipeline.database.errors import translate, translate_connecting, where, wrong_in
from pipeline.database.ports import LOOPBACK
from pipeline.database.queries import Connection, run
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings

C = TypeVar("C", bound="psycopg.Connection[DictRow]")

#: Connections of one process at once; a thread that needs another waits.
_MOST = 16
#: Seconds to wait for a connection: what a thread takes to end its block.
_WAIT_SECONDS = 10.0
#: Seconds after which somebody who waits asks whether the server is there at all.
_LOOK_SECONDS = 1.0
#: Seconds to wait for a server that says itself that it is not ready yet: it replays its log after a crash.
_RECOVERY_SECONDS = 30.0
#: Seconds after which a connection that nobody needed is closed: it costs the server a process.
_IDLE_SECONDS = 30.0
#: Where a session finds names: the analysts' views first, then the working tables, then pgvector (migration 0040).
SEARCH_PATH = "-c search_path=wirewatch,public,extensions"
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
#: The server ends what a machine that is gone has left open within a minute, instead of after two hours.
_BEGINNING = " ".join(
    (f"-c timezone=UTC {SEARCH_PATH}", *(f"-c tcp_{name}={value}" for name, value in _KEEPALIVE.items()))
)
#: Milliseconds that a transaction may ask nothing: what stands still in one, such as a worker that is paused, keeps all
#: others from placing and from judging copies. No computation between two questions takes minutes.
_STILL = 900_000
_OPTIONS: dict[str, Any] = {
    "row_factory": dict_row,
    "connect_timeout": 10,
    "autocommit": True,
    "options": f"{_BEGINNING} -c idle_in_transaction_session_timeout={_STILL}",
}
#: A session that is left idle for long: kept by the server and by what stands between, and ended where one end is gone.
_SESSION: dict[str, Any] = _KEEPALIVE | {"options": f"{_BEGINNING} -c idle_session_timeout=0"}

log = logging.getLogger(__name__)
# Whoever waits for a connection is told why there is none; the pool's own lines would say it once more to the terminal.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


def database_url(settings: Settings) -> str:
    """The connection string of the project's database; starts the embedded server where none is named.

    Which database that is where the environment names none: see `database.chosen`. The log says it where another one
    could have been meant. Raises `ConfigurationError` where ``WIREWATCH_DATABASE_URL`` is no Postgres address.
    """
    if settings.database_url:
        if wrong := wrong_in(settings.database_url):
            raise ConfigurationError(wrong)
        return settings.database_url
    url = _embedded_urls.get(settings)
    return _find(settings) if url is None else url


def _find(settings: Settings) -> str:
    choice = chosen.choose(settings)
    if choice is not None and choice.url:
        log.info("database %s: %s", where(choice.url), choice.why)
        return choice.url
    server = embedded.shared(settings)
    existing = server.databases()
    choice = choice or chosen.choose_among(existing)
    others = {chosen.RECORDED_DATABASE, chosen.LIVE_DATABASE} & set(existing) - {choice.name}
    log.log(logging.DEBUG if choice.by_hand or not others else logging.INFO, "database %s: %s", choice.name, choice.why)
    server.ensure_database(choice.name)
    url = _embedded_urls[settings] = server.url(choice.name)
    return url


_embedded_urls: dict[Settings, str] = {}


@contextmanager
def connect(settings: Settings) -> Iterator[Connection]:
    """A connection with rows as dicts, committed at the end of the block and rolled back on an exception.

    A block within another of the same thread has a connection, and a transaction, of its own. An embedded server that
    was started anew since, at whatever port, is found again; one that ended is started. Raises `InfrastructureError`
    where the server cannot be reached or goes away in the middle, `ConfigurationError` where the schema is newer than
    this code, and what else stands in `database.errors.RULES`.
    """
    pool, connection = _connection(settings)
    try:
        if not connection.is_known:  # once for each connection: one that was idle for long is another one
            schema.refuse_newer(connection)
            connection.is_known = True
        with connection.transaction():
            yield connection
    except psycopg.Error as error:
        ours = translate(error, connection)
        if ours is None:
            raise
        raise ours from error
    finally:
        pool.putconn(connection)


def _connection(settings: Settings) -> tuple[Pool, _Connection]:
    try:
        return _take(settings, database_url(settings))
    except InfrastructureError:
        former = _embedded_urls.pop(settings, None)
        if former is None:
            raise
        with _lock:
            pool = _pools.pop(former, None)
        if pool is not None:
            pool.close(timeout=0)  # its thread may wait for whatever listens at the port now
    return _take(settings, database_url(settings))


def is_behind(settings: Settings) -> bool:
    """See `schema.is_behind`. Raises `ConfigurationError` where the schema is newer than this code, too."""
    connection = _open(settings, database_url(settings), _Connection)
    try:
        schema.refuse_newer(connection)
        return schema.is_behind(connection)
    finally:
        connection.close()


def migrate(settings: Settings) -> list[str]:
    """See `schema.bring_up`; on a connection of its own, with which the lock ends.

    Raises `InfrastructureError` where the server goes away in the middle; what was applied until then stays.
    """
    connection = _open(settings, database_url(settings), _Connection)
    try:
        return schema.bring_up(connection)
    except psycopg.OperationalError as error:
        raise translate(error, connection) or error from error
    finally:
        connection.close()


def is_empty(settings: Settings) -> bool:
    """Whether the database holds no table at all."""
    with connect(settings) as connection:
        return not run(connection, "schema.tables").fetchall()


def _open(settings: Settings, url: str, kind: type[C], **more: Any) -> C:
    """A new connection; a server that is not ready yet is waited for, one that is not there is said so at once."""
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        try:
            return kind.connect(url, **(_OPTIONS | more))
        except psycopg.Error as error:
            if _ping(url) != Ping.REJECT or time.monotonic() > deadline:
                raise translate_connecting(error, url, embedded=_is_embedded(settings, url)) from error
        time.sleep(0.1)


def _ping(url: str) -> int:
    """Whether a server at the address takes connections, refuses them for the moment, or says nothing."""
    try:
        return PGconn.ping(make_conninfo(url, connect_timeout=3).encode())
    except psycopg.Error:  # the address is none
        return Ping.NO_ATTEMPT


def _is_embedded(settings: Settings, url: str) -> bool:
    """Whether the address is that of this home's embedded server, whoever named it."""
    try:
        kept = json.loads(server_folder.secret_file(settings.home).read_text())
        parts = urlsplit(url)
        return (parts.hostname, parts.port) == (LOOPBACK, kept["port"])
    except (OSError, ValueError, KeyError):
        return False


def open_session(settings: Settings, name: str) -> Connection:
    """A connection outside the pool, for what Postgres ties to a session; whoever opens it closes it.

    `name` stands in pg_stat_activity. The server may leave it idle for ever, and notices within a minute where the
    machine at its other end is gone. Raises `InfrastructureError` where the server cannot be reached,
    `ConfigurationError` where the schema is newer than this code.
    """
    connection = _open(settings, database_url(settings), psycopg.Connection[DictRow], **_SESSION, application_name=name)
    try:
        schema.refuse_newer(connection)
    except BaseException:
        connection.close()
        raise
    return connection


# --- the pools, one per address ---------------------------------------------------------------------------


class _Connection(psycopg.Connection[DictRow]):
    """A connection of a pool, whose first one is that with which the address was tried.

    `is_known` says that its database was found to be no newer than this code.
    """

    is_known = False

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        return cast(Self | None, _tried.pop(conninfo, None)) or super().connect(conninfo, **options)


Pool = ConnectionPool[_Connection]
_pools: dict[str, Pool] = {}
_tried: dict[str, _Connection] = {}
_lock = threading.Lock()
_of_the_parent: list[dict[str, Pool]] = []


def _pool(settings: Settings, url: str) -> Pool:
    with _lock:
        pool = _pools.get(url)
        if pool is None:
            # A pool asks again and again in a thread of its own and says nothing; an address that is wrong from the
            # beginning is to be known at once, and why.
            _tried[url] = _open(settings, url, _Connection)
            pool = _pools[url] = _new_pool(url)
        return pool


def _new_pool(url: str) -> Pool:
    pool: Pool = ConnectionPool(
        url,
        connection_class=_Connection,
        kwargs=_OPTIONS,
        min_size=0,
        max_size=_MOST,
        open=True,
        check=lambda connection: _check(pool, connection),
        timeout=_WAIT_SECONDS,
        max_idle=_IDLE_SECONDS,
        reconnect_timeout=_WAIT_SECONDS,
        num_workers=1,
    )
    if not _pools:
        atexit.register(close_idle)  # now and not earlier: before an embedded server, held until then, is let go
    return pool


def _check(pool: Pool, connection: _Connection) -> None:
    """Raise where the server has ended the connection: then there is something to read. Asking it costs a round trip.

    What ended one has mostly ended all, and the pool would try them one after another with growing pauses.
    """
    readable = select.poll()
    try:
        readable.register(connection.fileno(), select.POLLIN)
        if readable.poll(0):
            pool.check_connection(connection)
    except psycopg.Error:
        pool.drain()
        raise


def _take(settings: Settings, url: str) -> tuple[Pool, _Connection]:
    """A connection of the address's pool, when one is free."""
    pool = _pool(settings, url)
    began = time.monotonic()
    patience = _WAIT_SECONDS
    while True:
        try:
            return pool, pool.getconn(timeout=min(_LOOK_SECONDS, patience))
        except PoolTimeout as error:
            if settings in _embedded_urls and not embedded.shared_is_running(settings):
                raise InfrastructureError("the embedded Postgres ended; run it again") from error
            answer = _ping(url)
            if answer == Ping.REJECT:
                patience = _RECOVERY_SECONDS
            elif answer != Ping.OK:
                _open(settings, url, _Connection).close()  # says why
            if time.monotonic() - began < patience:
                continue
            raise InfrastructureError(
                f"no connection to Postgres came free within {patience:.0f} s, with {_MOST} in use here"
            ) from error


def close_idle() -> None:
    """Close this process's connections, those in use as soon as they are given back; the next block opens anew."""
    with _lock:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.close()


def _forget() -> None:
    """In a forked child: leave the parent's connections as they are, without goodbye, and begin with none.

    They are kept: their collection would wait for threads that were not forked.
    """
    global _lock
    _lock = threading.Lock()
    _of_the_parent.append(_pools.copy())
    _pools.clear()
    _tried.clear()


os.register_at_fork(after_in_child=_forget)
