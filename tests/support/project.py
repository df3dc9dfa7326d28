"""The checkout that the tests run in."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[2]

MODELS = REPOSITORY / ".wirewatch" / "models"
"""The folder of models that all tests share, so that each is made once a checkout."""


def script(path: str) -> ModuleType:
    """A script beside the package, such as `.ci/lock.py`, as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, REPOSITORY / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
