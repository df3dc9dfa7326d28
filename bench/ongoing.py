"""How the ongoing topic of `make live` does on texts that it was not written on: the table of docs/topics.md.

``python -m bench.ongoing`` prints, for each half of the outlets, what the gate and the full text let through by several
thresholds: of the recorded web, of strangers, and of the entries that came after the summit, these by language too.
Thresholds are chosen on the half `made`, and the figures claimed are those of the half `kept`. With ``--since`` it
prints only what came after, in some seconds.
"""

from __future__ import annotations

import sys

from pipeline import settings as configuration
from pipeline.settings import Settings
from pipeline.topics import Topic
from tests.support import ongoing_cases as cases

GATE, FULL = (0.25, 0.35, 0.40, 0.45, 0.50), (0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70)


def main() -> None:
    """Print the tables."""
    settings = configuration.load()
    subject = cases.topic(settings)
    if "--since" not in sys.argv:
        _others(settings, subject)
    _since(settings, subject)


def _others(settings: Settings, subject: Topic) -> None:
    """The table of the recorded web and of strangers."""
    write = sys.stdout.write
    write("| verdict | threshold | half | precision | recall | wrong | missed | of strangers |\n")
    write("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n")
    for threshold in GATE:
        trial = cases.by_thresholds(subject, threshold, subject.weights.threshold)
        _lines("gate", threshold, cases.of_the_recorded_web(settings, trial), cases.of_strangers(settings, trial))
    for threshold in FULL:
        trial = cases.by_thresholds(subject, subject.weights.entry_threshold, threshold)
        _lines("full", threshold, cases.of_the_recorded_web(settings, trial), cases.of_strangers(settings, trial))


def _since(settings: Settings, subject: Topic) -> None:
    """The tables of what came after the summit: by threshold, then by language at the topic's own."""
    heads = ("verdict", "threshold", "half", "found", "recall", "related let in", "others let in")
    sys.stdout.write(f"\n| {' | '.join(heads)} |\n| --- | ---: | --- | ---: | ---: | ---: | ---: |\n")
    for full, thresholds in ((False, GATE), (True, FULL)):
        for threshold in thresholds:
            entry, whole = subject.weights.entry_threshold, subject.weights.threshold
            trial = cases.by_thresholds(subject, entry if full else threshold, threshold if full else whole)
            judged = cases.of_what_came_since(settings, trial)
            for made in (True, False):
                found = " | ".join(_counted(judged, full=full, made=made))
                half = "made" if made else "kept"
                sys.stdout.write(f"| {'full' if full else 'gate'} | {threshold:.2f} | {half} | {found} |\n")
    judged = cases.of_what_came_since(settings, subject)
    columns = ("language", "half", "found", "recall", "related let in", "others let in")
    sys.stdout.write(
        f"\nThe gate by language:\n\n| {' | '.join(columns)} |\n| --- | --- | ---: | ---: | ---: | ---: |\n"
    )
    for language in sorted({str(each.language) for each in judged}):
        chosen = [each for each in judged if each.language == language]
        for made in (True, False):
            found = " | ".join(_counted(chosen, full=False, made=made))
            sys.stdout.write(f"| {language} | {'made' if made else 'kept'} | {found} |\n")


def _counted(judged: list[cases.Judged], *, full: bool, made: bool) -> list[str]:
    """Found of those on topic, recall, and let in of those that are related and of those that are not."""
    found = cases.quality(judged, full=full, made=made)
    let_in = [cases.let_in(judged, label, full=full, made=made) for label in (1, 0)]
    return [
        f"{found.right} of {found.right + found.missed}",
        f"{found.recall:.3f}",
        *(f"{n} of {m}" for n, m in let_in),
    ]


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
