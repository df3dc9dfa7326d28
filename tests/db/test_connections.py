"""Connections are kept for the next block, found dead before they are used, and never shared over a fork."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from pipeline import database
from pipeline.database import connection as connection_module
from pipeline.database.embedded import Server, running
from pipeline.database.errors import _rule, is_the_worlds
from pipeline.database.server_processes import of_home, running_pid
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings


def backend(settings: Settings) -> int:
    """The server's process behind the connection of a block."""
    with database.connect(settings) as connection:
        return connection.info.backend_pid


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pools of two connections and half a second of patience."""
    database.close_idle()
    monkeypatch.setattr(connection_module, "_MOST", 2)
    monkeypatch.setattr(connection_module, "_WAIT_SECONDS", 0.5)
    yield
    database.close_idle()


def test_blocks_in_a_row_use_one_connection_whichever_thread_they_are_in(settings: Settings) -> None:
    with ThreadPoolExecutor(1) as other:
        found = {backend(settings), other.submit(backend, settings).result(), backend(settings)}
    assert len(found) == 1


def test_a_block_within_another_has_a_transaction_of_its_own(settings: Settings) -> None:
    with database.connect(settings) as outer:
        with pytest.raises(LookupError), database.connect(settings) as inner:
            assert inner.info.backend_pid != outer.info.backend_pid
            inner.execute("CREATE TABLE undone (id int)")
            raise LookupError
        outer.execute("CREATE TABLE kept (id int)")
    with database.connect(settings) as connection:
        row = connection.execute("SELECT to_regclass('undone') AS undone, to_regclass('kept') AS kept").fetchone()
    assert row == {"undone": None, "kept": "kept"}


def test_the_server_ends_a_transaction_that_stands_still_and_what_a_lost_machine_left_open(settings: Settings) -> None:
    wanted = {"idle_in_transaction_session_timeout": "15min", "tcp_keepalives_idle": "30", "tcp_keepalives_count": "3"}
    with database.connect(settings) as connection:
        for name, value in wanted.items():
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            assert row == {name: value}


def test_connections_that_the_server_ended_are_found_before_they_are_used(settings: Settings) -> None:
    with ExitStack() as stack:
        mine = [stack.enter_context(database.connect(settings)).info.backend_pid for _ in range(5)]
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        for pid in mine:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    began = time.monotonic()
    assert backend(settings) not in mine
    assert time.monotonic() - began < 3.0, "the dead ones were tried one after another"


def test_a_connection_lost_within_a_block_is_said_so_and_not_kept(settings: Settings) -> None:
    with (
        pytest.raises(InfrastructureError, match="Postgres went away"),
        database.connect(settings) as connection,
        psycopg.connect(settings.database_url, autocommit=True) as other,
    ):
        lost = connection.info.backend_pid
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (lost,))
        connection.execute("SELECT 1")
    assert backend(settings) != lost


def test_a_server_started_again_under_a_pool(short_folder: Path, few: None) -> None:
    home = Settings(home=short_folder / "home")
    with running(home) as server:
        server.ensure_database("again")
        settings = Settings(database_url=server.url("again"))
        first = backend(settings)
    with pytest.raises(InfrastructureError, match=r"/again cannot be reached .*; check WIREWATCH_DATABASE_URL$"):
        backend(settings)
    with running(home) as server:
        assert server.url("again") == settings.database_url
        assert backend(settings) != first


def test_a_server_that_replays_its_log_is_waited_for(short_folder: Path) -> None:
    """A process of the server that is killed ends them all; the block says so, and the next one waits and goes on."""
    home = Settings(home=short_folder / "home")
    with running(home) as server:
        server.ensure_database("again")
        settings = Settings(database_url=server.url("again"), home=home.home)
        backend(settings)
        with (
            pytest.raises(InfrastructureError, match=r"Postgres went away.*run it again when it is back"),
            database.connect(settings) as hit,
            database.connect(settings) as victim,
        ):
            os.kill(victim.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                victim.execute("SELECT 1")
            while True:
                hit.execute("SELECT 1")
        assert backend(settings)
    database.close_idle()


def test_a_server_that_is_gone_is_said_at_once(short_folder: Path) -> None:
    home = Settings(home=short_folder / "home")
    with running(home) as server:
        server.ensure_database("gone")
        settings = Settings(database_url=server.url("gone"), home=home.home)
        backend(settings)
    began = time.monotonic()
    with pytest.raises(InfrastructureError, match=r"the embedded Postgres at .*/gone cannot be reached.*wirewatch run"):
        backend(settings)
    assert time.monotonic() - began < 5
    database.close_idle()


def test_a_process_finds_a_server_that_was_started_anew_at_another_port(short_folder: Path) -> None:
    settings = Settings(home=short_folder / "home")
    script = (
        "import sys; from pathlib import Path; from pipeline import database; from pipeline.settings import Settings\n"
        "settings = Settings(home=Path(sys.argv[1]))\n"
        "for _ in range(3):\n"
        "    with database.connect(settings) as connection: port = connection.info.port\n"
        "    print(port, flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    command = [sys.executable, "-W", "error", "-c", script, str(settings.home)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdin and other.stdout
        before = int(other.stdout.readline())
        pid = running_pid(settings.home)
        assert pid
        with socket.socket() as taken:
            os.kill(pid, signal.SIGKILL)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            while True:
                try:
                    taken.bind(("127.0.0.1", before))
                    taken.listen()
                    break
                except OSError:
                    time.sleep(0.02)
            with running(settings) as server:
                assert server.port != before
                other.stdin.write("\n")
                other.stdin.flush()
                assert int(other.stdout.readline()) == server.port
            pid = running_pid(settings.home)
            assert pid, "the other process holds it"
            os.kill(pid, signal.SIGKILL)
            # A connection whose own process has not seen it yet would pass for a live one and be lost in the block.
            while of_home(settings.home):
                time.sleep(0.02)
            other.stdin.write("\n")
            other.stdin.flush()
            assert int(other.stdout.readline()) > 0, "started by the one who needs it"
        other.communicate("\n")
    assert other.returncode == 0
    assert running_pid(settings.home) is None


def test_a_wait_that_is_too_long_says_what_was_waited_for(settings: Settings, few: None) -> None:
    late = pytest.raises(InfrastructureError, match="no connection to Postgres came free")
    with database.connect(settings), database.connect(settings), late:
        backend(settings)
    assert backend(settings)


def test_more_threads_than_connections_take_turns(settings: Settings, few: None) -> None:
    started = threading.Barrier(8)

    def work(_: int) -> int:
        started.wait()
        return len({backend(settings) for _ in range(20)})

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(work, range(8))) <= 2


FORK = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pipeline import database
from pipeline.settings import Settings

settings = Settings(database_url=sys.argv[1])

def backend():
    with database.connect(settings) as connection:
        return connection.info.backend_pid

mine = backend()
going_on, held = threading.Event(), threading.Event()

def hold():  # a thread in the middle of a transaction, which the child does not have
    with database.connect(settings) as connection:
        connection.execute("CREATE TABLE of_the_parent (id int)")
        held.set()
        going_on.wait()
        connection.execute("SELECT * FROM of_the_parent")

with ThreadPoolExecutor(1) as threads:
    holding = threads.submit(hold)
    held.wait()
    last = backend()
    child = os.fork()
    if not child:
        assert backend() not in (mine, last)
        sys.exit(0)  # not os._exit: what runs at exit must leave the parent's connections alone as well
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert backend() == last
    going_on.set()
    holding.result()
"""


def test_a_forked_child_opens_its_own_and_leaves_its_parents_alone(settings: Settings) -> None:
    command = [sys.executable, "-W", "error", "-W", "ignore:.*fork:DeprecationWarning", "-c", FORK]
    done = subprocess.run([*command, settings.database_url], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_ends_leaves_no_connection_and_no_word(settings: Settings) -> None:
    script = FORK[: FORK.index("going_on")]
    command = [sys.executable, "-W", "error", "-c", script + "print(mine)", settings.database_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    with database.connect(settings) as connection:
        query = "SELECT count(*) AS n FROM pg_stat_activity WHERE pid = %s"
        deadline = time.monotonic() + 5
        while connection.execute(query, (int(done.stdout),)).fetchone() != {"n": 0}:
            assert time.monotonic() < deadline


# --- what Postgres raises, in our words -------------------------------------------------------------------

SAID = {
    "40P01": "waited for each other",
    "40001": "another transaction was faster",
    "55P03": "holds the rows",
    "57014": "broke a statement off",
    "25P03": "took too long",
    "53100": "disk of Postgres is full",
    "53200": "out of memory",
    "53300": "takes no more connections",
    "25006": "only reads",
    "57P01": "Postgres went away",
    "57P02": "Postgres went away: it lost a process",
    "57P03": "Postgres went away: it is starting or stopping",
    "57P04": "Postgres went away: the database was dropped",
    "08006": "Postgres went away; run it again",
    "40003": "run it again",
    "53400": "met a limit",
    "55006": "in the way; run it again",
    "58030": "cannot read or write its own files",
}


@pytest.mark.parametrize("state", SAID)
def test_a_fault_of_the_world_is_called_what_it_is(settings: Settings, state: str) -> None:
    with pytest.raises(InfrastructureError, match=f"{SAID[state]}.*what Postgres said") as caught:
        _raise(settings, state)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value.__cause__, psycopg.Error) and is_the_worlds(caught.value.__cause__)


def test_an_account_that_may_not_is_a_matter_of_configuration(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="account may not"):
        _raise(settings, "42501")


@pytest.mark.parametrize(
    ("state", "error", "worlds"),
    [
        ("54000", psycopg.errors.ProgramLimitExceeded, False),
        ("22021", psycopg.errors.CharacterNotInRepertoire, False),
        ("55000", psycopg.errors.ObjectNotInPrerequisiteState, False),
        ("40002", psycopg.errors.TransactionIntegrityConstraintViolation, False),
        ("3B001", psycopg.errors.InvalidSavepointSpecification, False),
        ("23505", psycopg.errors.UniqueViolation, False),
        ("42P01", psycopg.errors.UndefinedTable, True),
    ],
)
def test_a_fault_of_the_contents_or_of_ours_is_left_as_it_is(
    settings: Settings, state: str, error: type[Exception], worlds: bool
) -> None:
    with pytest.raises(error) as caught:
        _raise(settings, state)
    assert is_the_worlds(caught.value) is worlds


def test_each_error_that_psycopg_calls_operational_has_a_line_of_its_own() -> None:
    """Only a lost connection, and what the server says when it goes, may be called so."""
    away = []
    for name in dir(psycopg.errors):
        kind = getattr(psycopg.errors, name)
        if isinstance(kind, type) and issubclass(kind, psycopg.OperationalError) and (state := kind.sqlstate):
            rule = _rule(kind("x"))
            if rule and "went away" in rule.says:
                away.append(state[:2])
    assert set(away) == {"08", "57"}
    rule = _rule(psycopg.OperationalError("server closed the connection"))
    assert rule and "went away" in rule.says


def test_two_transactions_that_wait_for_each_other(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute("CREATE TABLE two (id int PRIMARY KEY); INSERT INTO two VALUES (1), (2)")
    both = threading.Barrier(2)

    def lock(first: int) -> str:
        try:
            with database.connect(settings) as connection:
                connection.execute("SET LOCAL deadlock_timeout = '20ms'")
                for row in (first, 3 - first):
                    connection.execute("SELECT * FROM two WHERE id = %s FOR UPDATE", [row])
                    if row == first:
                        both.wait(10)
        except InfrastructureError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as threads:
        said = sorted(threads.map(lock, (1, 2)))
    assert said[0] == "" and "waited for each other; run it again" in said[1]


def test_a_transaction_that_another_overtook_and_one_that_does_not_wait(settings: Settings) -> None:
    with database.connect(settings) as connection:
        connection.execute("CREATE TABLE one (id int PRIMARY KEY, n int); INSERT INTO one VALUES (1, 0)")
    with pytest.raises(InfrastructureError, match="another transaction was faster; run it again"):  # noqa: SIM117
        with database.connect(settings) as slow:
            slow.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            slow.execute("SELECT * FROM one")
            with database.connect(settings) as fast:
                fast.execute("UPDATE one SET n = 1")
            slow.execute("UPDATE one SET n = 2")
    with pytest.raises(InfrastructureError, match="holds the rows; run it again"), database.connect(settings) as holder:
        holder.execute("SELECT * FROM one FOR UPDATE")
        with database.connect(settings) as other:
            other.execute("SELECT * FROM one FOR UPDATE NOWAIT")


@pytest.mark.parametrize(
    ("limit", "statement", "says"),
    [
        ("statement_timeout = '50ms'", "SELECT pg_sleep(5)", "broke a statement off; run it again"),
        ("transaction_timeout = '50ms'", "SELECT pg_sleep(5)", "took too long"),
        ("idle_in_transaction_session_timeout = '50ms'", "", "took too long"),
        ("temp_file_limit = '64kB'", "SELECT count(*) FROM (SELECT n FROM generate_series(1, 2000000) n "
         "ORDER BY md5(n::text)) x", "met a limit"),
        ("transaction_read_only = on", "CREATE TABLE refused (id int)", "only reads; name the primary"),
    ],
)  # fmt: skip
def test_a_limit_that_is_met_is_named(settings: Settings, limit: str, statement: str, says: str) -> None:
    with pytest.raises(InfrastructureError, match=says), database.connect(settings) as connection:
        connection.execute(f"SET LOCAL {limit}")
        if not statement:
            time.sleep(0.3)
        connection.execute(statement or "SELECT 1")
    assert backend(settings)


def test_a_server_that_takes_no_more_connections_says_so(settings: Settings, embedded: Server) -> None:
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE crowded LOGIN PASSWORD 'x' CONNECTION LIMIT 0")
    address = settings.database_url.replace(f"wirewatch:{embedded.password}@", "crowded:x@")
    try:
        with pytest.raises(InfrastructureError, match=r"cannot be reached .*too many connections"):
            backend(Settings(database_url=address))
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP ROLE crowded")


def test_a_row_too_large_for_its_index_is_no_fault_of_the_world(settings: Settings) -> None:
    with pytest.raises(psycopg.errors.ProgramLimitExceeded), database.connect(settings) as connection:
        connection.execute("CREATE TABLE words (word text PRIMARY KEY)")
        connection.execute("INSERT INTO words SELECT string_agg(md5(n::text), '') FROM generate_series(1, 200) n")


def test_a_table_that_is_missing_where_the_schema_is_behind_says_what_to_do(embedded: Server) -> None:
    embedded.ensure_database("behind")
    settings = Settings(database_url=embedded.url("behind"))
    with pytest.raises(ConfigurationError, match="wirewatch db migrate"), database.connect(settings) as connection:
        connection.execute("SELECT * FROM feeds")
    database.close_idle()


def _raise(settings: Settings, state: str) -> None:
    with database.connect(settings) as connection:
        connection.execute(f"DO $$ BEGIN RAISE 'what Postgres said' USING ERRCODE = '{state}'; END $$")
