"""Which Celery workers answer, asked through their broker; where the broker is away, none does."""

from __future__ import annotations

from dataclasses import replace

from pipeline.alerts import Parts
from pipeline.settings import Settings

ANSWER_SECONDS = (3.0, 10.0, 20.0)
"""Seconds for workers to answer, at each try: one that forks a task answers late, one that is started again within
twenty (it took nine on two quiet cores)."""
_CONNECT_SECONDS = 5


def with_workers(settings: Settings, parts: Parts, *, tries: int | None = None) -> Parts:
    """The same with the workers that answer; without them where no broker is named or Celery is not installed.

    They are asked again until as many answer as there should be (`alert_workers`; else one), at most `tries` times.
    """
    if not settings.celery_url:
        return parts
    return replace(parts, workers=answering(settings.celery_url, max(settings.alert_workers, 1), tries))


def answering(broker: str, wanted: int = 1, tries: int | None = None) -> tuple[str, ...] | None:
    """The names of the workers that answer at a broker at the last try; None where Celery is not installed here."""
    try:
        from celery import Celery
        from celery.exceptions import OperationalError
    except ImportError:
        return None
    app = Celery("wirewatch-watch", broker=broker)
    app.conf.broker_transport_options = {
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": 2 * _CONNECT_SECONDS,
    }
    found: tuple[str, ...] = ()
    lost = (OSError, OperationalError, *app.connection_for_write().connection_errors)  # the last are the broker's own
    try:
        for seconds in ANSWER_SECONDS[:tries]:
            with app.connection() as connection:
                connection.ensure_connection(max_retries=1, interval_start=1)
                answers = app.control.ping(timeout=seconds, connection=connection)
            found = tuple(sorted(name for answer in answers or () for name in answer))
            if len(found) >= wanted:
                break
    except lost:
        return ()
    finally:
        app.close()
    return found
