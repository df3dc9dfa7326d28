"""Write the locks: every package that is needed, at its version, with the hash of each of its files.

Run by ``make lock``. What is locked already keeps its version; ``make lock UPGRADE="NAME …"`` takes the newest of those
named. One lock serves Linux and macOS on every Python that is supported. uv resolves it and asks the index that pip is
set to; nothing of this machine stands in the result.

``requirements.lock`` is the project with the extras of `EXTRAS`, ``.ci/audit.lock`` what `.ci/audit.py` runs with,
``.ci/bench.lock`` what `bench/readers.py` compares with, and ``deploy/accounts.lock`` what a deployment with accounts
needs beside the first; the last two at the versions of the first where both have a package.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from itertools import product
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("celery", "dev", "docs")  # others, such as faster backends, are the choice of who installs them
AUDIT = ("cyclonedx-bom", "pip-audit")
PYTHONS = ("3.11", "3.12", "3.13")
OLDEST = "3.11.5"
"""A dependency of the documentation asks for it."""
SYSTEMS = (("linux", "Linux"), ("darwin", "Darwin"))
MACHINES = ("x86_64", "aarch64", "arm64")
HEAD = "# Written by `make lock`; do not edit. Installed by `make run` and `make test`; pip checks each file's hash.\n"


def main(upgrade: list[str]) -> None:
    """Write all locks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    build = project["build-system"]["requires"]
    resolve(ROOT / "requirements.lock", ["pyproject.toml", *extras], build, upgrade)
    resolve(ROOT / ".ci" / "audit.lock", [], list(AUDIT), upgrade)
    kept = ["--constraint", "requirements.lock"]
    extra = project["project"]["optional-dependencies"]
    resolve(ROOT / ".ci" / "bench.lock", kept, extra["bench"], upgrade)
    resolve(ROOT / "deploy" / "accounts.lock", kept, extra["accounts"], upgrade)


def resolve(lock: Path, sources: list[str], more: list[str], upgrade: list[str]) -> None:
    """Bring one lock up to what `sources` and the requirements of `more` ask for."""
    with tempfile.TemporaryDirectory() as folder:
        extra, made = Path(folder) / "more.in", Path(folder) / "made.txt"
        extra.write_text("\n".join(more) + "\n")
        if lock.exists():
            made.write_text(lock.read_text())  # uv keeps the versions that stand in what it writes over
        command = [sys.executable, "-m", "uv", "pip", "compile", *sources, str(extra), "--output-file", str(made)]
        command += ["--universal", "--python-version", OLDEST, "--generate-hashes", "--quiet"]
        command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        command += [word for name in upgrade for word in ("--upgrade-package", name)]
        subprocess.run(command, cwd=ROOT, env=os.environ | as_pip_asks(), check=True)
        lock.write_text(HEAD + plain(made.read_text()))


def as_pip_asks() -> dict[str, str]:
    """uv's variables for the index and the authorities that pip is configured with, where it is."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    found = dict(re.findall(r"^(?:global|user|site|:env:)\.([\w-]+)='(.*)'$", listed.stdout, re.MULTILINE))
    wanted = {"UV_DEFAULT_INDEX": found.get("index-url"), "SSL_CERT_FILE": found.get("cert")}
    return {name: value for name, value in wanted.items() if value and name not in os.environ}


def plain(text: str) -> str:
    """The lock without the conditions that hold wherever it is used."""
    return re.sub(r"^(\S+==\S+) ; (.*?)( \\)?$", _condition, text, flags=re.MULTILINE)


def _condition(found: re.Match[str]) -> str:
    pinned, condition, rest = found[1], found[2], found[3] or ""
    answers = {Marker(condition).evaluate(place) for place in places()}
    return f"{pinned}{rest}" if answers == {True} else f"{pinned} ; {condition}{rest}"


def places() -> list[dict[str, str]]:
    """The environments that the lock is for, as markers see them."""
    return [
        {
            "python_version": python,
            "python_full_version": f"{python}.9",
            "sys_platform": name,
            "platform_system": system,
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "os_name": "posix",
        }
        for python, (name, system), machine in product(PYTHONS, SYSTEMS, MACHINES)
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
