"""The outbox (table `deliveries`): what is to be sent of a digest or an alert, claimed one by one, and how it ended."""

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
    """A row that is to be tried now, of a digest or of an alert.

    `tries` and `at` are as it was found: another try since then changes them.
    """

    id: int
    digest_id: int | None
    alert_id: int | None
    channel: str
    tries: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row that this process sends. `key` is the same in every try; `tries` counts this one.

    `notice` has ``subject``, ``text`` and ``link`` of a message to the desk, and ``to`` where a mail is to go to fewer
    than the settings name.
    """

    id: int
    digest_id: int | None
    alert_id: int | None
    channel: str
    key: UUID
    tries: int
    notice: dict[str, str] | None

    @property
    def kind(self) -> str:
        """What it is of: ``digest`` or ``alert``."""
        return "digest" if self.alert_id is None else "alert"

    @property
    def of(self) -> int:
        """The number of the digest or the alert."""
        found = self.digest_id if self.alert_id is None else self.alert_id
        assert found is not None
        return found


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


def add_alert(
    connection: Connection, alert_id: int, channels: Sequence[str], now: datetime, notice: dict[str, str]
) -> None:
    """Have the desk told of an alert through these channels; one that has its row already keeps it."""
    run(connection, "outbox.add_alert", alert_id=alert_id, channels=list(channels), now=now, notice=Jsonb(notice))


def add_tried(
    connection: Connection, alert_id: int, channel: str, key: UUID, notice: dict[str, str], now: datetime
) -> Parcel:
    """Keep what was sent once already under this key, as a row of which the ending is still to be written."""
    made = {"alert_id": alert_id, "channel": channel, "key": key, "notice": Jsonb(notice)}
    found = fetch_one(connection, Parcel, "outbox.add_tried", now=now, **made)
    assert found is not None
    return found


def due(connection: Connection, now: datetime, *, longest: timedelta, digest_id: int | None = None) -> list[Due]:
    """What is to be tried now, of one digest or of all; `longest` is the longest wait that is ever set."""
    return fetch(connection, Due, "outbox.due", now=now, longest=longest, digest_id=digest_id)


def lock_files(connection: Connection, topic: str) -> None:
    """Be the only one to write the files of a topic until this transaction ends; waits for who is at it."""
    run(connection, "outbox.lock_files", topic=topic)


def claim(connection: Connection, row: Due, *, now: datetime, again: datetime) -> Parcel | None:
    """Begin a try; should its process die, the row is due at `again`. None where another process tried it meanwhile."""
    claimed: dict[str, Any] = {"id": row.id, "tries": row.tries, "seen": row.at}
    return fetch_one(connection, Parcel, "outbox.claim", now=now, again=again, **claimed)


def end(connection: Connection, parcel: Parcel, ending: Ending, then: Next) -> None:
    """Write how a try ended, and what follows."""
    run(
        connection,
        "outbox.end",
        id=parcel.id,
        outcome=ending.outcome,
        detail=ending.detail,
        rest=ending.rest,
        **asdict(then),
    )


def end_internal(connection: Connection, parcel: Parcel, detail: str, now: datetime) -> bool:
    """Write that our own code failed on it, after the fault was recorded; True where it is set aside."""
    return bool(fetch_value(connection, "outbox.end_internal", id=parcel.id, detail=detail, now=now))


def switched_off(connection: Connection, row: Due, now: datetime) -> None:
    """Write that no setting names the channel any more."""
    run(connection, "outbox.switched_off", now=now, id=row.id, tries=row.tries, seen=row.at)


def reopen(connection: Connection, digest_id: int, channels: Sequence[str], now: datetime) -> None:
    """Make what of a digest did not arrive by these channels due now, with its tries counted anew."""
    run(connection, "outbox.reopen", digest_id=digest_id, channels=list(channels), now=now)


def of_digest(connection: Connection, digest_id: int) -> list[Shown]:
    """Every row of one digest: its own channels first, then what the desk was told."""
    return fetch(connection, Shown, "outbox.of_digest", digest_id=digest_id)


def undelivered(connection: Connection) -> list[Shown]:
    """Of all digests, the channels that they have not reached."""
    return fetch(connection, Shown, "outbox.undelivered")
