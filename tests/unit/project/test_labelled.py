"""The manifest of the labelled data: what is missing or another is said with its line, and nothing goes around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import labelled
from tests.support.project import REPOSITORY

GOFEED = "feeds/gofeed.tar.xz"


def test_every_entry_says_what_the_file_is_and_what_for() -> None:
    for name, entry in labelled.entries().items():
        assert entry.keys() == {"path", "size", "sha256", "licence", "for"}, name
        assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]), name
        assert entry["licence"] and entry["for"], name


def test_a_missing_file_is_skipped_with_its_line(tmp_path: Path) -> None:
    said = labelled.problem(GOFEED, tmp_path)
    assert said is not None
    assert said.startswith("not in ../shared/data: feeds/gofeed.tar.xz, 37,844 bytes, SHA-256 781d3faba9d5…, MIT: ")
    assert "\n" not in said


@pytest.mark.parametrize(("body", "said"), [(b"short", "another size"), (b"x" * 37_844, "another sum")])
def test_another_file_under_the_name_is_not_used(tmp_path: Path, body: bytes, said: str) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / GOFEED).write_bytes(body)
    assert (labelled.problem(GOFEED, tmp_path) or "").startswith(f"{said} in ../shared/data")


def test_a_file_that_the_manifest_does_not_name_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        labelled.needs("stories/unheard-of.jsonl.xz")


def test_nothing_goes_around_the_manifest() -> None:
    """No test, bench or module builds a path into the data by itself."""
    own = REPOSITORY / "tests" / "support" / "labelled.py"
    paths = [path for folder in ("tests", "bench", "pipeline") for path in (REPOSITORY / folder).rglob("*.py")]
    around = [path.name for path in paths if path != own and re.search(r"[\"']shared[\"'] */", path.read_text())]
    assert around == []
