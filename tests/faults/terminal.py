"""The terminal's path: the commands of a day, one after another, each called again until it ends well."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from pipeline.database import embedded
from pipeline.settings import Settings
from tests.faults import victims
from tests.faults.victims import Kill
from tests.faults.world import World
from tests.support.programs import plain_environment
from tests.support.project import REPOSITORY

#: Seconds after which a command that nobody touched counts as stuck.
STUCK = 150.0
#: Seconds between a command's end and its next try.
RETRY = 0.05
WEIGHTS = {"backend": 4.0, "command": 5.0, "extraction": 3.0, "postmaster": 1.0, "servant": 0.7}

# Of a command of ours; what a helper of Python's says, whose parent goes in the moment of its birth, is none.
_TRACEBACK = re.compile(r'Traceback \(most recent call last\):.*?File "[^"]*/pipeline/', re.DOTALL)

Arguments = Callable[[Mapping[str, Any]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Call:
    """A command: its arguments, made from what earlier ones printed, and how many kills at most may meet it."""

    name: str
    arguments: Arguments
    most: int = 1_000


def call(*arguments: str, most: int = 1_000) -> Call:
    """A command whose arguments are known beforehand."""
    return Call(" ".join(arguments[:2]), lambda _: arguments, most)


def schema(world: World) -> list[Call]:
    """The tables and the feeds."""
    return [call("db", "migrate", most=1), call("feeds", "import", f"{world.seeds}/recorded/feeds.opml", most=1)]


def collected(day: str) -> list[Call]:
    """A day's coverage, from the archive into stories."""
    return [call("backfill", "--day", day, "--json")]


def delivered(day: str) -> list[Call]:
    """A day's digest, drafted, approved and delivered."""
    publish = Call("publish", lambda said: ("digest", "publish", str(said["digest_id"]), "--json"), 2)
    deliver = Call("deliver", lambda said: ("digest", "deliver", str(said["digest_id"]), "--json"), 1)
    return [call("digest", "--day", day, "--json", most=2), publish, deliver]


def beside(day: str) -> list[Lane]:
    """Two of everything at once: two backfills of one day, maintenance, and drafts of its digest."""
    return [
        Lane("one", collected(day)),
        Lane("two", collected(day)),
        Lane("maintain", [call("maintain")] * 4),
        Lane("draft", [call("digest", "--day", day, "--json")] * 4),
    ]


@dataclass(slots=True)
class Lane:
    """Commands in order; `said` is what the last line of JSON of each that ended well held."""

    name: str
    calls: Sequence[Call]
    said: dict[str, Any] = field(default_factory=dict)
    place: int = 0
    pid: int = 0
    tries: int = 0
    started: float = 0.0
    not_before: float = 0.0

    @property
    def is_done(self) -> bool:
        """All its commands ended well."""
        return self.place == len(self.calls)


class Commands:
    """Starts commands of `wirewatch` on one database of a world through a process that has all imports done."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=plain_environment(PYTHONPATH=str(REPOSITORY)),
            cwd=REPOSITORY,
        )
        self._buffered = b""
        self._await_ready()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 120
        while not self.events(0.5):
            if time.monotonic() > deadline or self._zygote.poll() is not None:
                raise RuntimeError("the process that starts the commands does not come up")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._zygote.stdin is not None and self._zygote.stdout is not None
        self._zygote.stdin.close()
        self._zygote.wait(30)
        self._zygote.stdout.close()

    def start(self, lane: Lane, database: str, **more: str) -> None:
        """Start the next command of a lane; its pid comes with the events."""
        assert self._zygote.stdin is not None
        lane.tries += 1
        lane.started = time.monotonic()
        lane.pid = -1
        command = {
            "name": lane.name,
            "arguments": list(lane.calls[lane.place].arguments(lane.said)),
            "environment": self.world.environment(database, **more),
            "output": str(self.output(lane, database)),
        }
        self._zygote.stdin.write(json.dumps(command).encode() + b"\n")
        self._zygote.stdin.flush()

    def output(self, lane: Lane, database: str) -> Path:
        """Where the present try of a lane's command writes."""
        return self.folder / f"{database}-{lane.name}-{lane.place}-{lane.tries}.log"

    def events(self, seconds: float) -> list[dict[str, Any]]:
        """What started or ended; waits at most so long for the first."""
        assert self._zygote.stdout is not None
        descriptor = self._zygote.stdout.fileno()
        if not select.select([descriptor], [], [], seconds)[0]:
            return []
        *lines, self._buffered = (self._buffered + os.read(descriptor, 65_536)).split(b"\n")
        return [json.loads(line) for line in lines]


@dataclass(slots=True)
class Outcome:
    """What happened in a round: the kills, the tries beyond the first, and what commands said that was no line.

    `durations` holds the seconds of the last try of each call.
    """

    kills: list[Kill] = field(default_factory=list)
    tries: int = 0
    seconds: float = 0.0
    tracebacks: list[str] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Round:
    """Lanes of commands on one database, with at most so many kills on the way.

    A kill comes after a wait that is drawn for it, up to the time that the call takes undisturbed (`expected`, in
    seconds) and up to `longest`, so that what a command does at its end is met as well as its beginning.
    """

    commands: Commands
    database: str
    lanes: Sequence[Lane]
    random: Random
    kills: int = 0
    longest: float = 3.0
    expected: Mapping[str, float] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)
    _strike_at: float = 0.0
    _met: Counter[tuple[str, int]] = field(default_factory=Counter)

    def run(self) -> Outcome:
        """Until every lane is done. Raises `AssertionError` where a command is stuck."""
        began = time.monotonic()
        try:
            while not all(lane.is_done for lane in self.lanes):
                self._start_waiting()
                for event in self.commands.events(0.02):
                    self._note(event)
                if time.monotonic() >= self._strike_at and len(self.outcome.kills) < self.kills:
                    self._strike()
                self._watch()
        finally:
            self._end()
        self.outcome.seconds += time.monotonic() - began
        return self.outcome

    def _draw(self) -> None:
        """When the next kill comes, counted from now."""
        at_work = [lane.calls[lane.place].name for lane in self.lanes if not lane.is_done]
        usual = max((self.expected.get(name, self.longest) for name in at_work), default=self.longest)
        self._strike_at = time.monotonic() + self.random.uniform(0.0, min(self.longest, 1.1 * usual))

    def _start_waiting(self) -> None:
        for lane in self.lanes:
            if not lane.is_done and lane.pid == 0 and time.monotonic() >= lane.not_before:
                self.commands.start(lane, self.database, **self.more)
                self._draw()

    def _strike(self) -> None:
        self._draw()
        met = [
            lane
            for lane in self.lanes
            if lane.pid > 0 and self._met[lane.name, lane.place] < lane.calls[lane.place].most
        ]
        if not met:
            return
        parts = victims.server_parts(self.commands.world.home) | victims.command_parts([lane.pid for lane in met])
        kill = victims.strike(self.random, parts, WEIGHTS)
        if kill is not None:
            self.outcome.kills.append(kill)
            self._met.update((lane.name, lane.place) for lane in met)

    def _note(self, event: dict[str, Any]) -> None:
        lane = next(lane for lane in self.lanes if lane.name == event["name"])
        if "pid" in event:
            lane.pid = event["pid"]
            return
        output = self.commands.output(lane, self.database)
        text = output.read_text(errors="replace") if output.exists() else ""
        if _TRACEBACK.search(text):
            self.outcome.tracebacks.append(f"{output.name}: {text.strip().splitlines()[-1][:300]}")
        lane.pid = 0
        if event["status"] != 0:
            self.outcome.tries += 1
            lane.not_before = time.monotonic() + RETRY
            return
        for line in text.splitlines():
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                lane.said |= said if isinstance(said, dict) else {}
        self.outcome.durations[lane.calls[lane.place].name] = time.monotonic() - lane.started
        lane.place += 1
        lane.tries = 0

    def _watch(self) -> None:
        for lane in self.lanes:
            if lane.pid > 0 and time.monotonic() - lane.started > STUCK:
                output = self.commands.output(lane, self.database)
                said = output.read_text(errors="replace")[-2000:] if output.exists() else ""
                raise AssertionError(f"{lane.calls[lane.place].name} is stuck after {STUCK:.0f} s: {said}")

    def _end(self) -> None:
        for lane in self.lanes:
            if lane.pid > 0:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(lane.pid, signal.SIGKILL)


@contextlib.contextmanager
def held_server(world: World) -> Iterator[embedded.Server]:
    """The world's server, which commands then find running and leave running."""
    with embedded.running(Settings(home=world.home)) as server:
        yield server


def scratch() -> Path:
    """A folder that also the server's account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="wirewatch-faults-"))
    folder.chmod(0o755)
    return folder
