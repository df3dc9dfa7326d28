"""What is measured for Prometheus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.database import Connection
from pipeline.database.rows import fetch


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a family; `label` is its one label, None where the family has none, `value` in the family's unit."""

    family: str
    label: str | None
    value: float | None


def samples(connection: Connection, now: datetime) -> list[Sample]:
    """Every value that one query of the database gives; None where there was no such event yet."""
    return fetch(connection, Sample, "metrics.samples", now=now)
