"""What /metrics gives: every family with its values, as Prometheus reads it, with a database or without."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from pipeline import __version__, database, steps
from pipeline.alerts import FailedRun, Parts
from pipeline.database.ports import free_port
from pipeline.settings import Settings
from pipeline.steps import metering
from pipeline.store import alarms
from tests.support import deskrows

NOW = deskrows.START + timedelta(days=1, hours=7)
HOUR = timedelta(hours=1)


def read(settings: Settings, at: datetime) -> dict[str, dict[str, float]]:
    """Family -> label -> value, by Prometheus' own reader."""
    text = metering.exposition(settings, now=at).decode()
    return {
        family.name: {"".join(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }


def fill(settings: Settings) -> None:
    """Something of every family."""
    steps.place(settings, now=deskrows.now())
    drafted = steps.draft(settings, topic=deskrows.TOPIC, day=deskrows.START.date(), now=NOW)
    steps.ask(settings, digest_id=drafted["digest_id"], dag_id="d", run_id="r", now=NOW)
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO feeds (outlet, url, last_polled_at, last_new_at, poll_state) VALUES"
            " ('A', 'https://a.test', %(at)s, %(at)s, jsonb_build_object('answered_full', %(at)s::timestamptz)),"
            " ('B', 'https://b.test', %(at)s, NULL,"
            "  jsonb_build_object('reason', 'dns', 'failing_since', %(at)s::text))",
            {"at": NOW - HOUR},
        )
        connection.execute(
            "INSERT INTO fetches (kind, url, at, outcome) VALUES ('feed', 'https://b.test', %(at)s, 'dns')", {"at": NOW}
        )
        connection.execute("UPDATE fetches SET arrived_at = %(at)s", {"at": NOW})
        alarms.failed(connection, FailedRun("collect", "r", NOW, ""))
    steps.maintain(settings, now=NOW)
    beats: dict[str, datetime | None] = {"scheduler": NOW}
    steps.alert(settings, now=NOW, by="deliver", parts=Parts(beats, workers=("a", "b")))


def test_every_family_is_there_with_its_value(desk: Settings) -> None:
    fill(desk)
    found = read(desk, NOW)
    with database.connect(desk) as connection:
        connection.execute("ANALYZE")
    assert set(found) == {metering.PREFIX + name for name in metering.FAMILIES}
    assert found["wirewatch_build_info"] == {__version__: 1}
    assert found["wirewatch_database_up"] == {"": 1}
    assert found["wirewatch_feeds"] == {"active": 2, "paused": 0, "retired": 0}
    assert found["wirewatch_feeds_failing"] == {"dns": 1}
    assert found["wirewatch_last_new_entry_timestamp_seconds"] == {"": (NOW - HOUR).timestamp()}
    assert found["wirewatch_recent_fetches"] == {"feed dns": 1}
    assert found["wirewatch_digests"] == {"draft": 1, "published": 0, "rejected": 0, "superseded": 0}
    assert found["wirewatch_reviews_waiting"] == {"": 1}
    assert found["wirewatch_review_deadline_timestamp_seconds"] == {"": (NOW + timedelta(days=3)).timestamp()}
    assert found["wirewatch_last_look_timestamp_seconds"] == {"deliver": NOW.timestamp()}
    assert found["wirewatch_failed_runs"] == {"collect": 1}
    assert found["wirewatch_alerts"]["run-fails"] == 1
    assert found["wirewatch_light"] == {"green": 0, "amber": 1, "red": 0}
    assert found["wirewatch_workers"] == {"": 2}
    assert set(found["wirewatch_queue_items"]) == {"poll", "match", "extract", "copies", "embed", "place", "deliver"}
    assert found["wirewatch_database_size_bytes"][""] > 1_000_000


def test_without_a_database_it_says_so_and_what_needs_none(settings: Settings) -> None:
    away = replace(settings, database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/x")
    found = read(away, NOW)
    assert found["wirewatch_database_up"] == {"": 0}
    assert set(found) == {
        f"wirewatch_{name}" for name in ("build_info", "database_up", "disk_size_bytes", "disk_free_bytes")
    }
