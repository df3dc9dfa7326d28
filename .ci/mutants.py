"""Run mutmut over the modules that pyproject.toml names, and say for each how many of its mutants the tests kill.

Run by ``make mutants``; exit status 1 where a module falls under the floor. A run that was stopped goes on where it
was; mutants of functions that did not change are not tried again (remove ``mutants/`` to begin anew).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from mutmut.stats import status_by_exit_code

FLOOR = 0.8
"""Share of a module's mutants that the tests must kill; a mutant that runs into its time limit counts as killed."""
KILLED = frozenset({"killed", "timeout"})


def main() -> int:
    """Run, print a line per module, and answer whether every module is over the floor."""
    subprocess.run([sys.executable, "-m", "mutmut", "run"], check=True)
    poor = 0
    for path in sorted(Path("mutants/pipeline").rglob("*.py.meta")):
        outcomes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        if not outcomes:
            continue
        killed = sum(status_by_exit_code[code] in KILLED for code in outcomes.values())
        poor += killed < FLOOR * len(outcomes)
        sys.stdout.write(f"{path.relative_to('mutants').with_suffix('')}: {killed} of {len(outcomes)} killed\n")
    sys.stdout.write(
        "`python -m mutmut results` lists those that live, `python -m mutmut show NAME` what each changes\n"
    )
    return 1 if poor else 0


if __name__ == "__main__":
    sys.exit(main())
