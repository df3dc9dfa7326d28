"""Alarms of the house in Postgres: raised, repeated and cleared once by each way, many as one message, and told without
a database, too."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline import alerts, database, steps
from pipeline.alerts import FailedRun, Parts
from pipeline.database.ports import free_port
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.steps import measuring
from pipeline.store import alarms as store
from pipeline.web import celery_workers, heartbeats
from tests.support import deskrows
from tests.support.programs import plain_environment
from tests.support.receivers import Box, Hook

NOW = deskrows.START + timedelta(days=30)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def told(newsroom: Settings, webhook: Hook, mailbox: Box) -> Settings:
    """A newsroom whose desk is told by mail and webhook."""
    return replace(
        newsroom,
        desk_webhook_url=webhook.address,
        smtp_url=mailbox.address,
        desk_mail_to="desk@news.example",
        public_url="https://news.example",
    )


def run(settings: Settings, statement: str, **values: Any) -> list[dict[str, Any]]:
    with database.connect(settings) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def text_of(mail: Message) -> str:
    assert isinstance(mail, EmailMessage)
    return " ".join(str(mail.get_content()).split())


def subjects(mailbox: Box) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.messages]


def feeds(settings: Settings, count: int, poll_state: dict[str, str], **columns: Any) -> None:
    """So many feeds that stand alike."""
    given = {"state": "active", "reason": None, "new": NOW - HOUR, "polled": NOW - HOUR / 4} | columns
    run(
        settings,
        "INSERT INTO feeds (outlet, url, added_at, next_poll_at, last_polled_at, last_new_at, state, state_reason,"
        " poll_state) SELECT 'Outlet ' || n, 'https://outlet' || n || '.test/rss', %(added)s, %(next)s, %(polled)s,"
        " %(new)s, %(state)s, %(reason)s, %(poll_state)s FROM generate_series(1, %(count)s) AS n",
        **given,
        added=NOW - 90 * DAY,
        next=NOW + HOUR,
        count=count,
        poll_state=json.dumps(poll_state),
    )


def failing_by_dns(minutes: int) -> dict[str, str]:
    return {
        "failing_since": (NOW - minutes * MINUTE).isoformat(),
        "reason": "dns",
        "answered_full": (NOW - (minutes + 5) * MINUTE).isoformat(),
    }


def test_171_of_171_feeds_that_fail_by_dns_are_one_message_and_a_red_light(told: Settings, mailbox: Box) -> None:
    feeds(told, 171, failing_by_dns(10))
    assert steps.lights(told, now=NOW).light == alerts.AMBER, "nobody has looked yet"
    assert steps.alert(told, now=NOW, by="deliver")["raised"] == 0, "one poll that fails is no outage"
    assert steps.lights(told, now=NOW).light == alerts.GREEN
    assert steps.alert(told, now=NOW + 5 * MINUTE) == {"raised": 1, "again": 0, "cleared": 0, "stand": 1, "internal": 0}
    assert subjects(mailbox) == ["Alert: 171 of 171 feeds fail"]
    found = steps.lights(told, now=NOW + 5 * MINUTE)
    assert found.light == alerts.RED
    assert [row.kind for row in found.alarms] == ["feeds-failing"]
    # the network is there again
    run(told, "UPDATE feeds SET poll_state = poll_state - 'failing_since' - 'reason', last_new_at = %(at)s", at=NOW)
    assert steps.alert(told, now=NOW + HOUR / 4)["cleared"] == 1
    assert subjects(mailbox)[1:] == ["Over: 171 of 171 feeds fail"]
    assert steps.lights(told, now=NOW + HOUR / 4).light == alerts.GREEN


def test_171_feeds_that_died_are_one_message_and_their_return_another(
    told: Settings, mailbox: Box, webhook: Hook
) -> None:
    state = failing_by_dns(3000) | {"paused_since": (NOW - HOUR).isoformat(), "answered_304": NOW.isoformat()}
    feeds(told, 171, state, state="paused", reason="dns since 2024-07-17")
    run(told, "INSERT INTO feeds (outlet, url, last_polled_at) SELECT 'Well', 'https://well' || n || '.test', %(at)s"
              " FROM generate_series(1, 300) n", at=NOW)  # fmt: skip
    run(told, "UPDATE feeds SET next_poll_at = %(at)s, last_new_at = %(now)s", at=NOW + HOUR, now=NOW)
    assert steps.alert(told, now=NOW)["raised"] == 171
    assert subjects(mailbox) == ["Alert: 171 feeds died"]
    assert len(webhook.bodies) == 1
    assert len(run(told, "SELECT * FROM alerts_now")) == 171
    assert steps.alert(told, now=NOW + DAY / 2)["again"] == 0
    assert steps.alert(told, now=NOW + DAY)["again"] == 171
    assert [subject for subject in subjects(mailbox) if "died" in subject][1:] == ["Still: 171 feeds died"]
    run(told, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE state = 'paused' AND outlet <> 'Outlet 7'")
    assert steps.alert(told, now=NOW + DAY + HOUR)["cleared"] >= 170
    assert [subject for subject in subjects(mailbox) if "died" in subject][2:] == ["Over: 170 feeds died"]
    # the last of them was told with the others, and its end is told to those who heard of it
    run(told, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE outlet = 'Outlet 7'")
    steps.alert(told, now=NOW + DAY + 2 * HOUR)
    assert [subject for subject in subjects(mailbox) if "Outlet 7" in subject] == [
        "Over: dead feed, Outlet 7: https://outlet7.test/rss"
    ]


def test_a_message_of_many_is_still_wanted_while_one_of_them_stands(told: Settings, webhook: Hook) -> None:
    settings = replace(told, desk_mail_to="")
    state = {"paused_since": (NOW - HOUR).isoformat(), "answered_304": NOW.isoformat()}
    feeds(settings, 5, state, state="paused", reason="dns since 2024-07-17")
    webhook.answers = [503]
    assert steps.alert(settings, now=NOW)["raised"] >= 5
    run(settings, "UPDATE feeds SET state = 'active', poll_state = '{}' WHERE outlet = 'Outlet 1'")
    steps.alert(settings, now=NOW + MINUTE)
    steps.deliver(settings, now=NOW + 2 * MINUTE)
    rows = run(
        settings,
        "SELECT x.outcome FROM outbox x JOIN alerts a ON a.id = x.alert_id WHERE a.kind = 'feed-died'",
    )
    assert [row["outcome"] for row in rows] == ["ok"]


def test_a_feed_is_silent_beyond_what_its_entries_say_of_its_habit(told: Settings, mailbox: Box) -> None:
    feeds(told, 2, {"answered_304": NOW.isoformat()}, new=NOW - 4 * DAY)
    for feed_id, every in ((1, 6 * HOUR), (2, 3.5 * DAY)):
        run(
            told,
            "INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at)"
            " SELECT %(feed)s, n, '', '', %(newest)s - n * %(every)s, 'published', %(newest)s - n * %(every)s,"
            " %(newest)s"
            " FROM generate_series(0, %(entries)s) AS n",
            feed=feed_id,
            newest=NOW - 4 * DAY,
            every=every,
            entries=int(50 * DAY / every),
        )
    run(told, "UPDATE entries SET matched_at = first_seen_at")
    [found] = [row for row in _raised(told, NOW) if row["kind"] == "feed-silent"]
    assert found["subject"] == "1", "the other one is silent as it always was"


def _raised(settings: Settings, at: datetime) -> list[dict[str, Any]]:
    steps.alert(settings, now=at)
    return run(settings, "SELECT * FROM alerts_now ORDER BY alert_id")


def test_a_queue_is_compared_with_an_hour_before(told: Settings, mailbox: Box) -> None:
    run(
        told,
        "INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, next_try_at)"
        " SELECT 'u' || n, 'u' || n, 'u' || n, 'o', 'pending', %(at)s, %(at)s FROM generate_series(1, 9) n",
        at=NOW,
    )
    assert steps.alert(told, now=NOW + 2 * HOUR)["raised"] == 0, "once is no trend"
    assert steps.alert(told, now=NOW + 3 * HOUR)["raised"] == 1
    assert subjects(mailbox) == ["Alert: What waits for `extract` grows"]
    run(told, "UPDATE articles SET state = 'failed', reason = 'http-404'")
    assert steps.alert(told, now=NOW + 4 * HOUR)["cleared"] == 1


def test_a_disk_is_told_with_its_pace(told: Settings, mailbox: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [40.0]

    def usage(_: object) -> Any:
        return shutil._ntuple_diskusage(100 << 30, 0, int(free[0] * (1 << 30)))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert steps.alert(told, now=NOW)["raised"] == 0
    free[0] = 20.0
    assert steps.alert(told, now=NOW + DAY)["raised"] == len(list(measuring.folders(told)))
    assert "full in 1.0 days" in text_of(mailbox.messages[0])


def test_disagreements_are_kept_by_maintenance_and_told(told: Settings, mailbox: Box) -> None:
    deskrows_story = run(
        told,
        "INSERT INTO stories (opened_at, first_published, last_published) VALUES (%(at)s, %(at)s, %(at)s) RETURNING id",
        at=NOW,
    )[0]["id"]
    run(
        told,
        "INSERT INTO articles (identity, canonical_url, url, outlet, state, reason, first_seen_at)"
        " VALUES ('u', 'u', 'u', 'o', 'failed', 'http-404', %(at)s)",
        at=NOW,
    )
    run(
        told,
        "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
        " VALUES (1, %(story)s, %(at)s, 1, 1, 'first')",
        story=deskrows_story,
        at=NOW,
    )
    run(
        told,
        "INSERT INTO stories (opened_at, first_published, last_published, merged_into)"
        " VALUES (%(at)s, %(at)s, %(at)s, %(story)s)",
        at=NOW,
        story=deskrows_story,
    )
    run(told, "UPDATE stories SET merged_into = 2 WHERE id = 1")
    run(told, "UPDATE stories SET merged_into = NULL WHERE id = 2")
    counts = steps.maintain(told, now=NOW)
    assert counts["members_of_merged_stories"] == 1
    steps.alert(told, now=NOW + 5 * MINUTE)
    assert "Alert: Rows contradict each other" in subjects(mailbox)
    run(told, "UPDATE memberships SET story_id = 2")
    steps.maintain(told, now=NOW + DAY)
    steps.alert(told, now=NOW + DAY + 5 * MINUTE)
    assert "Over: Rows contradict each other" in subjects(mailbox)


def test_runs_that_fail_are_told_once_and_again_at_the_interval(told: Settings, mailbox: Box) -> None:
    for quarter in range(96 + 2):
        steps.tell_of_run(
            told, dag_id="collect", run_id=f"run-{quarter}", reason="task_failure", now=NOW + quarter * HOUR / 4
        )
    assert subjects(mailbox) == ["Failed: collect, run-0", "Still failing: collect, run-96"]
    assert "97 runs failed since" in text_of(mailbox.messages[1])
    steps.alert(told, now=NOW + 30 * HOUR)
    assert len(mailbox.messages) == 2, "that no other failed is no news"
    steps.tell_of_run(told, dag_id="collect", run_id="late", reason="", now=NOW + 40 * HOUR)
    assert subjects(mailbox)[2:] == ["Failed: collect, late"]


def test_many_dags_that_fail_at_once_are_one_message(told: Settings, mailbox: Box) -> None:
    with database.connect(told) as connection:
        for name in ("backfill", "collect", "deliver", "maintenance"):
            store.failed(connection, FailedRun(name, "run", NOW, "task_failure"))
    assert steps.alert(told, now=NOW)["raised"] == 4
    assert subjects(mailbox) == ["Failed: 4 DAGs fail"]


def test_many_who_hear_of_one_failed_run_at_once_tell_it_once(told: Settings, mailbox: Box, webhook: Hook) -> None:
    def tell(number: int) -> None:
        steps.tell_of_run(told, dag_id="collect", run_id=f"run-{number}", reason="", now=NOW)

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    steps.deliver(told, now=NOW + MINUTE)
    assert len(mailbox.messages) == len(webhook.bodies) == 1


# --- Airflow's parts ----------------------------------------------------------------------------------------


@pytest.fixture
def api_server() -> Iterator[dict[str, Any]]:
    """An api-server that answers with what the test puts into `parts`, at its `address`."""
    kept: dict[str, Any] = {"status": 200, "parts": {}}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(kept["parts"]).encode() if self.path == heartbeats.PATH else b""
            self.send_response(kept["status"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    kept["address"] = f"http://127.0.0.1:{server.server_address[1]}"
    kept["parts"] = health(NOW)
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


def health(at: datetime, **changed: Any) -> dict[str, Any]:
    """What Airflow's health endpoint answers (`airflow.api.common.airflow_health`)."""
    names = ("scheduler", "dag_processor", "triggerer")
    parts = {name: {"status": "healthy", f"latest_{name}_heartbeat": at.isoformat()} for name in names}
    return {"metadatabase": {"status": "healthy"}} | parts | changed


def heard(settings: Settings, api_server: dict[str, Any], at: datetime) -> Parts:
    return heartbeats.heard(replace(settings, airflow_url=api_server["address"]), at, tries=1)


def test_a_scheduler_that_is_away_is_told_by_who_watches_from_outside(
    told: Settings, api_server: dict[str, Any], mailbox: Box
) -> None:
    steps.alert(told, now=NOW, by="deliver", parts=heard(told, api_server, NOW))
    assert mailbox.messages == []
    at = NOW + 5 * MINUTE
    api_server["parts"] = health(
        at, scheduler={"status": "unhealthy", "latest_scheduler_heartbeat": (NOW + MINUTE).isoformat()}
    )
    counts = steps.watch(told, now=at, parts=heard(told, api_server, at))
    assert counts["raised"] == 1
    assert subjects(mailbox) == ["Alert: Airflow's scheduler is away"]
    assert steps.lights(told, now=at).light == alerts.RED
    later = NOW + 21 * MINUTE
    steps.watch(told, now=later, parts=heard(told, api_server, later))
    assert subjects(mailbox)[1:] == ["Alert: The DAG `deliver` does not run"]
    api_server["parts"] = health(later)
    steps.alert(told, now=later + MINUTE, by="deliver", parts=heard(told, api_server, later))
    assert sorted(subjects(mailbox)[2:]) == [
        "Over: Airflow's scheduler is away",
        "Over: The DAG `deliver` does not run",
    ]


def test_an_api_server_that_is_away_and_a_database_of_airflow_that_is(
    told: Settings, api_server: dict[str, Any]
) -> None:
    api_server["parts"] = health(NOW, metadatabase={"status": "unhealthy"})
    assert "cannot reach Airflow's own database" in heard(told, api_server, NOW).said
    api_server["status"] = 502
    assert "It answers 502" in heard(told, api_server, NOW).said
    gone = heartbeats.heard(replace(told, airflow_url=f"http://127.0.0.1:{free_port()}"), NOW, tries=2, pause=0.01)
    assert gone.heartbeats is None
    assert "cannot be reached" in gone.said


def test_where_airflow_never_ran_nobody_misses_it(told: Settings, mailbox: Box) -> None:
    steps.watch(told, now=NOW, parts=Parts(None, said="It cannot be reached"))
    assert mailbox.messages == []


def test_who_watches_is_missed_by_the_dag(told: Settings, mailbox: Box) -> None:
    steps.watch(told, now=NOW, parts=None)
    steps.alert(told, now=NOW + 10 * MINUTE, by="deliver")
    assert mailbox.messages == []
    steps.alert(told, now=NOW + 20 * MINUTE, by="deliver")
    assert subjects(mailbox) == ["Alert: Nobody watches Airflow from outside"]


def test_a_laptop_that_was_closed_for_the_night_misses_nobody_when_it_is_opened(told: Settings, mailbox: Box) -> None:
    asleep = Parts(dict.fromkeys(("scheduler", "dag-processor", "triggerer"), NOW))
    for by in ("deliver", "watch"):
        steps.alert(told, now=NOW, by=by, parts=asleep)
    opened = NOW + 9 * HOUR
    assert steps.alert(told, now=opened, by="watch", parts=asleep)["raised"] == 0
    # five minutes later Airflow still does not beat: that is no sleep any more
    steps.alert(told, now=opened + 5 * MINUTE, by="watch", parts=asleep)
    assert subjects(mailbox) == [
        "Alert: Airflow's scheduler is away",
        "Alert: Airflow's dag-processor is away",
        "Alert: Airflow's triggerer is away",
        "Alert: The DAG `deliver` does not run",
    ]


def test_who_looks_once_an_hour_rings_at_the_second_look(told: Settings, mailbox: Box) -> None:
    steps.alert(told, now=NOW, by="deliver")
    steps.alert(told, now=NOW, by="watch")
    for hour in (1, 2):
        steps.alert(told, now=NOW + hour * HOUR, by="watch")
    assert subjects(mailbox) == ["Alert: The DAG `deliver` does not run"]


def test_nobody_is_left_who_looks_and_the_light_is_red(told: Settings) -> None:
    steps.alert(told, now=NOW, by="deliver")
    assert steps.lights(told, now=NOW + 15 * MINUTE).light == alerts.GREEN
    for later in (HOUR, 30 * DAY):
        found = steps.lights(told, now=NOW + later)
        assert found.light == alerts.RED
        assert "nobody has looked since" in found.says


def test_workers_that_answered_before_are_missed(told: Settings, mailbox: Box) -> None:
    beats = dict.fromkeys(("scheduler", "dag-processor", "triggerer"), NOW + 99 * DAY)
    two, one = Parts(beats, ("celery@a", "celery@b")), Parts(beats, ("celery@a",))
    steps.alert(told, now=NOW, by="deliver", parts=two)
    steps.alert(told, now=NOW + 5 * MINUTE, by="deliver", parts=one)
    assert subjects(mailbox) == ["Alert: Workers are away"]
    assert "1 of 2 answer: celery@a" in text_of(mailbox.messages[0])
    # scaled down for good: after a day one is what is expected
    for hours in range(1, 26):
        steps.alert(told, now=NOW + hours * HOUR, by="deliver", parts=one)
    assert "Over: Workers are away" in subjects(mailbox)


WORKER = """
import celery, sys
celery.Celery('t', broker=sys.argv[1]).worker_main(['worker', '--pool=solo', '-n', sys.argv[2]])
"""


def worker(broker: str, name: str) -> subprocess.Popen[bytes]:
    """A Celery worker of one process."""
    command = [sys.executable, "-c", WORKER, broker, name]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_celery_itself_is_asked_which_workers_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery_workers, "ANSWER_SECONDS", (1.0, 2.0))
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server is installed here")
    port = free_port()
    broker = f"redis://127.0.0.1:{port}/0"
    assert celery_workers.answering(broker) == (), "the broker is away"
    redis = subprocess.Popen(
        [server, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    workers = []
    try:
        assert celery_workers.answering(broker) == (), "the broker is there, and no worker"
        workers = [worker(broker, name) for name in ("w1@desk", "w2@desk")]
        monkeypatch.setattr(celery_workers, "ANSWER_SECONDS", (1.0,) * 30)
        assert celery_workers.answering(broker, 2) == ("w1@desk", "w2@desk"), "who is only starting is asked again"
        workers[0].kill()
        workers[0].wait()
        assert celery_workers.answering(broker, 2, tries=2) == ("w2@desk",)
        workers.append(worker(broker, "w1@desk"))
        parts = celery_workers.with_workers(Settings(celery_url=broker, alert_workers=2), Parts({}))
        assert parts.workers == ("w1@desk", "w2@desk"), "who is started again is not missed"
        threading.Timer(1.0, redis.kill).start()
        assert celery_workers.answering(broker, 3) == (), "the broker goes away while it is asked"
    finally:
        for process in (*workers, redis):
            process.kill()
            process.wait()


# --- the database is away -----------------------------------------------------------------------------------


def away(settings: Settings) -> Settings:
    return replace(settings, database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/x", connect_timeout=1.0)


def test_a_database_that_is_away_is_told_once_by_each_way_and_its_return_too(
    told: Settings, mailbox: Box, webhook: Hook
) -> None:
    gone = away(told)
    webhook.answers = [503]
    first = steps.watch(gone, now=NOW, parts=None)
    assert (first["told_by_mail"], first["told_by_webhook"]) == ("ok", "http-503")
    for minutes in (5, 10, 15):
        steps.watch(gone, now=NOW + minutes * MINUTE, parts=None)
    assert subjects(mailbox) == ["Alert: The database is away"]
    assert len(webhook.bodies) == 2, "the way that failed is tried again, under the same key"
    assert len(set(webhook.keys)) == 1
    assert steps.lights(gone, now=NOW).light == alerts.RED
    steps.watch(gone, now=NOW + DAY, parts=None)
    assert subjects(mailbox)[1:] == ["Still: The database is away"]
    assert steps.watch(told, now=NOW + DAY + HOUR, parts=None)["over"] == ["The database is away"]
    assert subjects(mailbox)[2:] == ["Over: The database is away"]
    assert "over" not in steps.watch(told, now=NOW + DAY + 2 * HOUR, parts=None)


def test_many_who_find_the_database_away_at_once_tell_it_once(told: Settings, mailbox: Box, webhook: Hook) -> None:
    gone = away(told)
    threads = [threading.Thread(target=steps.watch, args=(gone,), kwargs={"now": NOW, "parts": None}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.messages) == len(webhook.bodies) == 1


WATCH = """
import os, signal, sys
from datetime import datetime
from pipeline import settings, steps
from pipeline.steps import unwritten
if sys.argv[2] == "before":
    unwritten._send = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
else:
    real = unwritten._try
    unwritten._try = lambda *given: (real(*given), os.kill(os.getpid(), signal.SIGKILL))
steps.watch(settings.load(), now=datetime.fromisoformat(sys.argv[1]), parts=None)
"""


@pytest.mark.parametrize(("when", "sent"), [("before", 0), ("after", 1)])
def test_what_is_killed_while_it_tells_is_told_by_the_next_look(
    told: Settings, webhook: Hook, when: str, sent: int
) -> None:
    gone = replace(away(told), desk_mail_to="", smtp_url="")
    environment = plain_environment(
        WIREWATCH_DATABASE_URL=gone.database_url,
        WIREWATCH_HOME=str(gone.home),
        WIREWATCH_DESK_WEBHOOK_URL=webhook.address,
    )
    killed = subprocess.run([sys.executable, "-c", WATCH, NOW.isoformat(), when], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(webhook.bodies) == sent
    steps.watch(gone, now=NOW + MINUTE, parts=None)
    steps.watch(gone, now=NOW + 2 * MINUTE, parts=None)
    assert len(set(webhook.keys)) == 1, "a receiver that keeps the ids has it once"
    assert len(webhook.bodies) == sent + 1


def test_runs_that_fail_while_the_database_is_away_are_told_once(told: Settings, mailbox: Box) -> None:
    gone = away(told)
    for quarter in range(8):
        steps.tell_of_run(gone, dag_id="collect", run_id=f"r{quarter}", reason="", now=NOW + quarter * HOUR / 4)
    assert subjects(mailbox) == ["Failed: collect, r0"]


def test_a_file_that_was_cut_off_has_what_holds_told_anew(told: Settings, mailbox: Box) -> None:
    (told.home / "alarms.json").write_text('{"database-away": {"ki')
    steps.watch(away(told), now=NOW, parts=None)
    assert subjects(mailbox) == ["Alert: The database is away"]


def test_who_could_tell_nobody_raises_nothing(newsroom: Settings) -> None:
    with pytest.raises(ConfigurationError, match="nobody would be told"):
        steps.watch(newsroom, now=NOW, parts=None)
    assert run(newsroom, "SELECT * FROM measurements") == []


# --- by hand ------------------------------------------------------------------------------------------------


def test_the_doctor_finds_what_an_alert_would_be_raised_of(told: Settings) -> None:
    feeds(told, 171, failing_by_dns(20))
    wrong = {each.check: each.says for each in steps.examine(told, now=NOW) if not each.is_well}
    assert set(wrong) == {"feeds that fail", "clock"}, "the test's own time is not the database's"
    assert "171 of 171 feeds fail: 171 by `dns`. Look at this machine's network" in wrong["feeds that fail"]
    assert run(told, "SELECT * FROM alerts") == [], "looking by hand raises nothing"


def test_the_doctor_goes_on_where_the_database_is_away(told: Settings) -> None:
    found = list(steps.examine(away(told), now=NOW, parts=Parts(None, said="It cannot be reached at http://x")))
    assert [(each.check, each.is_well) for each in found] == [
        ("model", True),
        ("disk", True),
        ("airflow's api-server", False),
        ("database", False),
    ]


def test_maintenance_forgets_what_was_measured_long_ago(told: Settings) -> None:
    steps.alert(told, now=NOW, by="deliver")
    steps.maintain(told, now=NOW + 9 * DAY)
    assert run(told, "SELECT * FROM measurements WHERE name = 'look'") == []
