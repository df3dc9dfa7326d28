"""`make test` runs its halves side by side, leaves no folder out, and fails where one of them does."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.processes import of_home
from tests.support.project import REPOSITORY

ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, over a project of its own with a module and a test in each half."""
    spec = importlib.util.spec_from_file_location("side_by_side", REPOSITORY / ".ci" / "side_by_side.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    for name in ("dags", "unit"):
        (tmp_path / "tests" / name).mkdir(parents=True)
        write(tmp_path, name, "assert code() == 1")
    (tmp_path / "code.py").write_text("def dags():\n    return 1\n\n\ndef unit():\n    return 1\n")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    return module


def write(project: Path, name: str, line: str) -> None:
    found = f"def test_{name}():\n    from code import {name} as code\n\n    {line}\n"
    (project / "tests" / name / f"test_{name}.py").write_text(found)


def test_no_folder_is_left_out_and_none_runs_twice(script: ModuleType) -> None:
    first, second = script.folders(REPOSITORY / "tests")
    folders = {path.name for path in (REPOSITORY / "tests").iterdir() if any(path.rglob("test_*.py"))}
    assert sorted([*first, *second]) == sorted(folders)
    assert set(first) == set(script.FIRST)
    assert "unit" in second


def test_both_halves_are_told_and_covered(
    script: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert script.main([]) == 0
    told = capfd.readouterr().out
    assert "1| tests/dags/test_dags.py ." in told
    assert "2| tests/unit/test_unit.py ." in told
    lines = json.loads((tmp_path / "build" / "coverage.json").read_text())["files"]["code.py"]
    assert (lines["executed_lines"], lines["missing_lines"]) == ([1, 2, 5, 6], [])


@pytest.mark.parametrize("broken", ["dags", "unit"])
def test_one_half_that_fails_fails_the_run(
    script: ModuleType, tmp_path: Path, broken: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, broken, "assert code() == 2")
    assert script.main([]) == 1
    passed, failed = r"\| =+ 1 passed.* in .*\n", rf"\| FAILED tests/{broken}/.*\n.\| =+ 1 failed.* in .*\n"
    ends = (failed, passed) if broken == "dags" else (passed, failed)
    assert re.search(rf"\n1{ends[0]}2{ends[1]}$", capfd.readouterr().out)


@pytest.fixture
def heard() -> Iterator[None]:
    """Programs started here hear what ends them, also where whoever started the tests has it ignored."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in ASKED}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("asked", ASKED)
def test_asked_to_end_it_ends_both_halves_and_lets_them_tidy_up(
    script: ModuleType, tmp_path: Path, asked: signal.Signals
) -> None:
    """Asked alone, as by a service that cancels a run; a Ctrl-C in a terminal reaches nobody else either."""
    for name in ("dags", "unit"):
        lines = ("Path('began').touch()", "try:", "    time.sleep(60)", "finally:", "    Path('tidied').touch()")
        body = "\n".join(f"    {line}".replace("'began'", f"'began-{name}'") for line in lines)
        body = body.replace("'tidied'", f"'tidied-{name}'")
        waiting = f"import time\nfrom pathlib import Path\n\n\ndef test_wait():\n{body}\n"
        (tmp_path / "tests" / name / f"test_{name}.py").write_text(waiting)
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci" / "side_by_side.py", tmp_path / ".ci")
    command = [sys.executable, str(tmp_path / ".ci" / "side_by_side.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as run:
        while not all((tmp_path / f"began-{name}").exists() for name in ("dags", "unit")):
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(asked)
        told, _ = run.communicate(timeout=60)
    assert run.returncode == 2, told
    assert told.count("!! KeyboardInterrupt !!") == 2
    assert all((tmp_path / f"tidied-{name}").exists() for name in ("dags", "unit"))
    assert of_home(tmp_path) == []
