"""A command that is asked to stop says so in one line, and leaves nothing running: no worker, no Postgres."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import of_home
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY


@pytest.fixture
def heard() -> Iterator[None]:
    """Programs started here hear SIGINT, also where whoever started the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("heard")
def test_a_backfill_that_is_stopped_leaves_one_line_and_no_process(short_folder: Path) -> None:
    home = short_folder / "home"
    with socket.create_server(("127.0.0.1", 0)) as archive:  # takes the connection, and never answers
        address = f"http://127.0.0.1:{archive.getsockname()[1]}"
        environment = plain_environment(
            WIREWATCH_HOME=str(home),
            WIREWATCH_ARCHIVE_URL=f"{address}/timegate/",
            WIREWATCH_ARCHIVE_TIMEMAP_URL=f"{address}/timemap/link/",
        )

        def start(*arguments: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [sys.executable, "-m", "pipeline", *arguments],
                env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip

        for arguments in (["db", "migrate"], ["feeds", "import", "seeds/recorded/feeds.opml"]):
            with start(*arguments) as before:
                assert before.wait(300) == 0
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with start("backfill", "--day", "2024-06-19") as backfill:
                asked, _ = archive.accept()
                with asked:
                    assert len(of_home(home)) > 1, "its Postgres runs"
                    backfill.send_signal(number)
                    _, complaint = backfill.communicate(timeout=120)
            assert backfill.returncode == status
            assert complaint == "wirewatch: stopped; what was done stays, and the next run goes on from there\n"
            assert of_home(home) == []
