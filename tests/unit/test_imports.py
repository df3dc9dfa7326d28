"""Imports point one way, so that decisions can be read and tested without a world around them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pipeline"

# What a person or Airflow starts. Nothing below imports these.
TOP = ("__main__", "cli", "commands", "runner", "show", "processes", "airflow_service", "airflow_api",
       "housekeeping", "orchestration", "portal")  # fmt: skip
STEPS = ("steps",)
# What reaches the network, the disk's servers and the database.
DOORS = ("web", "db", "store", "postgres", "remote_postgres", "accounts", "ports", "delivery", "mail", "replay",
         "connections", "http11", "exchange", "fetching", "robots_cache", "background_loop")  # fmt: skip
# The pure middle, as ARCHITECTURE names it; further small modules beside these are held to the same.
NAMED_PURE = ("models", "errors", "urls", "text", "feeds", "articles", "copies", "embeddings", "stories", "digests",
              "topics", "archives")  # fmt: skip
HTTP = {"httpx", "httpcore", "requests", "urllib3", "aiohttp", "h11"}


def part(module: str) -> str:
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


def reached(module: str) -> set[str]:
    seen: set[str] = set()
    todo = [module]
    while todo:
        for name in ours(todo.pop()) - seen:
            seen.add(name)
            todo.append(name)
    return seen


def in_layer(names: tuple[str, ...]) -> list[str]:
    return [module for module in modules() if part(module) in names]


def test_the_layers_name_modules_that_exist() -> None:
    parts = {part(module) for module in modules()}
    assert set(TOP + STEPS + DOORS + NAMED_PURE) <= parts


def test_no_module_imports_itself_around_a_corner() -> None:
    try:
        TopologicalSorter({module: ours(module) for module in modules()}).prepare()
    except CycleError as error:
        pytest.fail(f"imports go round in a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("module", in_layer(STEPS + DOORS))
def test_steps_and_doors_know_nothing_of_who_calls_them(module: str) -> None:
    higher = TOP if part(module) in STEPS else TOP + STEPS
    assert [name for name in ours(module) if part(name) in higher] == []


@pytest.mark.parametrize("module", [m for m in modules() if part(m) not in (*TOP, *STEPS, *DOORS, "__init__")])
def test_the_pure_middle_reaches_no_door(module: str) -> None:
    assert sorted(name for name in reached(module) if part(name) in TOP + STEPS + DOORS) == []


def test_only_the_wiring_imports_airflow() -> None:
    importers = {part(module) for module in modules() if "airflow" in outside(module)}
    assert importers <= {"orchestration", "portal"}


def test_only_the_database_doors_import_its_drivers() -> None:
    importers = {part(module) for module in modules() if outside(module) & {"psycopg", "psycopg2", "asyncpg"}}
    assert importers <= {"db", "postgres", "remote_postgres", "store", "airflow_service"}


def test_only_the_client_and_its_parts_speak_http() -> None:
    """`archives` undoes content encodings with httpx and asks nobody; `airflow_api` asks our own Airflow."""
    importers = {part(module) for module in modules() if outside(module) & HTTP}
    client = {"web", "http11", "connections", "exchange", "fetching", "robots_cache"}
    assert importers <= client | {"archives", "airflow_api"}


def test_the_dag_files_only_wire() -> None:
    """No branch, no SQL, no HTTP in ``dags/``, and each task's body is imports and one call."""
    for path in sorted((ROOT / "dags").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.Try | ast.While)], path.name
        assert not {name.split(".")[0] for name in imported(path)} & (HTTP | {"psycopg", "sqlalchemy"}), path.name
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any("task" in ast.dump(mark) for mark in node.decorator_list):
                work = [line for line in node.body if not isinstance(line, ast.ImportFrom)]
                assert len(work) == 1, f"{path.name}: task {node.name} does more than one thing"
                assert isinstance(work[0], ast.Return), f"{path.name}: task {node.name} returns nothing"
