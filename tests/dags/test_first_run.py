"""`make run` as a newcomer meets it: one command from nothing to a panel, Ctrl-C, and nothing left running."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from pipeline import embeddings
from pipeline.database.ports import free_port
from pipeline.settings import Settings
from tests.support.programs import plain_environment, said
from tests.support.project import MODELS, REPOSITORY


@pytest.fixture
def first_evening(tmp_path: Path) -> Path:
    """The seeds with the first evening of the recorded web alone, so that the run is short."""
    seeds = tmp_path / "seeds"
    for name in ("topics", "documents"):
        shutil.copytree(REPOSITORY / "seeds" / name, seeds / name)
    (seeds / "recorded").mkdir()
    for name in ("feeds.opml", "2024-06-18.warc.gz"):
        shutil.copy(REPOSITORY / "seeds/recorded" / name, seeds / "recorded")
    return seeds


@pytest.fixture
def environment(short_folder: Path, first_evening: Path) -> dict[str, str]:
    """A home at a path with a space in it, the default model, and none of what the tests set of Airflow."""
    return plain_environment(
        WIREWATCH_HOME=str(short_folder / "a home"),
        WIREWATCH_SEEDS=str(first_evening),
        WIREWATCH_PORT=str(free_port()),
        WIREWATCH_MODEL="",
    )


def of_home(home: str) -> list[psutil.Process]:
    """Processes that name the folder, or were started with it."""
    found = []
    for process in psutil.process_iter():
        try:
            if home in " ".join(process.cmdline()) or process.environ().get("WIREWATCH_HOME") == home:
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def schedulers(home: str) -> list[psutil.Process]:
    """The scheduler that leads its session, as it was started."""
    return [each for each in of_home(home) if "scheduler" in each.cmdline() and os.getsid(each.pid) == each.pid]


def kill_scheduler(home: str) -> list[psutil.Process]:
    """Kill it as a full memory does; what it had started and nobody else would end."""
    [scheduler] = schedulers(home)
    left: list[psutil.Process] = scheduler.children(recursive=True)
    scheduler.kill()
    return left


def assert_no_password(home: Path, shown: str) -> None:
    """Neither the database's nor Airflow's stands on the screen or in a log; the panel says which file has one."""
    secrets = [json.loads((home / "airflow" / "secrets.json").read_text())["password"]]
    secrets.append(json.loads((home / "postgres.json").read_text())["password"])
    kept = {
        home / "postgres.json",
        *(home / "airflow" / name for name in ("secrets.json", "passwords.json", "password")),
    }
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len([path for path in files if path.suffix == ".log"]) > 10, "the tasks' logs are among them"
    for secret in secrets:
        assert len(secret) >= 12
        assert secret not in shown
        assert [str(path) for path in files if secret.encode() in path.read_bytes() and path not in kept] == []
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}, "their owner alone reads them"
    [login] = [line for line in shown.splitlines() if line.startswith("Log in ")]
    shows = re.fullmatch(r"Log in     admin, with the password that (.*) shows", login)
    assert shows is not None, login
    assert subprocess.check_output(shows[1], shell=True, text=True).strip() == secrets[0]


def assert_one_digest_can_be_read(shown: list[str], environment: dict[str, str]) -> None:
    """The panel's own command shows a digest."""
    at = next(number for number, line in enumerate(shown) if line.startswith("Read one   http"))
    command = shown[at + 1].strip()
    with_ours = {**environment, "WIREWATCH_DATABASE_URL": ""}
    assert "summit" in subprocess.check_output(command, shell=True, text=True, env=with_ours, cwd=REPOSITORY)


@pytest.mark.timeout(900)
def test_from_nothing_to_the_panel_and_back(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pipeline", "run"]
    had_model = embeddings.is_made(Settings(models=str(MODELS)))  # which all tests share
    with subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            shown = said(iter(run.stdout), "Stop")
            address = f"http://127.0.0.1:{environment['WIREWATCH_PORT']}"
            health = httpx.get(f"{address}/api/v2/monitor/health").json()
            assert {part["status"] for part in health.values()} == {"healthy"}, health
            assert len(of_home(environment["WIREWATCH_HOME"])) > 5
            lines = [" ".join(each.cmdline()) for each in of_home(environment["WIREWATCH_HOME"])]
            left = kill_scheduler(environment["WIREWATCH_HOME"])
            line = said(iter(run.stdout), "airflow-scheduler was killed (SIGKILL)")[-1]
            assert re.search(r"with \d+ processes that it left, and is started again in 1 s", line), line
            assert [process for process in left if process.is_running()] == []
            deadline = time.monotonic() + 30
            while not schedulers(environment["WIREWATCH_HOME"]):
                assert time.monotonic() < deadline, "it was not started again"
                time.sleep(0.2)
        finally:
            run.send_signal(signal.SIGINT)
        rest = run.stdout.read()
    assert run.returncode == 0
    assert "nothing is left running" in rest
    steps = [line.removeprefix("✓ ").split("  ")[0] for line in shown if line.startswith("✓ ")]
    assert ("Language model" in steps) is not had_model
    assert [step for step in steps if step != "Language model"] == [
        "Database",
        "Tables",
        "Recorded web",
        "Airflow's tables",
        "Airflow",
        "Recorded coverage",
        "Digests",
    ]
    assert [line for line in shown if line.startswith("Open       http://localhost:")] != []
    assert_no_password(Path(environment["WIREWATCH_HOME"]), "\n".join([*shown, rest, *lines]))
    assert "  Recorded coverage: takes one to two minutes, once" in shown, "a long step says so at once"
    assert [line for line in shown if re.match(r"  Recorded coverage: \d of \d days; ", line)] != []
    assert [line for line in shown if line.startswith("To review  2024-06-18: ")] != [], shown
    assert "Coverage   a recording of 2024; its outlets and reporters are invented" in shown
    assert_one_digest_can_be_read(shown, environment)
    deadline = time.monotonic() + 20
    while (left := of_home(environment["WIREWATCH_HOME"])) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []


def test_a_taken_port_is_one_line_that_names_the_setting(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["WIREWATCH_PORT"]))):
        answer = subprocess.run(
            [sys.executable, "-m", "pipeline", "run"],
            env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "WIREWATCH_PORT" in answer.stderr
    assert not Path(environment["WIREWATCH_HOME"], "postgres").exists(), "nothing was started"
