"""Which Celery workers answer, asked through their broker; where the broker is away, none does."""

from __future__ import annotations

from dataclasses import replace

from pipeline.alerts import Parts
from pipeline.settings import Settings

ANSWER_SECONDS = (3.0, 10.0)
"""Seconds for workers to answer, at the first and the second try; one that forks a task answers late."""
_CONNECT_SECONDS = 5


def with_workers(settings: Settings, parts: Parts) -> Parts:
    """The same with the workers that answer; without them where no broker is named or Celery is not installed."""
    return replace(parts, workers=answering(settings.celery_url)) if settings.celery_url else parts


def answering(broker: str) -> tuple[str, ...] | None:
    """The names of the workers that answer at a broker; None where Celery is not installed here."""
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
    try:
        for seconds in ANSWER_SECONDS:
            with app.connection() as connection:
                connection.ensure_connection(max_retries=1, interval_start=1)
                answers = app.control.ping(timeout=seconds, connection=connection)
            if answers:
                return tuple(sorted(name for answer in answers for name in answer))
    except (OSError, OperationalError):
        return ()
    finally:
        app.close()
    return ()
