"""Keeping recorded and live coverage apart: a database holds one of them."""

from __future__ import annotations

from pipeline import database
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.store import coverage as store

RECORDED = "recorded"
LIVE = "live"


def claim_coverage(settings: Settings, *, live: bool) -> str:
    """Take the database for recorded or for live coverage, for good; returns which.

    Raises `ConfigurationError` where it holds the other: invented outlets would stand beside real ones.
    """
    wanted = LIVE if live else RECORDED
    with database.connect(settings) as connection:
        held = held_coverage(store.kind(connection), *store.outlets(connection))
        if held not in (None, wanted):
            name = connection.info.dbname
            raise ConfigurationError(
                f"the database {name} holds live coverage, and `wirewatch run` would put invented outlets beside it; "
                "name another one, or run `wirewatch run --live`"
                if held == LIVE
                else f"the database {name} holds the recorded coverage, whose outlets are invented; "
                "name another one for live feeds"
            )
        store.claim(connection, wanted)
    return wanted


def held_coverage(kind: str | None, invented: int, real: int) -> str | None:
    """Which coverage a database holds: what was said of it, else what its feeds show; None where it holds none.

    One real feed makes it live: what is real is not to be mixed any further.
    """
    if kind:
        return kind
    if real:
        return LIVE
    return RECORDED if invented else None
