"""The kinds of failure: this item's (recorded on its row), ours on one item, and the world's (the task tries again)."""

from __future__ import annotations

import errno
import traceback
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parent
_LONGEST = 500
_LONGEST_TRACE = 20_000
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Error numbers of an OSError that speak of the machine, whatever item it was at work on."""


class WirewatchError(Exception):
    """Base of what Wirewatch raises on purpose; the message is one line that says what to do."""


class ItemError(WirewatchError):
    """One feed, entry or page failed; the run goes on and the row keeps `reason`.

    `reason` is a short stable code (``timeout``, ``not-a-feed``), `detail` a line for people (at most 500 characters,
    whatever it quotes), `url` the address concerned, `retry_after` seconds until another try is sensible (None: the
    caller decides).
    """

    def __init__(self, reason: str, detail: str = "", *, url: str = "", retry_after: float | None = None) -> None:
        self.reason = reason
        self.detail = _told(detail)
        super().__init__(f"{reason}: {self.detail}" if self.detail else reason)
        self.url = url
        self.retry_after = retry_after


class InfrastructureError(WirewatchError):
    """The database, the disk or the model cannot be reached; nothing was recorded and the task is retried."""


class ContendedError(InfrastructureError):
    """Another transaction was in the way, and Postgres ended this one: the same once more may well go through."""


class ConfigurationError(WirewatchError):
    """A setting, topic file, database address or model name is wrong; raised before any work starts."""


class BrokenStepError(WirewatchError):
    """Most items of a step ended ``internal``: a defect of ours. Raised after all others were written."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What our own code raised on one item.

    `name` is the exception's class, `message` its text (at most 500 characters), `place` the innermost line of this
    package that it passed through (``extraction/facts.py:112``), `trace` the end of the traceback (at most 20,000
    characters).
    """

    name: str
    message: str
    place: str
    trace: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        """The fault that an exception is; that of an `InternalError` is the one it carries."""
        if isinstance(error, InternalError):
            return error.fault
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        trace = "".join(traceback.format_exception(error))[-_LONGEST_TRACE:]
        return cls(name, _told(_said(error)), _place(error), trace)

    def __str__(self) -> str:
        said = f"{self.name}: {self.message}" if self.message else self.name
        return f"{said} ({self.place})" if self.place else said


class InternalError(ItemError):
    """The outcome ``internal``: our own code failed on this item. It carries the fault from one process to another."""

    def __init__(self, fault: Fault, *, url: str = "") -> None:
        super().__init__("internal", str(fault), url=url)
        self.fault = fault

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.fault,), {"url": self.url}


def is_an_items(error: BaseException) -> bool:
    """Whether an exception is one item's fault, so that the rest of a batch goes on.

    It is not where the database, the disk, the memory or the set-up is what failed, nor where somebody stopped us.
    """
    return isinstance(error, Exception) and not isinstance(
        error, InfrastructureError | ConfigurationError | BrokenStepError | MemoryError
    )


def _place(error: BaseException) -> str:
    """File and line of the innermost frame within this package; empty where there is none."""
    found = ""
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            found = f"{path.relative_to(_PACKAGE).as_posix()}:{frame.lineno}"
    return found


def _told(text: str) -> str:
    """What an error says, on one line that Postgres and UTF-8 can hold: they take no NUL and no half surrogate pair."""
    text = text[: 4 * _LONGEST].replace("\0", "")
    return " ".join(text.split()).encode("utf-8", "replace").decode("utf-8")[:_LONGEST]


def _said(error: BaseException) -> str:
    """What an exception says; one that fails even at that is still the fault of its item."""
    try:
        return str(error)
    except Exception:
        return "(its text cannot be read)"
