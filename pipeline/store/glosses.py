"""Headlines as a machine translated them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.database import Connection, run
from pipeline.database.rows import fetch


@dataclass(frozen=True, slots=True)
class Pair:
    """From which language into which, by which service."""

    source: str
    target: str
    service: str


@dataclass(frozen=True, slots=True)
class _Known:
    original: str
    gloss: str


def known(connection: Connection, originals: Sequence[str], pair: Pair) -> dict[str, str]:
    """Original -> gloss, of those that were made before."""
    rows = fetch(
        connection, _Known, "glosses.known", originals=list(originals), source=pair.source, target=pair.target,
        service=pair.service,
    )  # fmt: skip
    return {row.original: row.gloss for row in rows}


def save(connection: Connection, original: str, gloss: str, pair: Pair, now: datetime) -> None:
    """Keep a gloss; one that is there already stays."""
    run(
        connection, "glosses.save", original=original, gloss=gloss, source=pair.source, target=pair.target,
        service=pair.service, now=now,
    )  # fmt: skip
