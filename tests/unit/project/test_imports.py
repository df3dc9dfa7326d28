"""Imports point one way between the rooms of `pipeline/`, so that decisions are read and tested without a world."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.rooms import ORDER

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "pipeline"

# What only these rooms may reach for outside the project.
OUTSIDE = {
    "airflow": {"orchestration", "portal"},
    "psycopg": {"database", "store", "local"},
    "psycopg2": {"database", "local"},
    "asyncpg": {"database", "local"},
    "aiohttp": {"web"},
    "h11": {"web"},
    "httpcore": {"web"},
    "requests": {"web"},
    "urllib3": {"web"},
    # `archive` undoes content encodings with it and asks nobody; `local` asks our own Airflow.
    "httpx": {"web", "archive", "local"},
}


def room(module: str) -> str:
    """``pipeline.steps.polling`` -> ``steps``."""
    return module.split(".")[1] if "." in module else "__init__"


@cache
def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, also within functions; submodules by their full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in modules() else str(node.module)


@cache
def ours(module: str) -> frozenset[str]:
    return frozenset(name for name in imported(modules()[module]) if name in modules() and name != "pipeline")


@cache
def outside(module: str) -> frozenset[str]:
    return frozenset(name.split(".")[0] for name in imported(modules()[module]) if name not in modules())


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {room(module) for module in modules()} - {"__init__"}
    assert rooms - set(ORDER) == set()
    assert set(ORDER) - rooms == set()


@pytest.mark.parametrize("module", [module for module in modules() if room(module) != "__init__"])
def test_a_room_imports_only_what_stands_below_it(module: str) -> None:
    place = ORDER.index(room(module))
    higher = [name for name in ours(module) if ORDER.index(room(name)) > place]
    assert higher == []


def test_no_module_imports_itself_around_a_corner() -> None:
    """Within a room too. A package's own exports do not count as an import by those who ask for one of its modules."""
    try:
        TopologicalSorter({module: ours(module) for module in modules()}).prepare()
    except CycleError as error:
        pytest.fail(f"imports go round in a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("library", OUTSIDE)
def test_a_library_of_the_outside_stays_in_its_rooms(library: str) -> None:
    assert {room(module) for module in modules() if library in outside(module)} <= OUTSIDE[library]


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: path.name)
def test_no_test_imports_another(path: Path) -> None:
    """What several tests use stands in ``tests/support``; a program that one tests, as `tests/faults`, beside it."""
    own = ".".join(path.parent.relative_to(ROOT).parts)
    mine = rf"tests\.(?!support\b|{re.escape(own.removeprefix('tests.'))}(\.(?!test_|conftest)|$))"
    others = {name for name in imported(path) if re.match(rf"{mine}|(.*\.)?(test_|conftest)", name)}
    assert others == set()


def test_the_dag_files_only_wire() -> None:
    """No branch, no SQL, no HTTP in ``dags/``, and each task's body is imports and one call."""
    for path in sorted((ROOT / "dags").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.Try | ast.While)], path.name
        reached = {name.split(".")[0] for name in imported(path)}
        assert not reached & ((OUTSIDE.keys() - {"airflow"}) | {"sqlalchemy"}), path.name
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any("task" in ast.dump(mark) for mark in node.decorator_list):
                work = [line for line in node.body if not isinstance(line, ast.ImportFrom)]
                assert len(work) == 1, f"{path.name}: task {node.name} does more than one thing"
                assert isinstance(work[0], ast.Return), f"{path.name}: task {node.name} returns nothing"
