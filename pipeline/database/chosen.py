"""Which database a home works on: the one that the environment names, else that of the `wirewatch run` there.

`wirewatch run` writes it into ``database.json`` of the home, so that a command in another terminal means the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.database.server_folder import write_private
from pipeline.settings import Settings

RECORDED_DATABASE = "wirewatch"
LIVE_DATABASE = "wirewatch_live"


@dataclass(frozen=True, slots=True)
class Choice:
    """A database and why it is the one.

    `url` is its address where it is on a server of one's own, else `name` is its name in the embedded one. `by_hand`
    says that the environment names it.
    """

    why: str
    name: str = ""
    url: str = ""
    by_hand: bool = False


def choose(settings: Settings) -> Choice | None:
    """The database to work on, as far as environment and home say it; None where they do not.

    The address of a server of one's own is followed only while the `wirewatch run` that uses it lives.
    """
    if settings.database_url:
        return Choice("WIREWATCH_DATABASE_URL names it", url=settings.database_url, by_hand=True)
    if settings.database_name:
        return Choice("WIREWATCH_DATABASE_NAME names it", name=settings.database_name, by_hand=True)
    try:
        kept = json.loads(_file(settings.home).read_text())
        command = "wirewatch run --live" if kept["live"] else "wirewatch run"
        alive = _lives(kept["pid"], kept["created"])
        if kept["url"] and alive:
            return Choice(f"`{command}` uses it", url=kept["url"])
        if kept["name"]:
            return Choice(f"`{command}` {'uses' if alive else 'last used'} it", name=kept["name"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def choose_among(existing: Iterable[str]) -> Choice:
    """The one to work on of those in an embedded server, where nothing else says it.

    That of `make run`, unless the live one alone is there.
    """
    names = set(existing)
    if LIVE_DATABASE in names and RECORDED_DATABASE not in names:
        return Choice("the only one here", name=LIVE_DATABASE)
    return Choice("nothing else was said", name=RECORDED_DATABASE)


def note(home: Path, *, live: bool, name: str = "", url: str = "") -> None:
    """Write down what this process, a `wirewatch run`, works on: a name in the embedded server or an address."""
    created = psutil.Process().create_time()
    write_private(_file(home), {"live": live, "name": name, "url": url, "pid": os.getpid(), "created": created})


def _file(home: Path) -> Path:
    return home / "database.json"


def _lives(pid: int, created: float) -> bool:
    try:
        return bool(abs(psutil.Process(pid).create_time() - created) < 1)
    except psutil.NoSuchProcess:
        return False
