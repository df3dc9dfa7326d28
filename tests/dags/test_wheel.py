"""The wheel in an environment of its own: SQL, seeds and DAGs are found with no checkout in sight."""

from __future__ import annotations

import json
import signal
import site
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pipeline.database.embedded import Server
from pipeline.database.ports import free_port
from tests.support.programs import plain_environment, said
from tests.support.project import REPOSITORY

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
OFFLINE = ["--no-deps", "--no-index"]


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and the folder from which it is used."""

    python: Path
    folder: Path
    environment: Mapping[str, str]

    def call(self, command: Sequence[str], **more: str) -> str:
        """What a command prints that succeeds."""
        done = subprocess.run(
            command, cwd=self.folder, env={**self.environment, **more}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def wirewatch(self) -> str:
        """The script that the wheel brings."""
        return str(self.python.with_name("wirewatch"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, built from the checkout and installed alone; what it needs is lent by the environment of the tests.

    Folders that a ``.pth`` file names lend their packages, but no ``.pth`` file of theirs is read: the editable
    installation of the checkout is not among what is lent.
    """
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", *OFFLINE, "--no-build-isolation", "-w", str(folder), str(REPOSITORY)], check=True)
    (wheel,) = folder.glob("wirewatch-*.whl")
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([*PIP, "--python", str(python), "install", *OFFLINE, str(wheel)], check=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    lent = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    assert set(site.getsitepackages()) <= {*lent}
    (packages / "lent.pth").write_text("\n".join(lent))
    elsewhere = folder / "a folder of its own"
    elsewhere.mkdir()
    plain = plain_environment(XDG_DATA_HOME=str(folder / "data"))
    plain.pop("PYTHONPATH", None)
    return Installed(python, elsewhere, plain)


def test_nothing_of_the_checkout_is_used(installed: Installed) -> None:
    script = (
        "import json, sys, pipeline\n"
        "from importlib.metadata import entry_points\n"
        "from pipeline import shipped\n"
        "from pipeline.settings import Settings\n"
        "(plugin,) = entry_points(group='airflow.plugins', name='wirewatch')\n"
        "assert plugin.dist.locate_file('pipeline/portal/plugin.py').is_file()\n"
        "places = [pipeline.__file__, plugin.dist.locate_file('pipeline')]\n"
        "places += [shipped.SQL, shipped.SEEDS, shipped.DAGS, *sys.path]\n"
        "print(json.dumps({'home': str(Settings().home), 'places': [str(place) for place in places]}))"
    )
    answer = json.loads(installed.call([str(installed.python), "-P", "-c", script]))
    assert answer["home"] == installed.environment["XDG_DATA_HOME"] + "/wirewatch"
    assert [place for place in answer["places"] if Path(place) == REPOSITORY] == []
    ours = answer["places"][:5]
    assert all(Path(place).is_relative_to(installed.python.parents[1]) for place in ours), ours


def test_schema_and_feed_list_come_with_it(installed: Installed, embedded: Server) -> None:
    embedded.ensure_database("wheel_commands")
    address = {"WIREWATCH_DATABASE_URL": embedded.url("wheel_commands")}
    migrations = sorted((REPOSITORY / "sql" / "migrations").glob("*.sql"))
    applied = installed.call([installed.wirewatch, "db", "migrate"], **address)
    assert [path for path in migrations if path.stem not in applied] == []
    shipped = installed.call([str(installed.python), "-P", "-c", "from pipeline.shipped import SEEDS; print(SEEDS)"])
    installed.call([installed.wirewatch, "feeds", "import", f"{shipped.strip()}/feeds.opml"], **address)
    listed = installed.call([installed.wirewatch, "feeds", "list"], **address)
    assert "https://feeds.bbci.co.uk/" in listed, listed


@pytest.mark.timeout(600)
def test_a_run_serves_the_recorded_web_and_finds_every_dag(installed: Installed, embedded: Server) -> None:
    embedded.ensure_database("wheel")
    environment = {
        **installed.environment,
        "WIREWATCH_DATABASE_URL": embedded.url("wheel"),
        "WIREWATCH_PORT": str(free_port()),
    }
    command = [installed.wirewatch, "run"]
    with subprocess.Popen(
        command, cwd=installed.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        try:
            assert run.stdout is not None
            # it says so when the DAGs are parsed, and names what does not import where they are not
            shown = said(iter(run.stdout), "✓ Airflow  ")
            entry = httpx.get(f"http://127.0.0.1:{environment['WIREWATCH_PORT']}/wirewatch/static/digests.js")
        finally:
            run.send_signal(signal.SIGINT)
        rest = run.stdout.read()
    assert run.returncode == 0, rest
    assert entry.status_code == 200, "Airflow does not know the portal"
    assert [line for line in shown if line.startswith("✓ Recorded web")] != []
    assert list(installed.folder.iterdir()) == [], "a run writes into its home alone"
    assert (Path(installed.environment["XDG_DATA_HOME"]) / "wirewatch" / "airflow").is_dir()
