"""How the ongoing topic of `make live` does on texts that it was not written on: the table of docs/topics.md.

``python -m bench.ongoing`` prints, for each half of the outlets, what the gate and the full text let through by several
thresholds. Thresholds are chosen on the half `made`, and the figures claimed are those of the half `kept`.
"""

from __future__ import annotations

import sys

from pipeline import settings as configuration
from tests.support import ongoing_cases as cases

GATE, FULL = (0.25, 0.35, 0.40, 0.45, 0.50), (0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65)


def main() -> None:
    """Print the tables."""
    settings = configuration.load()
    subject = cases.topic(settings)
    write = sys.stdout.write
    write("| verdict | threshold | half | precision | recall | wrong | missed | of strangers |\n")
    write("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n")
    for threshold in GATE:
        trial = cases.by_thresholds(subject, threshold, subject.weights.threshold)
        _lines("gate", threshold, cases.of_the_recorded_web(settings, trial), cases.of_strangers(settings, trial))
    for threshold in FULL:
        trial = cases.by_thresholds(subject, subject.weights.entry_threshold, threshold)
        _lines("full", threshold, cases.of_the_recorded_web(settings, trial), cases.of_strangers(settings, trial))


def _lines(verdict: str, threshold: float, known: list[cases.Judged], strangers: list[cases.Judged]) -> None:
    full = verdict == "full"
    for made in (True, False):
        found = cases.quality(known, full=full, made=made)
        others = cases.quality(strangers, full=full, made=made)
        sys.stdout.write(
            f"| {verdict} | {threshold:.2f} | {'made' if made else 'kept'} | {found.precision:.3f} | {found.recall:.3f}"
            f" | {found.wrong} | {found.missed} | {others.wrong} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
