"""Tell the desk what waits for a person: a draft to review, a run that failed, a clock that stood ahead."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pipeline import alerts, database, edits
from pipeline.alerts import FailedRun, Found
from pipeline.errors import WirewatchError
from pipeline.settings import Settings
from pipeline.steps import channels, unwritten
from pipeline.steps.alerting import alert
from pipeline.steps.barrier import guarded
from pipeline.steps.delivering import note, send_due
from pipeline.store import alarms, outbox, reviews
from pipeline.store import alerts as store
from pipeline.store.outbox import Ending, Parcel

log = logging.getLogger(__name__)


def tell_of_review(settings: Settings, *, digest_id: int, subject: str, link: str, now: datetime) -> dict[str, str]:
    """Tell the desk once that a digest waits for review, with its text; returns channel -> ``ok`` or the reason.

    Each is a row of `deliveries` under ``review-mail``, ``review-webhook`` or ``review-slack``. A channel that fails
    holds nothing up: the draft waits in Airflow all the same, and the channel is tried again for as long as it does.
    """
    wanted = [channels.REVIEW + name for name in channels.of_the_desk(settings)]
    with database.connect(settings) as connection:
        outbox.add(connection, digest_id, wanted, now, {"subject": f"To review: {subject}", "link": link})
        outbox.reopen(connection, digest_id, wanted, now)
    sent = send_due(settings, now=now, digest_id=digest_id)
    return {one.channel.removeprefix(channels.REVIEW): one.outcome for one in sent if one.channel in wanted}


def tell_of_run(settings: Settings, *, dag_id: str, run_id: str, reason: str, now: datetime) -> Mapping[str, Any]:
    """Tell the desk that a run failed for good: of the first of a DAG at once, of those that follow at intervals.

    A review that nobody gave in time is told by the alert of reviews. Returns the counts of `alert`; where the database
    is away, how each way ended: then a file of the home keeps what was told.
    """
    failure = FailedRun(dag_id, run_id, now, reason)
    try:
        with database.connect(settings) as connection:
            asked = reviews.asked(connection, (dag_id, run_id))
            lapsed = asked is not None and asked.ended_as == edits.NOBODY_ANSWERED
            if not lapsed:
                alarms.failed(connection, failure)
        return alert(settings, now=now, only=alerts.LAPSES if lapsed else alerts.RUNS)
    except WirewatchError as error:
        log.warning("the database did not take that %s failed: %s", run_id, error)
        [found] = alerts.failing_runs([failure], now)
        return unwritten.raise_(settings, found, now)


def tell(settings: Settings, *, subject: str, text: str, link: str) -> dict[str, str]:
    """Tell the desk, as of a clock put right; returns channel -> ``ok`` or the reason. It needs no database.

    Where there is one, what did not arrive is kept as rows of `alerts` and `deliveries`, and tried again with its key.
    """
    notice, key = {"subject": subject, "text": text, "link": link}, uuid4()
    endings = {}
    for name in channels.of_the_desk(settings):
        endings[name] = _attempt(settings, Parcel(0, None, 0, channels.RAISED + name, key, 1, notice))
    late = {name: ending for name, ending in endings.items() if ending.outcome not in ("ok", "internal")}
    if late:
        _keep(settings, notice, key, late)
    return {name: ending.outcome for name, ending in endings.items()}


def tell_of_clock(settings: Settings, *, pulled_back: int) -> dict[str, str]:
    """Tell the desk that so many rows bore times of a clock ahead; returns channel -> ``ok`` or the reason.

    Told when they are pulled back, and so once.
    """
    subject = f"A clock stood ahead: {pulled_back} {'row' if pulled_back == 1 else 'rows'} put right"
    text = (
        "Set the clock of each host right that runs Wirewatch; `wirewatch doctor` checks this one and the database's."
    )
    return tell(settings, subject=subject, text=text, link="")


def _attempt(settings: Settings, parcel: Parcel) -> Ending:
    """How one channel ended; where our own code fails on it, the others are used all the same."""
    send = channels.sender(settings, parcel.channel)
    assert send is not None
    ending = Ending("internal")
    with guarded(f"tell the desk by {parcel.channel}", []):
        ending = channels.attempt(send, settings, None, parcel)
    return ending


def _keep(settings: Settings, notice: dict[str, str], key: UUID, late: Mapping[str, Ending]) -> None:
    """Write what did not arrive at its first try; where no database can be reached, the log has it."""
    found = Found(alerts.NOTICE, str(key), notice["subject"], notice["text"])
    try:
        with database.connect(settings) as connection:
            now = database.clock(connection)
            alert_id = store.occurred(connection, found, now)
            for name, ending in late.items():
                parcel = outbox.add_tried(connection, alert_id, channels.RAISED + name, key, notice, now)
                note(connection, settings, None, parcel, ending, now)
    except WirewatchError as error:
        log.warning("%s did not arrive by %s, and is not kept: %s", notice["subject"], ", ".join(late), error)
