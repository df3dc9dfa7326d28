"""What is imported is declared in pyproject.toml, and what is declared is imported (checked by deptry)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def deptry(*arguments: str, root: Path = ROOT) -> tuple[int, str]:
    command = [sys.executable, "-m", "deptry", "--no-ansi", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_the_program_declares_what_it_imports_and_imports_what_it_declares() -> None:
    """Exceptions stand with their reasons in pyproject.toml under `tool.deptry.per_rule_ignores`."""
    status, said = deptry("pipeline", "dags")
    assert status == 0, said


def test_tests_and_benches_declare_what_they_import() -> None:
    """What they need beside the program is in the extra `dev`; whether all of that is used is not asked."""
    # `bench.fetching` compares with aiohttp where somebody has installed it.
    options = ("--ignore", "DEP002,DEP004", "--per-rule-ignores", "DEP001=aiohttp", "--exclude", "nothing")
    status, said = deptry("tests", "bench", ".ci", *options)
    assert status == 0, said


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("import trafilatura", "DEP002 'h11'"),
        ("import trafilatura, h11, pytest", "DEP004 'pytest'"),
        ("import trafilatura, h11, courlan", "DEP003 'courlan'"),
        ("import trafilatura, h11, unheard_of", "DEP001 'unheard_of'"),
    ],
)
def test_what_is_missing_or_too_much_is_found(tmp_path: Path, line: str, finding: str) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["trafilatura", "h11"]\n'
        '[project.optional-dependencies]\ndev = ["pytest"]\n'
        '[tool.deptry]\noptional_dependencies_dev_groups = ["dev"]\n'
    )
    (tmp_path / "package").mkdir()
    (tmp_path / "package/module.py").write_text(line + "\n")
    status, said = deptry("package", root=tmp_path)
    assert status == 1 and finding in said
