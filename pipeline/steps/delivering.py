"""Work off the outbox: each row of `deliveries` that is due is claimed, sent once, and marked.

A row is sent by whoever holds its lock (`database.locks`), so that no two processes send it at once, and a killed one
lets go of it. Before the sending the row says that a try began, and when the next one is due; afterwards how it ended.
What dies between sending and mark is sent once more, under the same key: receivers can tell, and we cannot.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline import database
from pipeline.database import locks
from pipeline.errors import Fault
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.steps.barrier import Work, delivery_step
from pipeline.store import alerts, outbox
from pipeline.store import digests as store
from pipeline.store.digests import StoredDigest
from pipeline.store.outbox import Due, Ending, Next, Parcel
from pipeline.text.characters import storable

log = logging.getLogger(__name__)

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""Between a try and the next: eight tries in under two days, the first three within six minutes."""
TRIES = len(WAITS) + 1
REFUSALS = 3
"""Tries of what the receiver refuses (a 3xx or 4xx, a 5yz of mail): a deployment ends within minutes, a wrong address
does not, and the desk is to hear of that today."""
_DETAIL = 500
"""Letters of a receiver's answer that a row keeps."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How one try ended: ``ok``, the reason, or ``internal``; of a digest, or of an alert, which has no `digest_id`."""

    digest_id: int | None
    channel: str
    outcome: str


def next_try(ending: Ending, tries: int, now: datetime) -> datetime | None:
    """When what ended so after `tries` tries is tried again; None where it is given up.

    A receiver's Retry-After counts where it is longer than our own wait, up to the longest of these.
    """
    if tries >= (REFUSALS if ending.refused else TRIES):
        return None
    asked = timedelta(seconds=min(ending.retry_after or 0.0, WAITS[-1].total_seconds()))
    return now + max(WAITS[tries - 1], asked)


def deliver(
    settings: Settings,
    *,
    now: datetime,
    digest_id: int | None = None,
    anew: bool = False,
    of_the_house: bool = True,
    seconds: float = math.inf,
) -> dict[str, Any]:
    """Send what is due, of one digest or of all; returns counts by outcome: delivered, retried, failed, internal.

    `anew` makes all of the digest that did not arrive due now, also what was given up, by the channels set here.
    `of_the_house` and `seconds` are as `send_due` has them. A channel that fails never undoes a publication, and holds
    up no other.
    """
    if digest_id is not None and anew:
        with database.connect(settings) as connection:
            rows = [row.channel for row in outbox.of_digest(connection, digest_id)]
            mine = [row for row in rows if not row.startswith(channels.FAILED) and channels.sender(settings, row)]
            outbox.reopen(connection, digest_id, mine, now)
    sent = send_due(settings, now=now, digest_id=digest_id, of_the_house=of_the_house, seconds=seconds)
    found = Counter("delivered" if one.outcome == "ok" else one.outcome for one in sent)
    waiting = sum(count for name, count in found.items() if name not in ("delivered", "internal", "superseded"))
    return {"tried": len(sent), "delivered": found["delivered"], "failed": waiting, "internal": found["internal"]}


def complete(settings: Settings, *, digest_id: int, now: datetime) -> None:
    """Have a published digest sent by every channel that is set here: who decided it may have lacked one's setting."""
    with database.connect(settings) as connection:
        digest = store.digest(connection, digest_id)
        if digest is not None and digest.state == "published":
            outbox.add(connection, digest_id, channels.of_a_digest(settings), now)


def send_due(
    settings: Settings,
    *,
    now: datetime,
    digest_id: int | None = None,
    of_the_house: bool = True,
    seconds: float = math.inf,
) -> list[Sent]:
    """Send what is due; how each try ended, in order. What the desk is to be told of it is sent in the same run.

    `of_the_house` says that these settings are all there are: what they name no address of is switched off. After
    `seconds` no try begins any more; what is left is due for the next run.
    """
    sent: list[Sent] = []
    tried: set[int] = set()
    end = time.monotonic() + seconds
    while True:
        with database.connect(settings) as connection:
            found = outbox.due(connection, now, longest=WAITS[-1], digest_id=digest_id)
        rows = [row for row in found if row.id not in tried]
        if not rows:
            return sent
        for row in rows:
            if time.monotonic() > end:
                log.warning("the time is up: %d messages are left to the next run", len(found) - len(tried))
                return sent
            tried.add(row.id)
            if (digest_id is not None or not of_the_house) and channels.sender(settings, row.channel) is None:
                continue  # a terminal that lacks the variable says nothing of the desk, whose own run has it
            outcome = _send_one(settings, row, now)
            if outcome is not None:
                sent.append(Sent(row.digest_id, row.channel, outcome))


def _send_one(settings: Settings, row: Due, now: datetime) -> str | None:
    """How one try ended; None where there was none: another process is at it, or the channel is switched off."""
    send = channels.sender(settings, row.channel)
    # Longer than any sending takes: even where the lock is lost with its connection, nobody begins before.
    again = now + max(WAITS[0], timedelta(seconds=2 * settings.total_timeout))
    try:
        of = f"digest {row.digest_id}" if row.alert_id is None else f"alert {row.alert_id}"
        with locks.exclusive(settings, f"sending {of} by {row.channel}"):
            with database.connect(settings) as connection:
                if send is None:
                    outbox.switched_off(connection, row, now)
                    return None
                parcel = outbox.claim(connection, row, now=now, again=again)
            return None if parcel is None else _try(settings, send, parcel, now)
    except locks.HeldElsewhereError as error:
        log.info("%s", error)
        return None


def _try(settings: Settings, send: channels.Send, parcel: Parcel, now: datetime) -> str:
    work = Work(settings, now, delivery_step(parcel.channel, parcel.kind))
    outcome = "internal"

    def stumbled(connection: database.Connection, fault: Fault) -> None:
        if outbox.end_internal(connection, parcel, str(fault), now):
            _tell(connection, settings, _digest(connection, parcel), parcel, Ending("internal", str(fault)), now)

    with work.guard(parcel.of, stumbled):
        with database.connect(settings) as connection:
            digest = _digest(connection, parcel)
            wanted = _is_wanted(connection, parcel, digest)
        ending = channels.attempt(send, settings, digest, parcel) if wanted else Ending("superseded")
        with database.connect(settings) as connection:
            note(connection, settings, digest, parcel, ending, now)
            work.passed(parcel.of)
            work.clear(connection)
        outcome = ending.outcome
    return outcome


def _digest(connection: database.Connection, parcel: Parcel) -> StoredDigest | None:
    """The digest that it is of; None where it is of an alert."""
    return None if parcel.digest_id is None else store.digest(connection, parcel.digest_id)


def _is_wanted(connection: database.Connection, parcel: Parcel, digest: StoredDigest | None) -> bool:
    if digest is not None:
        return channels.is_wanted(parcel.channel, digest.state)
    standing = alerts.state(connection, parcel.id)
    return standing is not None and channels.is_wanted_of_alert(parcel.channel, standing.kind, standing.stands)


def note(
    connection: database.Connection,
    settings: Settings,
    digest: StoredDigest | None,
    parcel: Parcel,
    ending: Ending,
    now: datetime,
) -> None:
    """Write how a try ended; in the same transaction the desk is told of one that was the last."""
    detail = None if ending.detail is None else storable(ending.detail)[:_DETAIL]
    ending = Ending(ending.outcome, detail, ending.refused, ending.retry_after, ending.rest)
    if ending.outcome in ("ok", "superseded"):
        outbox.end(connection, parcel, ending, Next())
        return
    at = next_try(ending, parcel.tries, now)
    outbox.end(connection, parcel, ending, Next(at, now if at is None else None))
    what = f"{parcel.kind} {parcel.of}: {parcel.channel} ended {ending.outcome} at try {parcel.tries}"
    if at is None:
        log.error("%s, and is given up: %s", what, detail)
        _tell(connection, settings, digest, parcel, ending, now)
    else:
        log.info("%s, and is tried again from %s UTC: %s", what, f"{at:%Y-%m-%d %H:%M}", detail)


def _tell(
    connection: database.Connection,
    settings: Settings,
    digest: StoredDigest | None,
    parcel: Parcel,
    ending: Ending,
    now: datetime,
) -> None:
    """Have the desk told of a channel that was given up; a notice that fails is no news of its own."""
    if parcel.channel.startswith(channels.FAILED) or digest is None:
        return
    said = f"{ending.outcome}: {ending.detail}" if ending.detail else ending.outcome
    notice = {
        "subject": f"Not delivered: {digest.title}, by {parcel.channel}",
        "text": (
            f"Digest {digest.id} did not arrive by {parcel.channel} after {parcel.tries} tries. The last ended {said}. "
            f"Mend it, and `wirewatch digest deliver {digest.id}` sends it."
        ),
        "link": f"{settings.public_url.rstrip('/')}/wirewatch/digests/{digest.id}" if settings.public_url else "",
    }
    told = [f"{channels.FAILED}{parcel.channel}-{via}" for via in channels.of_the_desk(settings)]
    outbox.add(connection, digest.id, told, now, notice)
