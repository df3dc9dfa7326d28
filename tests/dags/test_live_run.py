"""`make live` as somebody meets it on the first day: the recorded web moved to today, asked by the real schedules.

Nothing stands between: the command, its Airflow, the DAGs and their steps are those of a real start. The outlets answer
on loopback, by the clock of this machine.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from pipeline.database import chosen, embedded
from pipeline.database.ports import free_port
from pipeline.settings import Settings
from tests.support import today
from tests.support.programs import plain_environment, said
from tests.support.project import REPOSITORY
from tests.support.today import ZONE

pytestmark = pytest.mark.timeout(900)
TOPIC = "Russia and North Korea"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """The topics that are shipped; a test says which feeds."""
    for name in ("topics", "documents"):
        shutil.copytree(REPOSITORY / "seeds" / name, tmp_path / "seeds" / name)
    return tmp_path / "seeds"


def environment(home: Path, seeds: Path, **more: str) -> dict[str, str]:
    return plain_environment(
        WIREWATCH_HOME=str(home), WIREWATCH_SEEDS=str(seeds), WIREWATCH_PORT=str(free_port()), **more
    )


def shown_of(run: subprocess.Popen[str], until: str) -> list[str]:
    assert run.stdout is not None
    return said(iter(run.stdout), until)


def test_a_first_day_says_what_came_and_has_the_digest_of_yesterday_wait(short_folder: Path, seeds: Path) -> None:
    now = datetime.now(UTC)
    with today.served(now) as web:
        (seeds / "feeds.opml").write_text(web.feed_list(), "utf-8")
        variables = environment(short_folder / "home", seeds, WIREWATCH_ALLOW_HOSTS=",".join(web.outlets))
        command = [sys.executable, "-m", "pipeline", "run", "--live"]
        with subprocess.Popen(command, env=variables, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as run:
            try:
                shown = shown_of(run, "Stop  ")
                told = "\n".join(shown)
                if "the digest of yesterday waits" not in told:  # on a busy machine it comes after the panel
                    told += "\n".join(shown_of(run, f"  {TOPIC}: the digest of yesterday waits"))
                stored = counted(run, short_folder / "home")
            finally:
                run.send_signal(signal.SIGINT)
            assert run.stdout is not None
            run.stdout.read()
    assert run.returncode == 0
    all_feeds = len(web.outlets)
    assert f"  {all_feeds} of {all_feeds} feeds asked: {all_feeds} answered" in shown
    [state] = [line for line in shown if line.startswith("State ")]
    assert "red" not in state, state
    assert re.search(rf"  [1-9]\d* new entries, on topic: {TOPIC} [1-9]\d*$", told, re.MULTILINE), told
    assert re.search(r"  ([1-9]\d*) of their [1-9]\d* pages read$", told, re.MULTILINE), told
    assert "  The widest stories of the last 24 hours:" in told
    assert re.search(r"^    [2-9] outlets  \S", told, re.MULTILINE), told
    assert re.search(rf"  {TOPIC}: .* in Asia/Pyongyang is drafted at \d\d:\d\d on ", told), told
    assert stored.digests == [("russia-north-korea", yesterday(now), "draft")]
    assert stored.entries > 100
    assert stored.early == 0, "nothing is known before it came out"


def yesterday(now: datetime) -> str:
    """The calendar day that the schedule drafts at once: the one of the last whole interval, from 03:00 on."""
    return f"{(now.astimezone(ZONE) - timedelta(hours=3)).date() - timedelta(days=1)}"


@dataclass(frozen=True)
class Stored:
    digests: list[tuple[str, str, str]]
    entries: int
    early: int


def counted(run: subprocess.Popen[str], home: Path) -> Stored:
    """What stands in the database of the run, which its process has started."""
    assert run.poll() is None
    server = embedded.start(Settings(home=home))
    try:
        with psycopg.connect(server.url(chosen.LIVE_DATABASE)) as connection:
            digests = connection.execute("SELECT topic, day::text, state FROM digests ORDER BY 1, 2").fetchall()
            row = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE published > now()) FROM entries"
            ).fetchone()
    finally:
        server.stop()
    assert row is not None
    return Stored(digests, *row)


def test_without_a_network_one_line_says_so_and_it_runs_on(short_folder: Path, seeds: Path) -> None:
    feeds = "".join(f'<outline type="rss" xmlUrl="https://feeds{n}.invalid/rss" language="en"/>' for n in range(3))
    (seeds / "feeds.opml").write_text(f'<opml version="2.0"><body>{feeds}</body></opml>', "utf-8")
    variables = environment(short_folder / "home", seeds)
    command = [sys.executable, "-m", "pipeline", "run", "--live"]
    with subprocess.Popen(command, env=variables, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as run:
        try:
            shown = shown_of(run, "Stop  ")
        finally:
            run.send_signal(signal.SIGINT)
        assert run.stdout is not None
        run.stdout.read()
    assert run.returncode == 0
    assert "  3 of 3 feeds asked: 0 answered, 3 did not (name not found 3)" in shown
    [line] = [line for line in shown if "without a network" in line]
    assert "nothing needs to be started anew" in line
    [state] = [line for line in shown if line.startswith("State ")]
    assert state.split(maxsplit=1)[1].startswith(
        "red: Nothing is collected. No feed ever answered. All of 3 feeds fail"
    )
    assert "To review  nothing waits yet" in shown, "no empty digest of a day that nobody collected"
