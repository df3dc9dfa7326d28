"""The labelled data beside the checkout, as `tests/data/manifest.toml` names it: where it is, and if it is that."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import REPOSITORY

MANIFEST = REPOSITORY / "tests" / "data" / "manifest.toml"
DATA = REPOSITORY.parent / "shared" / "data"


@cache
def entries() -> dict[str, dict[str, Any]]:
    """The manifest's entries by path."""
    listed = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["file"]
    return {entry["path"]: entry for entry in listed}


def line(name: str) -> str:
    """What the manifest says of a file, in one line."""
    entry = entries()[name]
    return f"{name}, {entry['size']:,} bytes, SHA-256 {entry['sha256'][:12]}…, {entry['licence']}: {entry['for']}"


@cache
def problem(name: str, folder: Path = DATA) -> str | None:
    """Why a file of the manifest cannot be used, with the manifest's line; None where it is there and the right one.

    Raises `KeyError` where the manifest does not name it.
    """
    entry, path = entries()[name], folder / name
    if not path.is_file():
        return f"not in ../shared/data: {line(name)}"
    if path.stat().st_size != entry["size"]:
        return f"another size in ../shared/data ({path.stat().st_size:,}): {line(name)}"
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        return f"another sum in ../shared/data: {line(name)}"
    return None


def needs(*names: str) -> pytest.MarkDecorator:
    """A mark for tests that need these files; skipped with the first one's line where it cannot be used."""
    reason = next((found for name in names if (found := problem(name))), None)
    return pytest.mark.skipif(reason is not None, reason=reason or "")


def path(name: str) -> Path:
    """Where a file is, for benches and fixtures; `SystemExit` with the manifest's line where it cannot be used."""
    if reason := problem(name):
        raise SystemExit(reason)
    return DATA / name
