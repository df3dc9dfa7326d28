"""What the project is made of, and what is known to be wrong with it; run by ``make sbom`` and ``make audit``.

    audit.py sbom     build/sbom.json: a bill of materials of .venv in CycloneDX
    audit.py known    fail where an advisory names a locked version

The tools are locked in ``.ci/audit.lock`` and have an environment of their own in ``build/audit``, so that what they
need is no part of what they look at.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / ".ci" / "audit.lock"
HOME = ROOT / "build" / "audit"
PYTHON = HOME / "bin" / "python"
SBOM = ROOT / "build" / "sbom.json"
SKIPPED = "audit skipped: advisory database not reachable"
#: What requests and urllib3 say where there is no way to a host, or something in between answers in its place.
UNREACHABLE = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|MaxRetryError|NameResolutionError"
    r"|Could not (?:connect|resolve)|(?:40[37]|50[234]) (?:Client|Server) Error"
)


def main(arguments: list[str]) -> int:
    """Make the tools' environment where it is missing or another, then do what was asked; returns the exit status."""
    make_tools()
    return sbom() if arguments == ["sbom"] else known()


def make_tools() -> None:
    """The environment of the lock, made anew where the lock changed."""
    stamp = HOME / "lock.txt"
    if stamp.exists() and stamp.read_text() == LOCK.read_text():
        return
    venv.create(HOME, clear=True, with_pip=True)
    install = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    subprocess.run([*install, "--no-deps", "--requirement", str(LOCK)], check=True)
    stamp.write_text(LOCK.read_text())


def sbom() -> int:
    """Write the bill of materials, validated against CycloneDX's schema."""
    command = [str(PYTHON), "-m", "cyclonedx_py", "environment", str(ROOT / ".venv" / "bin" / "python")]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application"]
    command += ["--output-reproducible", "--output-format", "JSON", "--output-file", str(SBOM)]
    subprocess.run(command, check=True)
    parts = json.loads(SBOM.read_text())["components"]
    sys.stdout.write(f"{SBOM.relative_to(ROOT)}: {len(parts)} components\n")
    return 0


def known() -> int:
    """Ask the advisory database about every locked version; about one first, as it may not be there to be asked."""
    lock = (ROOT / "requirements.lock").read_text()
    first = re.search(r"^certifi==.*\n(?:    --hash.*\n)+", lock, re.MULTILINE)
    assert first is not None, "the lock has certifi"
    status, lines = asked(first[0])
    if not lines[-1].startswith(SKIPPED):
        status, lines = asked(lock)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return status


def asked(lock: str) -> tuple[int, Sequence[str]]:
    """What the database knows of the versions of a lock, as `verdict` says it."""
    command = [str(PYTHON), "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(lock)
        file.flush()
        command += ["--progress-spinner", "off", "--requirement", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return verdict(done.returncode, done.stdout, done.stderr)


def verdict(status: int, out: str, err: str) -> tuple[int, Sequence[str]]:
    """Exit status and lines of what pip-audit said: findings fail, a database out of reach is skipped and said."""
    try:
        found: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError):
        if UNREACHABLE.search(err):
            return 0, [SKIPPED]
        return status or 1, ["audit failed: " + (err.strip().splitlines() or ["pip-audit said nothing"])[-1]]
    if all("skip_reason" in each for each in found):
        return 0, [f"{SKIPPED} (what answers in its place knows no package)"]
    advisories = [(each, advisory) for each in found for advisory in each.get("vulns", ())]
    unknown = [f"not asked about: {each['name']}: {each['skip_reason']}" for each in found if "skip_reason" in each]
    if not advisories:
        return 0, [*unknown, f"audit: no advisory names any of {len(found) - len(unknown)} locked packages"]
    return 1, [*unknown, *(_line(each, advisory) for each, advisory in advisories)]


def _line(package: dict[str, Any], advisory: dict[str, Any]) -> str:
    mended = ", ".join(advisory["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {advisory['id']}, mended in {mended}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
