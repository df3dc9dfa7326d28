"""What `docs/operations.md` says of backup and restore, run to the letter; and which database a command works on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pipeline import database, steps
from pipeline.database import chosen, embedded
from pipeline.database.chosen import LIVE_DATABASE, RECORDED_DATABASE
from pipeline.errors import ConfigurationError
from pipeline.local import airflow_service
from pipeline.local.runner import settle
from pipeline.settings import Settings
from tests.support import deskrows
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY

PAGE = (REPOSITORY / "docs/operations.md").read_text()


def commands() -> list[str]:
    """The commands of the page's section, block by block."""
    section = re.split(r"^## ", PAGE.split("## Backup, restore, move\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"^```\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def checkout(folder: Path) -> Path:
    """A folder that looks like a checkout to the page's commands: `.venv` in it, and `.wirewatch` to come."""
    folder.mkdir(parents=True)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def wirewatch(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`wirewatch` in the home of that checkout."""
    environment = plain_environment(WIREWATCH_HOME=str(folder / ".wirewatch"), **more)
    command = [sys.executable, "-m", "pipeline", *arguments]
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def run(folder: Path, script: str) -> str:
    environment = plain_environment(WIREWATCH_HOME=str(folder / ".wirewatch"), PYTHONPATH=str(REPOSITORY))
    bash = ["bash", "-eu", "-o", "pipefail", "-c", script]
    done = subprocess.run(bash, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def rows(address: str) -> dict[str, Any]:
    """Every row of every table, and where each sequence stands."""
    found: dict[str, Any] = {}
    with psycopg.connect(address) as connection:
        names = "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = %s"
        for (name,) in connection.execute(names, ["public"]).fetchall():
            select = sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(name))
            found[name] = connection.execute(select).fetchall()
        sequences = connection.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1").fetchall()
        found["sequences"] = [name for name, _ in sequences]
        for name, last in sequences:
            # A server that was stopped at once goes on some numbers further; what counts is that none is given twice.
            table = sql.Identifier(name.removesuffix("_id_seq"))
            most = connection.execute(sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(table)).fetchone()
            assert most is not None
            assert (last or 0) >= most[0], name
    return found


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A checkout whose home ran `make run`, and then `make live` with a desk in it; nothing is published yet."""
    folder = checkout(tmp_path_factory.mktemp("a checkout") / "here")
    home = Settings(home=folder / ".wirewatch")
    with embedded.running(home) as server:
        settle(replace(home, database_name=RECORDED_DATABASE), server, live=False)
        settings = settle(replace(home, database_name=LIVE_DATABASE), server, live=True)
        airflow_service.prepare(settings, server, live=True, extra={})
        database.migrate(settings)
        steps.claim_coverage(settings, live=True)
        deskrows.fill(settings)
        kept = rows(settings.database_url)
        database.close_idle()
    yield folder, kept


def test_the_documented_backup_and_restore(live: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, kept = live
    assert len(kept["articles"]) == 5 and kept["coverage"]
    back_up, restore = commands()
    assert f"database {LIVE_DATABASE}: `wirewatch run --live` uses it" in run(folder, back_up)
    there = checkout(tmp_path / "there")
    for name in ("wirewatch.dump", "files.tgz"):
        (folder / name).rename(there / name)
    run(there, restore)
    with embedded.running(Settings(home=there / ".wirewatch")) as server:
        assert rows(server.url(LIVE_DATABASE)) == kept
    secrets = "airflow_live/secrets.json"
    assert (there / ".wirewatch" / secrets).read_text() == (folder / ".wirewatch" / secrets).read_text()
    assert (there / ".wirewatch/published").is_dir()


def test_a_dump_is_not_mixed_into_what_is_there(live: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, kept = live
    file = tmp_path / "again.dump"
    assert wirewatch(folder, "db", "dump", str(file)).returncode == 0
    refused = wirewatch(folder, "db", "restore", str(file))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the database is not empty" in refused.stderr
    file.write_bytes(file.read_bytes()[:-2000])
    broken = wirewatch(folder, "db", "restore", str(file), WIREWATCH_DATABASE_NAME="elsewhere")
    assert broken.returncode != 0
    with embedded.running(Settings(home=folder / ".wirewatch")) as server:
        assert rows(server.url("elsewhere"))["sequences"] == [], "all of it or nothing"
        assert rows(server.url(LIVE_DATABASE)) == kept


def test_a_command_works_on_what_ran_last_and_says_so(live: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = live
    url = wirewatch(folder, "db", "url")
    assert url.stdout.strip().endswith(f"/{LIVE_DATABASE}")
    assert url.stderr == f"wirewatch: database {LIVE_DATABASE}: `wirewatch run --live` uses it\n"
    feeds = wirewatch(folder, "quarantine", "list", "--json")
    assert feeds.stderr.splitlines()[0] == url.stderr.strip()
    named = wirewatch(folder, "db", "url", WIREWATCH_DATABASE_NAME=RECORDED_DATABASE)
    assert named.stdout.strip().endswith(f"/{RECORDED_DATABASE}")
    assert named.stderr == f"wirewatch: database {RECORDED_DATABASE}: WIREWATCH_DATABASE_NAME names it\n"
    assert f"database {LIVE_DATABASE}: " in wirewatch(folder, "settings").stderr


def test_a_server_of_ones_own_is_followed_while_its_run_lives(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert chosen.choose(settings) is None
    chosen.note(tmp_path, live=True, url="postgresql://u:secret@db.example/news")
    assert (tmp_path / "database.json").stat().st_mode & 0o077 == 0
    choice = chosen.choose(settings)
    assert choice and choice.url.endswith("/news") and choice.why == "`wirewatch run --live` uses it"
    kept = json.loads((tmp_path / "database.json").read_text())
    (tmp_path / "database.json").write_text(json.dumps(kept | {"created": 1.0}))
    assert chosen.choose(settings) is None
    chosen.note(tmp_path, live=False, name="wirewatch")
    choice = chosen.choose(settings)
    assert choice and choice.why == "`wirewatch run` uses it"
    (tmp_path / "database.json").write_text("[]")
    assert chosen.choose(settings) is None


def test_a_home_of_before_uses_the_database_that_it_has() -> None:
    assert chosen.choose_among(["postgres", "airflow_live", LIVE_DATABASE]).name == LIVE_DATABASE
    assert chosen.choose_among([RECORDED_DATABASE, LIVE_DATABASE]).name == RECORDED_DATABASE
    assert chosen.choose_among(["postgres"]).name == RECORDED_DATABASE


@pytest.mark.parametrize(
    ("mine", "feed", "other"),
    [
        (True, "https://real.test/feed", "holds live coverage"),
        (False, "https://one.example:80/feed", "outlets are invented"),
    ],
)
def test_recorded_and_live_coverage_never_share_a_database(
    settings: Settings, mine: bool, feed: str, other: str
) -> None:
    assert steps.claim_coverage(settings, live=mine) == ("live" if mine else "recorded")
    steps.claim_coverage(settings, live=mine)
    with pytest.raises(ConfigurationError, match=other):
        steps.claim_coverage(settings, live=not mine)
    with database.connect(settings) as connection:
        connection.execute("DELETE FROM coverage")
        connection.execute("INSERT INTO feeds (url, outlet) VALUES (%s, %s)", [feed, "One"])
    with pytest.raises(ConfigurationError, match=other):
        steps.claim_coverage(settings, live=not mine)
