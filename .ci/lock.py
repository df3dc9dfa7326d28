"""Write requirements.lock: what is installed here of all that pyproject.toml needs, with the extras of `EXTRAS`.

Run by ``make lock``. Local version tags (``+cpu``) are left out: which build of torch fits is the machine's business.
"""

from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("celery", "dev", "docs")  # others, such as faster backends, are the choice of who installs them
HEAD = "# Written by `make lock`; do not edit. Installed by `make run` and `make test`.\n"


def needed(requirements: list[str]) -> dict[str, str]:
    """Distribution name -> installed version, for these requirements and all that they need in turn."""
    installed = {canonicalize_name(d.metadata["Name"]): d for d in importlib.metadata.distributions()}
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    todo = [Requirement(line) for line in requirements]
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        distribution = installed.get(name)
        if distribution is None:
            sys.exit(f"{wanted} is not installed here; run `make test` first")
        found[name] = Version(distribution.version).public
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                for line in distribution.requires or ():
                    next_one = Requirement(line)
                    if next_one.marker is None or next_one.marker.evaluate({"extra": extra}):
                        todo.append(next_one)
    return found


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    roots = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in EXTRAS:
        roots += project["project"]["optional-dependencies"][extra]
    lines = [f"{name}=={version}\n" for name, version in sorted(needed(roots).items())]
    (ROOT / "requirements.lock").write_text(HEAD + "".join(lines))


if __name__ == "__main__":
    main()
