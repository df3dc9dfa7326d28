"""Starting the embedded Postgres, and whether one that is there takes connections."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.pq import PGconn, Ping

from pipeline.database import server_folder, server_processes
from pipeline.database.accounts import Account, run_as
from pipeline.database.ports import LOOPBACK, free_port, port_is_free
from pipeline.database.server_folder import BINARIES, SUPERUSER
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings

#: Seconds that a server may be silent, neither answering nor at work, before it counts as hung.
SILENT_SECONDS = 30.0
#: Seconds that one may refuse connections while nobody replays its log. Postgres gives its processes 5 to end before.
LOST_SECONDS = 10.0
#: Seconds that one may take at most, work or not: the replay of `max_wal_size` from a slow disk.
START_SECONDS = 900.0
#: Seconds that one "shutting down" gets to end: somebody may have asked it to just now.
STOPPING_SECONDS = 10.0

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


def takes_connections(home: Path, pid: int, port: int) -> bool:
    """Whether the server that is there answers, when it has had its time; False where it hangs or ends.

    One that replays its log is waited for as long as it works, one "shutting down" for `STOPPING_SECONDS`, one that
    says nothing for `SILENT_SECONDS`, and one that refuses without replaying for `LOST_SECONDS`: where what replays is
    killed after another process was, Postgres 18 waits for it for ever.
    """
    began = quiet_since = replayed_at = time.monotonic()
    work = -1.0
    while True:
        answer = ping(port)
        if answer == Ping.OK:
            return True
        if not server_processes.lives(pid):
            return False
        now = time.monotonic()
        if answer != Ping.REJECT or server_processes.replays(pid):
            replayed_at = now
        if now - replayed_at > LOST_SECONDS:
            return False
        if (done := server_processes.work_done(pid)) != work:
            work, quiet_since = done, now
        stopping = server_processes.state(home) == "stopping"
        if stopping and now - began > STOPPING_SECONDS:
            return False
        if now - quiet_since > SILENT_SECONDS or now - began > START_SECONDS:
            return False
        time.sleep(0.05)


def ping(port: int) -> Ping:
    """Whether a server at the port takes connections, refuses them for the moment, or says nothing; needs no login."""
    where = f"host={LOOPBACK} port={port} user={SUPERUSER} dbname=postgres connect_timeout=2"
    return Ping(PGconn.ping(where.encode()))  # a plain number from the compiled part of psycopg


def boot(settings: Settings, secret: dict[str, Any], account: Account | None) -> tuple[int, dict[str, Any]]:
    """Start the server and wait until it answers; returns its pid and the secret with the port it got.

    Raises `ConfigurationError` where the port that was asked for is taken, `InfrastructureError` where the server does
    not come up.
    """
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
            server_folder.write_private(server_folder.secret_file(settings.home), secret)
        process = _launch(settings.home, port, account)
        try:
            if _answers(settings.home, process, port, str(secret["password"])):
                return process.pid, secret
        except BaseException:  # Ctrl-C while it starts: nobody holds it yet, so that nobody would stop it
            server_processes.end(settings.home, process.pid)
            raise
        # another program may have taken the port between the check and the start
    log = server_folder.log_file(settings.home)
    raise InfrastructureError(f"the embedded Postgres does not start; see {log}: {_tail(log)}")


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it is empty"


def _launch(home: Path, port: int, account: Account | None) -> subprocess.Popen[bytes]:
    data = server_folder.data(home).resolve()
    options = TUNING | {"listen_addresses": LOOPBACK, "port": str(port), "unix_socket_directories": ""}
    command = [str(BINARIES / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    file = server_folder.log_file(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as log:
        # a session of its own: Ctrl-C on the terminal must reach the one that stops the server, not the server
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=data, start_new_session=True, **run_as(account))
    server_processes.children[process.pid] = process
    return process


def _answers(home: Path, process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Whether the new server takes connections: it, and not another program at its port; it is gone where not."""
    if takes_connections(home, process.pid, port) and process.poll() is None:
        try:
            psycopg.connect(
                host=LOOPBACK, port=port, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=5
            ).close()
        except psycopg.OperationalError:
            pass
        else:
            return process.poll() is None
    if process.poll() is None:
        server_processes.end(home, process.pid)
    return False
