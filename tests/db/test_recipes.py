"""The recipes of docs/querying.md run as they are printed, where the library of each is installed."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from pipeline import database
from pipeline.settings import Settings
from tests.support import labelled_rows
from tests.support.project import REPOSITORY

PAGE = (REPOSITORY / "docs" / "querying.md").read_text("utf-8")
RECIPES = {
    next(name for name in ("pandas", "duckdb", "sqlalchemy") if name in each): each
    for each in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
}
SAYS = {"pandas": "count", "sqlalchemy": "2024-06-19", "duckdb": "Halcyon Wire"}


@pytest.mark.parametrize("library", SAYS)
def test_a_recipe_runs_as_it_is_printed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: str
) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed; it is no dependency of this project")
    labelled_rows.fill(settings)
    database.close_idle()
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(RECIPES[library], library, "exec"), {"URL": settings.database_url})
    assert SAYS[library] in printed.getvalue()


def test_each_recipe_is_tried() -> None:
    assert RECIPES.keys() == SAYS.keys()
