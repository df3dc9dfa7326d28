"""What a project needs so that others can take it up: lint at each commit, CI, versions, a documentation site."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import pipeline
from tests.support.project import REPOSITORY
from tests.support.rooms import ORDER

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = REPOSITORY / ".github" / "workflows" / "ci.yml"
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")


def succeeds(*arguments: str | Path, **environment: str) -> None:
    command = [sys.executable, "-m", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_follows_the_schema_and_runs_what_ci_runs() -> None:
    succeeds("check_jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW)
    job = yaml.safe_load(WORKFLOW.read_text())["jobs"]["test"]
    assert job["steps"][-1] == {"run": ".ci/run"}
    versions = re.findall(r":: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), re.MULTILINE)
    assert job["strategy"]["matrix"]["python"] == versions
    assert PROJECT["requires-python"] == f">={versions[0]}"


def test_a_commit_is_checked_with_the_locked_tools_and_no_network() -> None:
    succeeds("pre_commit", "validate-config", ".pre-commit-config.yaml")
    (local,) = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        assert hook["language"] == "system", hook["id"]
        assert hook["entry"].startswith(".venv/bin/python -m "), hook["id"]
    of_lint = re.findall(r"-m (ruff \w+|mypy)", MAKEFILE)
    assert {
        " ".join(hook["entry"].split()[2:][: len(tool.split())]) for hook in local["hooks"] for tool in of_lint
    } >= {*of_lint}


def test_the_version_stands_in_one_place_and_the_changelog_has_what_comes() -> None:
    assert "version" in PROJECT["dynamic"]
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *released = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert first == "Unreleased"
    assert released[0] == pipeline.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", pipeline.__version__)
    coming = changelog.split("## Unreleased\n")[1].split("\n## ")[0].strip()
    assert coming.startswith("### ") or not coming, "an entry stands under a heading"
    kinds = set(re.findall(r"^### (.*)$", coming, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_lock_holds_every_tool_of_the_makefile() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text()
    for tool in (
        "hatchling",
        "mkdocs-material",
        "mkdocstrings-python",
        "mypy",
        "pre-commit",
        "pytest",
        "ruff",
        "slipcover",
    ):
        assert re.search(rf"^{tool}==[\d.]+ \\$", lock, re.MULTILINE), tool


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built as `make docs` does; a broken link or a page without its place fails the build."""
    folder = tmp_path_factory.mktemp("site")
    succeeds("mkdocs", "build", "--strict", "--quiet", "--site-dir", folder, NO_MKDOCS_2_WARNING="1")
    return folder


def test_the_site_has_an_api_page_per_room_from_the_docstrings(site: Path) -> None:
    for room in ORDER:
        if room != "__main__":
            assert f"pipeline.{room}" in (site / "api" / f"{room}.html").read_text(encoding="utf-8")
    page = (site / "api" / "feeds.html").read_text(encoding="utf-8")
    from pipeline import feeds

    assert 'id="pipeline.feeds.parse.parse"' in page
    assert (feeds.parse.__doc__ or "").split("\n")[0].split("`")[0].strip() in page


def test_the_site_has_every_page_and_asks_nobody_else(site: Path) -> None:
    for name in ("architecture", "changelog", "contributing", "security"):
        assert (site / f"{name}.html").is_file(), name
    sources = {
        path.relative_to(REPOSITORY / "docs").with_suffix(".html") for path in (REPOSITORY / "docs").rglob("*.md")
    }
    assert [path for path in sources if not (site / path).is_file()] == []
    for path in site.rglob("*.html"):
        asked = re.findall(
            r"<(?:script|link|img)[^>]+(?:src|href)=\"?(https?://[^\"> ]+)", path.read_text(encoding="utf-8")
        )
        assert asked == [], path.name
    assert json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
