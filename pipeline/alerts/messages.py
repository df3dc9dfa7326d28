"""What the desk reads of alerts: one message for each, or one for many of a kind that ring at once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.alerts.news import AWAY, DIED, DISK, LOOKS, MOVED, QUEUE, RUNS, SILENT, SPREADS, Found, Standing

MANY = 4
"""So many of a kind that ring at one look are one message: 171 feeds behind one dead name server are one matter."""
SHOWN = 10
"""Lines of a message about many."""
_TOGETHER = {
    SPREADS: "stories spread",
    DIED: "feeds died",
    SILENT: "feeds are silent beyond their habit",
    MOVED: "feeds moved",
    DISK: "disks fill",
    QUEUE: "queues grow",
    AWAY: "parts of Airflow are away",
    LOOKS: "watchers are away",
    RUNS: "DAGs fail",
}
_ALONE = {DIED: "dead feed, ", SILENT: "silent feed, "}
"""What the subject of one says before its title, which names the feed alone."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: its subject, its text, and the page that it leads to, below the UI's address."""

    subject: str
    text: str
    path: str = ""


def in_groups(rows: Iterable[_T], kind: Callable[[_T], str]) -> list[list[_T]]:
    """Those that are told together: all of a kind where they are many, else each by itself; in their order."""
    kinds: dict[str, list[_T]] = defaultdict(list)
    for row in rows:
        kinds[kind(row)].append(row)
    return [group for same in kinds.values() for group in ([same] if len(same) >= MANY else [[row] for row in same])]


def told(group: Sequence[Found], again: bool = False) -> Message:
    """That these hold, of one kind; `again` says that the desk was told before."""
    first = group[0]
    word = _word(first.kind, again)
    if len(group) == 1:
        return Message(f"{word}: {_ALONE.get(first.kind, '')}{first.title}", first.text, first.path)
    lines = [f"- {each.title}: {each.text.splitlines()[0]}" for each in group[:SHOWN]]
    more = [f"and {len(group) - SHOWN} more"] if len(group) > SHOWN else []
    path = first.path if all(each.path == first.path for each in group) else "/wirewatch/alarms"
    return Message(f"{word}: {len(group)} {_TOGETHER.get(first.kind, 'alerts')}", "\n".join([*lines, *more]), path)


def _word(kind: str, again: bool) -> str:
    if kind == RUNS:
        return "Still failing" if again else "Failed"
    return "Still" if again else "Alert"


def cleared(group: Sequence[Standing]) -> Message:
    """That these hold no more."""
    first = group[0]
    if len(group) == 1:
        text = f"It was raised at {first.raised_at:%Y-%m-%d %H:%M} UTC and holds no more."
        return Message(f"Over: {_ALONE.get(first.kind, '')}{first.title}", text)
    lines = [f"- {each.title}, raised at {each.raised_at:%Y-%m-%d %H:%M} UTC" for each in group[:SHOWN]]
    more = [f"and {len(group) - SHOWN} more"] if len(group) > SHOWN else []
    return Message(f"Over: {len(group)} {_TOGETHER.get(first.kind, 'alerts')}", "\n".join([*lines, *more]))
