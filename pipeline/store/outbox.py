"""The outbox: what is to be sent of a digest, claimed one by one, and how each try ended (table `deliveries`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.database.rows import fetch, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is to be tried now. `tries` and `at` are as it was found: another try since then changes them."""

    digest_id: int
    channel: str
    tries: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row that this process sends. `key` is the same in every try; `tries` counts this one.

    `notice` has ``subject``, ``text`` and ``link`` of a message to the desk, and ``to`` where a mail is to go to fewer
    than the settings name.
    """

    digest_id: int
    channel: str
    key: UUID
    tries: int
    notice: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a try ended: `outcome` is ``ok`` or a reason, `detail` what the receiver said.

    `refused` says that another try will be answered likewise, `retry_after` for how many seconds the receiver asked to
    be left alone, `rest` the recipients that a mail is still to go to.
    """

    outcome: str
    detail: str | None = None
    refused: bool = False
    retry_after: float | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the view `outbox`, as people see it."""

    digest_id: int
    channel: str
    state: str
    outcome: str
    detail: str | None
    tries: int
    at: datetime
    next_try_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Next:
    """What follows a try: another at `next_try`, or none; `failed` is since when it is given up."""

    next_try: datetime | None = None
    failed: datetime | None = field(default=None)


def add(
    connection: Connection,
    digest_id: int,
    channels: Sequence[str],
    now: datetime,
    notice: dict[str, str] | None = None,
) -> None:
    """Have a digest, or a notice of it, sent through these channels; one that has its row already keeps it."""
    made = None if notice is None else Jsonb(notice)
    run(connection, "outbox.add", digest_id=digest_id, channels=list(channels), now=now, notice=made)


def due(connection: Connection, now: datetime, *, longest: timedelta, digest_id: int | None = None) -> list[Due]:
    """What is to be tried now, of one digest or of all; `longest` is the longest wait that is ever set."""
    return fetch(connection, Due, "outbox.due", now=now, longest=longest, digest_id=digest_id)


def lock_files(connection: Connection, topic: str) -> None:
    """Be the only one to write the files of a topic until this transaction ends; waits for who is at it."""
    run(connection, "outbox.lock_files", topic=topic)


def claim(connection: Connection, row: Due, *, now: datetime, again: datetime) -> Parcel | None:
    """Begin a try; should its process die, the row is due at `again`. None where another process tried it meanwhile."""
    return fetch_one(
        connection,
        Parcel,
        "outbox.claim",
        digest_id=row.digest_id,
        channel=row.channel,
        tries=row.tries,
        seen=row.at,
        now=now,
        again=again,
    )


def end(connection: Connection, parcel: Parcel, ending: Ending, then: Next) -> None:
    """Write how a try ended, and what follows."""
    run(
        connection,
        "outbox.end",
        digest_id=parcel.digest_id,
        channel=parcel.channel,
        outcome=ending.outcome,
        detail=ending.detail,
        rest=ending.rest,
        **asdict(then),
    )


def end_internal(connection: Connection, parcel: Parcel, detail: str, now: datetime) -> bool:
    """Write that our own code failed on it, after the fault was recorded; True where it is set aside."""
    row = {"digest_id": parcel.digest_id, "channel": parcel.channel, "detail": detail, "now": now}
    return bool(fetch_value(connection, "outbox.end_internal", **row))


def switched_off(connection: Connection, row: Due, now: datetime) -> None:
    """Write that no setting names the channel any more."""
    found: dict[str, Any] = {"digest_id": row.digest_id, "channel": row.channel, "tries": row.tries, "seen": row.at}
    run(connection, "outbox.switched_off", now=now, **found)


def reopen(connection: Connection, digest_id: int, channels: Sequence[str], now: datetime) -> None:
    """Make what of a digest did not arrive by these channels due now, with its tries counted anew."""
    run(connection, "outbox.reopen", digest_id=digest_id, channels=list(channels), now=now)


def of_digest(connection: Connection, digest_id: int) -> list[Shown]:
    """Every row of one digest: its own channels first, then what the desk was told."""
    return fetch(connection, Shown, "outbox.of_digest", digest_id=digest_id)


def undelivered(connection: Connection) -> list[Shown]:
    """Of all digests, the channels that they have not reached."""
    return fetch(connection, Shown, "outbox.undelivered")
