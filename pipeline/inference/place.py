"""Where the process that holds a model listens, within the home: a folder and a socket that only its owner may enter.

Each setting of the model has a socket of its own, so that a process never answers with another model. The record beside
it says which process it is, by its number and its start, so that a number that was given to another is not ended.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.settings import Settings

FOLDER = "model"
_LONGEST = 100  # bytes of an address: the kernel takes 108 on Linux and 104 on macOS, with its end
_GRACE_SECONDS = 5.0
_DECIDE = ("model", "device", "backend", "batch_size", "model_languages", "model_prompt")


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one model's process."""

    folder: Path
    key: str

    @property
    def socket(self) -> Path:
        """What it listens at; it is there from when the model is loaded."""
        return self.folder / f"{self.key}.sock"

    @property
    def lock(self) -> Path:
        """Held by whoever starts the process."""
        return self.folder / f"{self.key}.lock"

    @property
    def record(self) -> Path:
        """Number and start of the process."""
        return self.folder / f"{self.key}.json"

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / f"{self.key}.log"


def of(settings: Settings) -> Place:
    """The place of the settings' model."""
    told = [str(getattr(settings, name)) for name in _DECIDE]
    told.append(str(settings.models_folder.absolute()))
    key = hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]
    return Place(settings.home.absolute() / FOLDER, key)


def prepare(place: Place) -> None:
    """Make the folder for its owner alone. Raises `OSError` where it is somebody else's."""
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.folder.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(f"{place.folder} belongs to another user")
    if stat.S_IMODE(found.st_mode) != 0o700:
        place.folder.chmod(0o700)


@contextlib.contextmanager
def address(path: Path) -> Iterator[str]:
    """An address that the kernel takes for a socket at a path, also where the path is too long for one.

    Raises `OSError` where there is no way to name it.
    """
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
    elif sys.platform == "linux":
        folder = os.open(path.parent, os.O_PATH)
        try:
            yield f"/proc/self/fd/{folder}/{path.name}"
        finally:
            os.close(folder)
    else:
        raise OSError(f"{path} is too long for the address of a socket")


def connect(place: Place) -> socket.socket:
    """A connection to the process that listens there. Raises `OSError` where none does."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with address(place.socket) as named:
            connection.connect(named)
    except BaseException:
        connection.close()
        raise
    return connection


def note(place: Place) -> None:
    """Write down that this process holds the place."""
    part = place.record.with_suffix(".part")
    part.write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time()}))
    part.replace(place.record)


def holder(record: Path) -> psutil.Process | None:
    """The process that a record names, where it still runs."""
    try:
        entry = json.loads(record.read_text())
        process = psutil.Process(entry["pid"])
        return process if abs(process.create_time() - entry["created"]) < 1 else None
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None


def end_all(home: Path) -> int:
    """End every process that holds a model in a home; how many there were."""
    records = list((home.absolute() / FOLDER).glob("*.json"))
    found = [process for record in records if (process := holder(record)) is not None]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=_GRACE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=_GRACE_SECONDS)
    for record in records:
        record.unlink(missing_ok=True)
    return len(found)
