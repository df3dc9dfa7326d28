"""Watch the house from outside Airflow: the same alerts, also where scheduler, workers or database are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline import alerts, database
from pipeline.alerts import Found, Parts
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings
from pipeline.steps import channels, unwritten
from pipeline.steps.alerting import alert
from pipeline.store import alarms
from pipeline.store import alerts as store

NOBODY = (
    "nobody would be told: set WIREWATCH_DESK_MAIL_TO with WIREWATCH_SMTP_URL, WIREWATCH_DESK_WEBHOOK_URL or "
    "WIREWATCH_DESK_SLACK_URL; a command in a terminal does not read Airflow's connections"
)
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def watch(settings: Settings, *, now: datetime, parts: Parts | None) -> dict[str, Any]:
    """Look for every alert and tell the desk what is news; returns counts, as `alert` does.

    Where the database is away the desk is told that, with state in a file of the home. Raises `ConfigurationError`
    where no setting names anybody: an alert that was raised and told to nobody would be told by no other process.
    """
    if not channels.of_the_desk(settings):
        raise ConfigurationError(NOBODY)
    try:
        counts = alert(settings, now=now, by="watch", parts=parts, of_the_house=False)
    except InfrastructureError as error:
        text = f"{error}. Nothing is collected, and nothing is lost: start it again, and each step goes on by itself."
        told = unwritten.raise_(settings, Found(alerts.DATABASE, "", "The database is away", text), now)
        return {"database": str(error), **{f"told_by_{via}": outcome for via, outcome in told.items()}}
    over = unwritten.clear(settings, now)
    return counts | ({"over": over} if over else {})


@dataclass(frozen=True, slots=True)
class Lights:
    """How the house is: ``green``, ``amber`` or ``red``, what stands, worst first, and when somebody looked last.

    `looked_at` is None, and the light not green, where nobody has looked yet.
    """

    light: str
    alarms: tuple[store.Shown, ...]
    looked_at: datetime | None
    says: str = ""


def lights(settings: Settings, *, now: datetime) -> Lights:
    """How the house is by the alerts that stand; red too where the database is away or nobody looks any more."""
    away = [kind for kind, _ in unwritten.standing(settings) if kind == alerts.DATABASE]
    try:
        with database.connect(settings) as connection:
            return lights_of(connection, now)
    except InfrastructureError as error:
        return Lights(alerts.RED, (), None, f"the database is away: {error}" + (", and the desk knows" if away else ""))


def lights_of(connection: database.Connection, now: datetime) -> Lights:
    """As `lights`, by a connection that is open.

    That no feed has ever answered is seen at once, before anybody has looked for alerts.
    """
    standing = [row for row in store.now_standing(connection) if row.kind != alerts.SPREADS]
    looked = {row.subject: row.at for row in alarms.latest(connection, ["look"], _BEGINNING, now)}
    last = max(looked.values(), default=None)
    order = (alerts.RED, alerts.AMBER, alerts.GREEN)
    standing = sorted(standing, key=lambda row: order.index(alerts.light_of(row.kind, row.raised_at, now)))
    light = alerts.light([(row.kind, row.raised_at) for row in standing], now)
    if alerts.nobody_looks([alerts.Looked("deliver", last)] if last else [], now):
        assert last is not None
        says = f"nobody has looked since {last:%Y-%m-%d %H:%M} UTC: Airflow's scheduler or its workers are away"
        return Lights(alerts.RED, tuple(standing), last, says)
    in_vain = alerts.never_answered(alarms.collecting(connection, now))
    if in_vain and not any(row.kind == alerts.STANDS_STILL for row in standing):
        return Lights(alerts.RED, tuple(standing), last, f"{in_vain[0].title}. {in_vain[0].text}")
    if last is None:
        light = alerts.AMBER if light == alerts.GREEN else light  # that nothing was found says nothing yet
        return Lights(light, tuple(standing), None, "nobody has looked yet; `wirewatch doctor` looks now")
    return Lights(light, tuple(standing), last)
