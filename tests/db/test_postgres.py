"""The embedded server: who may start it, what it survives, and that it leaves nothing behind."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from pipeline.database import embedded, server_boot, server_processes
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.local import restarts
from pipeline.local.postgres import KeptServer
from pipeline.settings import Settings


@pytest.fixture
def settings(short_folder: Path) -> Iterator[Settings]:
    """A home at a path with a space in it; whatever still runs there afterwards is a failure."""
    home = short_folder / "with a space"
    yield Settings(home=home)
    left = [p for p in psutil.process_iter(["cmdline"]) if any(str(home) in word for word in p.info["cmdline"] or ())]
    assert left == []


def answer(server: embedded.Server) -> int:
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute("SELECT 42").fetchone()
    assert row is not None
    return int(row[0])


def test_starts_answers_and_stops(settings: Settings) -> None:
    with embedded.running(settings) as server:
        assert server.started_by_us
        assert answer(server) == 42
        pid = server.pid
    assert not psutil.pid_exists(pid)


def test_the_second_start_keeps_port_password_and_data(settings: Settings) -> None:
    with embedded.running(settings) as server:
        assert server.ensure_database("kept")
        first = server.url("kept")
    with embedded.running(settings) as server:
        assert server.url("kept") == first
        assert not server.ensure_database("kept")


def test_the_password_is_needed_and_private(settings: Settings) -> None:
    with embedded.running(settings) as server:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(dataclasses.replace(server, password="wrong").url("postgres"))
        with pytest.raises(psycopg.OperationalError, match="no password"):
            psycopg.connect(dataclasses.replace(server, password="").url("postgres"))
    assert (settings.home / "postgres.json").stat().st_mode & 0o077 == 0


def test_pgvector_is_there(settings: Settings) -> None:
    with embedded.running(settings) as server, psycopg.connect(server.url("postgres")) as connection:
        connection.execute("CREATE EXTENSION vector")
        row = connection.execute("SELECT '[1,0]'::vector <-> '[0,0]'::vector").fetchone()
    assert row == (1.0,)


def test_the_last_user_stops_it(settings: Settings) -> None:
    with embedded.running(settings) as first:
        with embedded.running(settings) as second:
            assert second.pid == first.pid
            assert not second.started_by_us
        assert answer(first) == 42


def test_a_process_that_only_asks_for_the_address_leaves_nothing_running(settings: Settings) -> None:
    script = (
        "import sys; from pathlib import Path; from pipeline.settings import Settings\n"
        "from pipeline import database as db\n"
        "settings = Settings(home=Path(sys.argv[1])); assert db.database_url(settings) == db.database_url(settings)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script, str(settings.home)], check=True)


def test_processes_that_start_at_once_share_one_server(settings: Settings) -> None:
    script = (
        "import sys; from pathlib import Path; from pipeline.settings import Settings\n"
        "from pipeline.database import embedded\n"
        "with embedded.running(Settings(home=Path(sys.argv[1]))) as server:\n"
        "    server.ensure_database('shared'); print(server.pid, flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(settings.home)]
    processes = [subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) for _ in range(3)]
    pids = {process.stdout.readline() for process in processes if process.stdout}
    errors = [process.communicate()[1] for process in processes]
    assert len(pids) == 1, errors
    assert [process.returncode for process in processes] == [0, 0, 0], errors


def test_recovers_after_a_kill(settings: Settings) -> None:
    server = embedded.start(settings)
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(server.pid, signal.SIGKILL)
    while psutil.Process(server.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    server.stop()
    assert not psutil.pid_exists(server.pid), "its exit status was collected"
    with embedded.running(settings) as again, psycopg.connect(again.url("postgres")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_stop_right_after_one_of_its_processes_was_killed(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres 18 stays "shutting down" for ever where it is asked to stop while it starts its processes anew."""
    monkeypatch.setattr(server_processes, "STUCK_SECONDS", 0.5)
    chance = random.Random(8)
    for turn in range(4):
        server = embedded.start(settings)
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [turn])
            connection.commit()
            os.kill(connection.info.backend_pid, signal.SIGKILL)
        time.sleep(chance.uniform(0.0, 0.05))
        began = time.monotonic()
        assert server.stop()
        assert time.monotonic() - began < 15
        assert server_processes.of_home(settings.home) == []
    assert "its next start replays its log" in caplog.text, "no turn met the moment"
    with embedded.running(settings) as again, psycopg.connect(again.url("postgres")) as connection:
        assert connection.execute("SELECT array_agg(n ORDER BY n) FROM kept").fetchone() == ([*range(4)],)


def test_a_server_that_hangs_is_ended_and_started_anew(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_boot, "SILENT_SECONDS", 1.0)
    monkeypatch.setattr(server_processes, "STUCK_SECONDS", 0.3)
    server = embedded.start(settings)
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(server.pid, signal.SIGSTOP)
    with embedded.running(settings) as again:
        assert again.pid != server.pid
        with psycopg.connect(again.url("postgres")) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        server.stop()
    assert "does not answer; it is ended and started anew" in caplog.text


def test_one_that_falls_silent_while_it_is_used_is_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(server_processes, "STUCK_SECONDS", 0.3)
    server = embedded.start(settings)
    os.kill(server.pid, signal.SIGSTOP)
    for ask in (server.databases, lambda: server.ensure_database("more")):
        with pytest.raises(InfrastructureError, match=r"timeout expired.*run it again"):
            ask()
    server.stop()


def test_a_server_whose_replay_was_killed_is_ended_and_started_anew(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres 18 refuses connections for ever where its startup process is killed after another process was."""
    monkeypatch.setattr(server_boot, "LOST_SECONDS", 0.5)
    monkeypatch.setattr(server_processes, "STUCK_SECONDS", 0.3)
    server = embedded.start(settings)
    for turn in range(20):
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS n")
            connection.commit()
            before = {process.pid for process in psutil.Process(server.pid).children()}
            os.kill(connection.info.backend_pid, signal.SIGKILL)
        if _kill_the_replay(server.pid, before):
            break
        assert turn < 19, "no turn met the moment"
    with embedded.running(settings) as again:
        assert again.pid != server.pid
        with psycopg.connect(again.url("postgres")) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        server.stop()
    assert "does not answer; it is ended and started anew" in caplog.text


def _kill_the_replay(pid: int, before: set[int]) -> bool:
    """Kill the startup process of a server that begins anew; False where it takes connections before one was seen.

    Those of `before` are of the run that ends: its launcher is there for a moment yet.
    """
    seen = False
    while not seen:
        for process in psutil.Process(pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess, IndexError):
                if process.pid in before:
                    continue
                if process.cmdline()[0].startswith("postgres: startup"):
                    process.kill()
                    seen = True
                elif process.cmdline()[0].startswith("postgres: autovacuum launcher"):
                    return False
    return True


def test_one_that_hangs_in_its_shutdown_does_not_hold_up_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_boot, "STOPPING_SECONDS", 0.5)
    monkeypatch.setattr(server_processes, "STUCK_SECONDS", 0.3)
    server = embedded.start(settings)
    checkpointer = next(p for p in psutil.Process(server.pid).children() if "checkpointer" in p.cmdline()[0])
    checkpointer.suspend()
    os.kill(server.pid, signal.SIGINT)
    while server_processes.state(settings.home) != "stopping":
        time.sleep(0.01)
    with embedded.running(settings) as again:
        assert answer(again) == 42
        server.stop()


def test_what_a_killed_server_left_at_work_is_ended_before_the_next(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    server = embedded.start(settings)
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    busy = psycopg.connect(server.url("postgres"), autocommit=True)
    left = psutil.Process(busy.info.backend_pid)
    loop = "DO $$ DECLARE n bigint := 0; BEGIN WHILE true LOOP n := n + 1; END LOOP; END $$"
    busy.pgconn.send_query(loop.encode())
    os.kill(server.pid, signal.SIGKILL)
    with embedded.running(settings) as again, psycopg.connect(again.url("postgres")) as connection:
        assert not server_processes.lives(left.pid)
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        server.stop()
    busy.close()
    assert "that was killed were still there and were ended" in caplog.text


def test_the_last_to_leave_ends_what_a_killed_server_left(settings: Settings) -> None:
    server = embedded.start(settings)
    busy = psycopg.connect(server.url("postgres"), autocommit=True)
    loop = "DO $$ DECLARE n bigint := 0; BEGIN WHILE true LOOP n := n + 1; END LOOP; END $$"
    busy.pgconn.send_query(loop.encode())
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    busy.close()
    assert server_processes.of_home(settings.home) == []


def test_a_run_starts_its_server_again_at_the_same_port(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "FIRST_WAIT_SECONDS", 0.2)
    said: list[str] = []
    kept = KeptServer(settings, said.append)
    with psycopg.connect(kept.server.url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    first = kept.server
    kept.check()
    assert said == []
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while kept.server is first:
        kept.check()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert kept.server.url("postgres") == first.url("postgres")
    with psycopg.connect(kept.server.url("postgres")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    assert said == [
        "Postgres ended; it is started again in 0 s",
        "Postgres is back; nothing that was committed is lost",
    ]
    kept.stop()


def test_a_pid_file_that_names_another_program_is_stale(settings: Settings) -> None:
    with embedded.running(settings):
        text = (settings.home / "postgres/data/postmaster.pid").read_text()
    (settings.home / "postgres/data/postmaster.pid").write_text(text.replace(text.split("\n")[0], str(os.getpid()), 1))
    with embedded.running(settings) as server:
        assert answer(server) == 42


def test_a_taken_port_is_changed_unless_it_was_asked_for(settings: Settings) -> None:
    with embedded.running(settings) as server:
        port = server.port
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(ConfigurationError, match="WIREWATCH_POSTGRES_PORT"):
            embedded.start(dataclasses.replace(settings, postgres_port=port))
        with embedded.running(settings) as server:
            assert server.port != port
            assert answer(server) == 42


def test_a_path_longer_than_a_socket_name_may_be(settings: Settings) -> None:
    deep = dataclasses.replace(settings, home=settings.home / ("d" * 90) / ("e" * 90))
    with embedded.running(deep) as server:
        assert answer(server) == 42


def test_a_folder_of_another_version_is_refused(settings: Settings) -> None:
    data = settings.home / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigurationError, match="Postgres 16"):
        embedded.start(settings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can step down to another account")
def test_root_runs_it_as_another_account_and_opens_no_folder_for_reading(settings: Settings) -> None:
    settings.home.parent.chmod(0o700)
    with embedded.running(settings) as server:
        assert psutil.Process(server.pid).uids().real != 0
    assert settings.home.parent.stat().st_mode & 0o777 == 0o701
    assert settings.home.stat().st_mode & 0o777 == 0o701
