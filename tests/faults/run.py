"""So many kills over a collection of the recorded web; says each round, and replays one that failed.

    python -m tests.faults.run --kills 1000 --seed 7             # the nightly: about an hour on four cores
    python -m tests.faults.run --kills 14 --seed 7 --first 23    # round 23 of it once more
    python -m tests.faults.run --kills 100 --together            # two backfills, maintenance and digest side by side
    python -m tests.faults.run --kills 10 --airflow              # through Airflow, as `wirewatch run` starts it

Ends with status 1 where a round's rows differ from an undisturbed run's. A run that was broken off goes on with
`--first` and the kills that are left; each line says both.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults import campaign, terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=60, help="processes to kill in all (default: 60)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="what the rounds are drawn from")
    parser.add_argument("--first", type=int, default=1, help="number of the first round")
    parser.add_argument("--together", action="store_true", help="two of everything at once")
    parser.add_argument("--airflow", action="store_true", help="Airflow's path instead of the terminal's")
    parser.add_argument("--keep", action="store_true", help="leave the folder of the run where it is")
    options = parser.parse_args(arguments)
    folder = terminal.scratch()
    print(f"seed {options.seed}, {options.kills} kills, in {folder}", flush=True)
    failed = 0
    try:
        made = 0
        for report in _rounds(folder, options):
            made += len(report.kills)
            failed += not report.is_equal
            print(f"{report}\n  {made} of {options.kills} kills made; seed {options.seed}", flush=True)
    finally:
        if not options.keep and not failed:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{failed} rounds differ" if failed else "all rounds equal", flush=True)
    return 1 if failed else 0


def _rounds(folder: Path, options: argparse.Namespace) -> campaign.Reports:
    if options.airflow:
        from tests.faults import airflow

        return airflow.campaign(folder, options.seed, options.kills, first=options.first)
    return campaign.campaign(folder, options.seed, options.kills, first=options.first, together=options.together)


if __name__ == "__main__":
    sys.exit(main())
