"""Rounds of kills, each on a database of its own, until so many were made; what differs from an undisturbed run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults import rows, terminal
from tests.faults.rows import Rows
from tests.faults.terminal import Commands, Lane, Outcome, Round
from tests.faults.victims import Kill
from tests.faults.world import World, world
from tests.support.processes import of_home

DAY = "2024-06-19"
#: Kills of one round; more of them in one day's work would leave it no time to do anything.
PER_ROUND = 26

#: Lines of one kind of row that a report shows.
SHOWN = 8


@dataclass(slots=True)
class Report:
    """How one round ended: its number, its kills, and a line per row that differs, by kind of row."""

    number: int
    kills: list[Kill]
    retries: int
    seconds: float
    differences: dict[str, list[str]] = field(default_factory=dict)
    tracebacks: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """No row differs, no command said more than lines for people, and nothing is left running."""
        return not self.differences and not self.tracebacks and not self.left

    def __str__(self) -> str:
        head = f"round {self.number}: {len(self.kills)} kills, {self.retries} retries, {self.seconds:.1f} s"
        if self.is_equal:
            return f"{head}: equal"
        lines = []
        for name, found in self.differences.items():
            lines += [f"  {name}: {line}" for line in found[:SHOWN]]
            lines += [f"  {name}: and {len(found) - SHOWN} more"] * (len(found) > SHOWN)
        lines += [f"  traceback: {line}" for line in self.tracebacks]
        lines += [f"  left running: {line}" for line in self.left]
        return "\n".join([f"{head}: DIFFERS", f"  after {', '.join(map(str, self.kills))}", *lines])


Reports = Iterator[Report]


@dataclass(slots=True)
class Terminal:
    """The terminal's path in one world: an undisturbed run first, against which each later one is held."""

    world: World
    commands: Commands
    seed: int
    together: bool = False
    wanted: Rows = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)

    def undisturbed(self) -> Outcome:
        """A run that nobody disturbs: the rows that are wanted, and how long each command takes."""
        outcome = self._run("undisturbed", Random(self.seed), 0)
        self.wanted, self.expected = self._rows("undisturbed"), outcome.durations
        return outcome

    def round(self, number: int, kills: int) -> Report:
        """The same with kills, drawn from the seed and the number of the round."""
        random = Random(f"{self.seed}-{number}")
        # In every other round each command starts and stops the server, as on a machine where nothing else runs.
        held = terminal.held_server(self.world) if random.random() < 0.5 else nullcontext()
        with held:
            outcome = self._run(f"round_{number}", random, kills)
            found = self._rows(f"round_{number}")
        report = Report(number, outcome.kills, outcome.tries, outcome.seconds, tracebacks=outcome.tracebacks)
        report.differences = rows.differences(found, self.wanted)
        return report

    def _rows(self, database: str) -> Rows:
        with self.world.settings(database) as settings:
            return rows.read(settings) | {"posts": self.world.posts.take()}

    def _run(self, database: str, random: Random, kills: int) -> Outcome:
        outcome = Outcome()

        def go(lanes: list[Lane], most: int) -> None:
            Round(self.commands, database, lanes, random, most, expected=self.expected, outcome=outcome).run()

        if not self.together:
            go([Lane("one", [*terminal.schema(self.world), *terminal.collected(DAY), *terminal.delivered(DAY)])], kills)
            return outcome
        go([Lane("schema", terminal.schema(self.world))], 0)
        go(terminal.beside(DAY), kills)
        go([Lane("end", [*terminal.collected(DAY), *terminal.delivered(DAY)])], kills)
        return outcome


def campaign(folder: Path, seed: int, kills: int, *, first: int = 1, together: bool = False) -> Reports:
    """Rounds on the terminal's path until so many kills were made, from round `first` on."""
    with ExitStack() as stack:
        place = stack.enter_context(world(folder))
        commands = stack.enter_context(Commands(place, folder / "out"))
        path = Terminal(place, commands, seed, together)
        with terminal.held_server(place):
            path.undisturbed()
        number = first
        while kills > 0:
            report = path.round(number, min(kills, PER_ROUND))
            kills -= len(report.kills)
            number += 1
            yield report
    assert not of_home(folder), f"left running: {of_home(folder)}"
