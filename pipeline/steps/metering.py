"""How the house is, in Prometheus' text format: what the alarms look at, and what has come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline import __version__, alerts, database
from pipeline.errors import InfrastructureError
from pipeline.settings import Settings
from pipeline.steps import measuring
from pipeline.steps.watching import lights_of
from pipeline.store import alarms
from pipeline.store import metrics as store
from pipeline.store.metrics import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format, as its documentation names it."""

FAMILIES = {
    "build_info": ("version", "The version that runs; always 1."),
    "database_up": ("", "Whether the database answers: 1 or 0."),
    "feeds": ("state", "Feeds by their state; recorded ones are not counted."),
    "feeds_failing": ("reason", "Feeds whose last poll failed, by its reason."),
    "last_answer_timestamp_seconds": ("", "When a feed last answered, since 1970."),
    "last_new_entry_timestamp_seconds": ("", "When a feed last had a new entry, since 1970."),
    "recent_fetches": ("kind_and_outcome", "Requests within the last hour, by their kind and how they ended."),
    "table_rows": ("table", "Rows of a table by Postgres' own estimate."),
    "queue_items": ("step", "What waits for a step."),
    "queue_oldest_seconds": ("step", "For how long the oldest has waited for a step."),
    "digests": ("state", "Digests by their state."),
    "reviews_waiting": ("", "Drafts that a reviewer was asked for and that wait."),
    "review_deadline_timestamp_seconds": ("", "When the first of these reviews lapses, since 1970."),
    "outbox_items": ("state", "Messages that wait for their next try, or were given up."),
    "quarantined_items": ("state", "Items that our own code failed on: waiting for the next try, or set aside."),
    "failed_runs": ("dag_id", "Runs of Airflow that failed within the last day."),
    "alerts": ("kind", "Alerts that stand."),
    "light": ("light", "How the house is: 1 for green, amber or red, 0 for the others."),
    "last_look_timestamp_seconds": ("by", "When deliver or watch last looked for alerts, since 1970."),
    "disagreements": ("check", "Rows that contradict each other, as the last maintenance counted them."),
    "workers": ("", "Celery workers that answered at the last look."),
    "disk_size_bytes": ("place", "Size of a disk, by host and folder."),
    "disk_free_bytes": ("place", "What is free of it."),
    "database_size_bytes": ("", "What the database takes on its server's disk."),
}
"""Families without their prefix ``wirewatch_``: the name of the one label, empty where there is none, and the help."""
PREFIX = "wirewatch_"
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def exposition(settings: Settings, *, now: datetime) -> bytes:
    """All families in Prometheus' text format; where the database is away, those that need none."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Kept(_samples(settings, now)))
    return generate_latest(registry)


class _Kept(Collector):
    """Samples that were read once, in the order of their families."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = [sample for sample in samples if sample.value is not None]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (label, says) in FAMILIES.items():
            family = GaugeMetricFamily(PREFIX + name, says, labels=[label] if label else [])
            for sample in self._samples:
                if sample.family == name and sample.value is not None:
                    family.add_metric([sample.label or ""] if label else [], sample.value)
            if family.samples:
                yield family


def _samples(settings: Settings, now: datetime) -> Iterator[Sample]:
    yield Sample("build_info", __version__, 1)
    found: list[Sample] = []
    try:
        with database.connect(settings) as connection:
            found += store.samples(connection, now)
            found += _of_the_alarms(connection, settings, now)
    except InfrastructureError:
        yield Sample("database_up", None, 0)
        yield from _of_disks(settings)
        return
    yield Sample("database_up", None, 1)
    yield from found


def _of_disks(settings: Settings) -> Iterator[Sample]:
    for disk in measuring.disks_here(settings):
        yield Sample("disk_size_bytes", disk.place, disk.total)
        yield Sample("disk_free_bytes", disk.place, disk.free)


def _of_the_alarms(connection: database.Connection, settings: Settings, now: datetime) -> Iterator[Sample]:
    for queue in alarms.queues(connection, now):
        yield Sample("queue_items", queue.step, queue.waiting)
        yield Sample("queue_oldest_seconds", queue.step, queue.oldest)
    house = lights_of(connection, now)
    for light in (alerts.GREEN, alerts.AMBER, alerts.RED):
        yield Sample("light", light, light == house.light)
    for kind in alerts.KINDS:
        yield Sample("alerts", kind, sum(row.kind == kind for row in house.alarms))
    drafts = alarms.unreviewed(connection, measuring.DAY * settings.review_days, now)
    yield Sample("reviews_waiting", None, len(drafts))
    ends = [draft.until.timestamp() for draft in drafts if draft.until is not None]
    yield Sample("review_deadline_timestamp_seconds", None, min(ends, default=None))
    for row in alarms.latest(connection, ["look", "workers", "disagreements"], _BEGINNING, now):
        if row.name == "look":
            yield Sample("last_look_timestamp_seconds", row.subject, row.at.timestamp())
        else:
            yield Sample(row.name, row.subject, row.value)
    for disk in measuring.disks(connection, now) or measuring.disks_here(settings):
        yield Sample("disk_size_bytes", disk.place, disk.total)
        yield Sample("disk_free_bytes", disk.place, disk.free)
