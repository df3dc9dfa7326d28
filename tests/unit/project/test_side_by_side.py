"""`make test` runs its halves side by side, leaves no folder out, and fails where one of them does."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.project import REPOSITORY


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
    first, second = script.halves(REPOSITORY / "tests")
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
    assert "1 failed" in capfd.readouterr().out
