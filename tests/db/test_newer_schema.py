"""A database of a newer Wirewatch is refused in one line: by every command, every page and every task of the DAGs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from pipeline import cli, database, steps
from pipeline.database.ports import free_port
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from tests.support.deskrows import TOPIC, now
from tests.support.outlet import outlet
from tests.support.project import REPOSITORY
from tests.support.terminal import wirewatch

SAYS = "the database was made by a newer Wirewatch, whose migration 9999 this one does not know; update this checkout"
WITHOUT_DATABASE = {
    "calibrate", "cluster", "db url", "evaluate", "extract", "model fetch", "parse-feed", "settings", "topic new",
}  # fmt: skip
"""`db url` asks nobody; the others work on files."""
COMMANDS = {
    "backfill": "", "collect": "", "doctor": "",
    "db dump": "{folder}/x.dump", "db migrate": "", "db restore": "{folder}/is.dump",
    "db roles": "", "db shell": "-c 'SELECT 1'", "digest deliver": "", "digest list": "",
    "digest publish": "1 --as ana", "digest review": "", "digest show": "1", "feeds add": "{outlet}",
    "feeds check": "", "feeds export": "",
    "feeds import": "{folder}/feeds.opml", "feeds list": "",
    "labels load": TOPIC + " {folder}/labels.csv --as ana", "labels sample": f"{TOPIC} 2024-06-18 2024-06-18",
    "ledger": "1", "maintain": "", "quarantine list": "", "quarantine release": "--all", "run": "", "search": "summit",
    "story merge": "1 2 --reason no", "story not-topic": f"1 {TOPIC} --reason no", "story pin": "1 1 --reason no",
    "story show": "1", "story split": "1 1 --reason no", "status": "",
    "topic try": "seeds/topics/russia-north-korea.toml",
}  # fmt: skip
VERBS: dict[str, dict[str, Any]] = {
    "alert": {}, "backfill": {"start": now(), "end": now() + timedelta(hours=1)}, "deliver": {}, "due_batches": {},
    "embed": {}, "extract": {}, "find_copies": {}, "maintain": {}, "match": {}, "place": {},
    "poll": {"feed_ids": [1]}, "reassign": {}, "shares": {},
}  # fmt: skip


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, (*path, name)) if hasattr(each, "commands") else [" ".join((*path, name))]


@pytest.fixture
def newer(settings: Settings) -> Settings:
    """The database after a migration that is not here."""
    with database.connect(settings) as connection:
        database.run(connection, "schema.record", number=9999, name="of_tomorrow")
    database.close_idle()
    return settings


def test_every_command_is_held_to_it() -> None:
    assert set(commands(get_command(cli.app))) == set(COMMANDS) | WITHOUT_DATABASE


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with outlet() as found:
        yield found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_it_in_one_line(newer: Settings, command: str, tmp_path: Path, address: str) -> None:
    (tmp_path / "is.dump").write_text("PGDMP")
    (tmp_path / "feeds.opml").write_text(
        '<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="https://a.example/feed"/></body></opml>'
    )
    (tmp_path / "labels.csv").write_text("url,on_topic\nhttps://a.example/1,yes\n")
    arguments = COMMANDS[command].format(folder=tmp_path, outlet=address).replace("'SELECT 1'", "SELECT*1").split()
    own: dict[str, Any] = {
        "database_url": newer.database_url,
        "home": newer.home,
        "port": free_port(),
        "allow_hosts": "127.0.0.1",
    }
    answer = wirewatch(*command.split(), *arguments, **own, archive_url="http://127.0.0.1:9/")
    assert answer.status == 1, (answer.out, answer.err)
    if command == "doctor":
        assert answer.out.splitlines()[-1] == f"WRONG  schema: {SAYS}"
    else:
        assert answer.err.splitlines()[-1] == f"wirewatch: {SAYS}"
    assert "Traceback" not in answer.err
    assert not (tmp_path / "x.dump").exists()


@pytest.mark.filterwarnings("ignore")  # Airflow warns about what its own dependencies will drop
def test_every_page_of_the_portal_says_so(newer: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from fastapi.routing import APIRoute
    from fastapi.testclient import TestClient

    from pipeline.portal import access, app, waiting

    monkeypatch.setenv("WIREWATCH_DATABASE_URL", newer.database_url)
    monkeypatch.setenv("WIREWATCH_HOME", str(newer.home))
    monkeypatch.setenv("WIREWATCH_METRICS_TOKEN", "shown")
    monkeypatch.setattr(waiting, "may_answer", lambda *_: True)  # asks Airflow, which is not there
    portal = app.create_app()
    portal.dependency_overrides[access.READER.dependency] = lambda: SimpleAuthManagerUser(username="ana", role="admin")
    pages = [route.path for route in portal.routes if isinstance(route, APIRoute) and "GET" in route.methods]
    pages = [page for page in pages if not page.endswith(".css") and "push" not in page]  # hubs ask without a switch
    assert len(pages) > 8
    asked = {"Accept": "text/html", "Authorization": "Bearer shown"}
    with TestClient(portal, raise_server_exceptions=False) as client:
        for page in pages:
            address = page.replace("{topic}", TOPIC).replace("{slug}", TOPIC).replace("{day}", "2024-06-18")
            answer = client.get(re.sub(r"\{\w+\}", "1", address) + "?q=summit", headers=asked)
            assert answer.status_code == 503, (page, answer.status_code)
            assert "made by a newer Wirewatch" in answer.text, page


def test_every_verb_of_the_dags_is_held_to_it() -> None:
    wired = [*(REPOSITORY / "dags").glob("*.py"), REPOSITORY / "pipeline" / "orchestration" / "alarms.py"]
    text = "".join(path.read_text() for path in wired)
    assert set(re.findall(r"\bsteps\.([a-z_]+)\(", text)) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_task_refuses_it(newer: Settings, verb: str) -> None:
    archived = replace(newer, archive_url="http://127.0.0.1:9/")
    with pytest.raises(ConfigurationError) as caught:
        getattr(steps, verb)(archived, **VERBS[verb], now=datetime.now(UTC))
    assert str(caught.value) == SAYS


def test_one_that_was_upgraded_under_a_running_process_is_refused_at_its_next_connection(settings: Settings) -> None:
    with database.connect(settings) as connection:
        database.run(connection, "schema.record", number=9999, name="of_tomorrow")
    database.close_idle()  # as the pool does with what nobody needed for half a minute
    with pytest.raises(ConfigurationError, match="newer Wirewatch"), database.connect(settings):
        pass
