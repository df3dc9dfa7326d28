"""Locks that end with whoever holds them: by its end, its killing, or the loss of its connection."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg
import pytest

from pipeline import database
from pipeline.database import locks
from pipeline.errors import InfrastructureError
from pipeline.settings import Settings
from tests.support.programs import plain_environment, said

HOLDER = """
import os, time
from pipeline import settings
from pipeline.database import locks
with locks.exclusive(settings.load(), "backfill of a topic"):
    if {forks}:
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        print("child", child, flush=True)
    print("holds", flush=True)
    time.sleep(60)
"""
PATIENCE = 10.0


@contextmanager
def holder(settings: Settings, forks: bool = False) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Another process that holds the lock, and what it said."""
    environment = plain_environment(WIREWATCH_DATABASE_URL=settings.database_url)
    command = [sys.executable, "-c", HOLDER.format(forks=forks)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, said(iter(process.stdout.readline, ""), "holds")
        finally:
            process.kill()


def free_again(settings: Settings) -> bool:
    """Whether the lock comes free soon."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with locks.exclusive(settings, "backfill of a topic"):
                return True
        except locks.HeldElsewhereError:
            time.sleep(0.02)
    return False


def end_sessions(settings: Settings) -> None:
    """Kill every other connection to the database, as an operator or a server started again does."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_the_second_is_told_who_holds_it_and_a_killed_holder_lets_go_at_once(settings: Settings) -> None:
    with holder(settings) as (process, _):
        told = rf"backfill of a topic is under way already by wirewatch {process.pid}@.*, since 2"
        with pytest.raises(locks.HeldElsewhereError, match=told), locks.exclusive(settings, "backfill of a topic"):
            pass
        with locks.exclusive(settings, "backfill of another"):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert free_again(settings)


def test_whoever_let_go_has_let_go_where_the_server_is_slow_to_read(settings: Settings) -> None:
    """Its process stands still for half a second while the lock is closed; the next one comes right after."""
    with locks.exclusive(settings, "backfill of a topic") as lock:
        server = psutil.Process(lock._connection.info.backend_pid)
        server.suspend()
        threading.Timer(0.5, server.resume).start()
    with locks.exclusive(settings, "backfill of a topic"):
        pass


def test_a_server_that_is_stuck_keeps_nobody_from_ending(settings: Settings) -> None:
    with locks.exclusive(settings, "backfill of a topic") as lock:
        server = psutil.Process(lock._connection.info.backend_pid)
        server.suspend()
    try:
        lock.close()
        assert not lock.held
    finally:
        server.resume()
    assert free_again(settings)


def test_a_forked_child_does_not_keep_the_lock_of_a_parent_that_is_gone(settings: Settings) -> None:
    with holder(settings, forks=True) as (process, lines):
        child = int(lines[0].removeprefix("child "))
        try:
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert free_again(settings)
            os.kill(child, 0)  # it lives all the while
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_holder_whose_connection_was_ended_knows_it(settings: Settings) -> None:
    with locks.exclusive(settings, "backfill of a topic") as lock:
        lock.demand()
        end_sessions(settings)
        assert not lock.held
        with pytest.raises(InfrastructureError, match="Postgres ended the connection"):
            lock.demand()


def test_an_owner_whose_connection_was_ended_goes_on_under_another_id(settings: Settings) -> None:
    with locks.Owner(settings, "a step") as owner, locks.Owner(settings, "a step") as other:
        first = owner.id
        assert owner.id == first != other.id
        end_sessions(settings)
        assert owner.id not in {first, other.id}
        with database.connect(settings) as connection:
            held = connection.execute("SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert held == {"n": 2}
