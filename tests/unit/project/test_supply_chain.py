"""What is installed is what was locked: hashes, pinned actions, images, and what an audit says."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import httpx
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.project import script

ROOT = Path(__file__).resolve().parents[3]
LOCKS = [
    ROOT / "requirements.lock",
    ROOT / ".ci" / "audit.lock",
    ROOT / ".ci" / "bench.lock",
    ROOT / "deploy" / "accounts.lock",
]


# --- the locks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_each_entry_has_one_version_and_the_hash_of_each_file_and_nothing_names_a_machine(lock: Path) -> None:
    text = lock.read_text()
    entry = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^\\\n]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+")
    rest = entry.sub("", text)
    assert rest.splitlines() == [text.splitlines()[0]], "a comment at the head, and entries"
    assert "://" not in text


def test_the_lock_has_what_the_project_declares() -> None:
    locked = {name: Version(part.split("==")[1].split()[0]) for name, part in entries().items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    lines = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    lines += [line for extra in ("celery", "dev", "docs") for line in extras[extra]]
    for line in lines:
        wanted = Requirement(line)
        assert locked[canonicalize_name(wanted.name)] in wanted.specifier, f"{line}: run `make lock`"


def entries() -> dict[str, str]:
    found: dict[str, str] = script("bootstrap.py").entries(LOCKS[0].read_text())
    return found


def test_conditions_that_hold_everywhere_are_left_out() -> None:
    plain = script(".ci/lock.py").plain
    everywhere = "python_full_version < '3.14' and (sys_platform == 'darwin' or sys_platform == 'linux')"
    assert plain(f"idna==3.20 ; {everywhere} \\\n    --hash=sha256:0\n") == "idna==3.20 \\\n    --hash=sha256:0\n"
    assert plain("x==1 ; python_version < '3.12'\n") == "x==1 ; python_version < '3.12'\n"


def test_a_file_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "parcel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("parcel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n")
        made.writestr("parcel-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr("parcel-1.0.dist-info/RECORD", "")
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    bootstrap = script("bootstrap.py")
    lock = tmp_path / "requirements.lock"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-index"]
    monkeypatch.setattr(bootstrap, "PIP", [*pip, "--find-links", str(tmp_path), "--dest", str(tmp_path / "there")])
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    lock.write_text(f"parcel==1.0 \\\n    --hash=sha256:{right}\n")
    bootstrap.install_locked(1)
    for line in (f"parcel==1.0 \\\n    --hash=sha256:{'0' * 64}\n", "parcel==1.0\n"):
        lock.write_text(line)
        with pytest.raises(subprocess.CalledProcessError):
            bootstrap.install_locked(1)


# --- the workflow and the images ----------------------------------------------------------------------------------


def test_each_action_is_pinned_by_its_commit() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    used = re.findall(r"uses: (.*)", workflow)
    assert used
    for each in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each
    for job in yaml.safe_load(workflow)["jobs"].values():
        assert job["timeout-minutes"]


COMPOSE = "    image: pgvector/pgvector:pg18\n    image: wirewatch:latest\n      FROM python:3.11-slim\n"
DIGEST = "sha256:" + "ab" * 32


def registry(request: httpx.Request) -> httpx.Response:
    """A registry that hands out a token to whoever asks, as Docker's does."""
    if request.url.host == "auth.example":
        assert request.url.params["scope"].startswith("repository:")
        return httpx.Response(200, json={"token": "t"})
    if request.headers.get("authorization") != "Bearer t":
        challenge = 'Bearer realm="https://auth.example/token",service="r",scope="repository:x:pull"'
        return httpx.Response(401, headers={"www-authenticate": challenge})
    assert request.url.path in ("/v2/pgvector/pgvector/manifests/pg18", "/v2/library/python/manifests/3.11-slim")
    return httpx.Response(200, headers={"docker-content-digest": DIGEST})


def test_images_are_pinned_by_what_their_registry_says(capsys: pytest.CaptureFixture[str]) -> None:
    pin = script(".ci/pin_images.py")
    with httpx.Client(transport=httpx.MockTransport(registry)) as client:
        assert pin.check(COMPOSE, client) == 1
        assert "pgvector/pgvector:pg18, python:3.11-slim; run `make pin`" in capsys.readouterr().out
        made = pin.pinned(COMPOSE, client)
        assert made.splitlines() == [
            f"    image: pgvector/pgvector:pg18@{DIGEST}",
            "    image: wirewatch:latest",
            f"      FROM python:3.11-slim@{DIGEST}",
        ]
        assert pin.check(made, client) == 0
        assert pin.pinned(made, client) == made


def test_every_image_of_the_deployment_is_one_that_can_be_pinned() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    found = {match[2] for match in script(".ci/pin_images.py").IMAGE.finditer(text)}
    assert found == {"pgvector/pgvector:0.8.1-pg18", "redis:8.2.3", "python:3.11.14-slim-bookworm"}


# --- the audit ----------------------------------------------------------------------------------------------------

GOOD = {"name": "idna", "version": "3.20", "vulns": []}
BAD = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "odd", "skip_reason": "Dependency not found on PyPI"}
LOST = "pip_audit._service.interface.ConnectionError: Could not connect to PyPI's vulnerability feed"


@pytest.mark.parametrize(
    ("status", "out", "err", "ends", "says"),
    [
        (0, json.dumps({"dependencies": [GOOD]}), "", 0, "no advisory names any of 1 locked packages"),
        (1, json.dumps({"dependencies": [GOOD, BAD]}), "Found 1", 1, "old 1.0: PYSEC-1, mended in 1.1"),
        (0, json.dumps({"dependencies": [UNKNOWN]}), "", 0, "audit skipped: advisory database not reachable"),
        (0, json.dumps({"dependencies": [GOOD, UNKNOWN]}), "", 0, "names any of 1 locked packages"),
        (1, "", LOST, 0, "audit skipped: advisory database not reachable"),
        (1, "", "ERROR: a hash is missing", 1, "audit failed: ERROR: a hash is missing"),
        (0, "", "", 1, "audit failed: pip-audit said nothing"),
    ],
)
def test_findings_fail_and_a_database_out_of_reach_is_said(
    status: int, out: str, err: str, ends: int, says: str
) -> None:
    found, lines = script(".ci/audit.py").verdict(status, out, err)
    assert found == ends
    assert says in lines[-1]
