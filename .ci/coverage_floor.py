"""Hold the floor of coverage: read what slipcover wrote, say the figure in one line, fail where it is too low.

Run by ``make test`` after the tests. The figure counts lines and branches of `pipeline` together, as the tests reach
them in their own process; what runs in processes that they start (Airflow, `wirewatch run`) is not seen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FLOOR = 92.0
"""Per cent; a change that covers more raises it, and nothing lowers it."""


def main(path: Path) -> int:
    """Say the figure and the modules with most that no test reaches; returns the exit status."""
    found = json.loads(path.read_text())
    share = found["summary"]["percent_covered"]
    sys.stdout.write(f"coverage: {share:.1f}% of lines and branches (floor {FLOOR:g}); by line in {path}\n")
    if share >= FLOOR:
        return 0
    missing = {name: len(file["missing_lines"]) for name, file in found["files"].items()}
    for name in sorted(missing, key=lambda name: -missing[name])[:10]:
        sys.stdout.write(f"  {missing[name]:4} lines not reached in {name}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
