"""Drafts, decisions and deliveries over Postgres."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from xml.etree import ElementTree as ET

import pytest

from pipeline import database, steps
from pipeline.database.ports import free_port
from pipeline.errors import ConfigurationError
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps import channels
from pipeline.store import digests as store
from tests.support.deskrows import TOPIC, now, placed

DAY = "2024-06-19"


@pytest.fixture
def drafted(desk: Settings) -> tuple[Settings, int]:
    """Two stories in a draft that waits."""
    steps.cluster(desk, now=now())
    return desk, int(steps.draft(desk, topic=TOPIC, day=DAY, now=now())["digest_id"])


def test_a_draft_holds_the_stories_and_a_new_one_supersedes_it(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    again = steps.draft(settings, topic=TOPIC, day=DAY, now=now())
    assert again["version"] == 2
    with database.connect(settings) as connection:
        old, new = store.digest(connection, digest_id), store.digest(connection, again["digest_id"])
    assert old is not None
    assert new is not None
    assert (old.state, new.state) == ("superseded", "draft")
    assert [item.headline for item in old.items] == [item.headline for item in new.items]
    assert len(new.items) == 2
    assert new.items[0].independent == 3


def test_approval_publishes_without_what_the_reviewer_dropped(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    car = placed(settings)[4]
    outcome = steps.publish(settings, digest_id=digest_id, review=Review(True, "ana", "Quiet <day>", (car,)), now=now())
    assert outcome["state"] == "published"
    assert outcome["delivered"] == {"files": "ok"}
    folder = channels.folder(settings, TOPIC)
    page = (folder / f"{DAY}.html").read_text()
    assert "Quiet &lt;day&gt;" in page
    assert "limousine" not in page
    assert "treaty" in page
    assert ET.parse(folder / "atom.xml").getroot().tag.endswith("feed")
    with database.connect(settings) as connection:
        row = store.digest(connection, digest_id)
    assert row is not None
    assert row.reviewed_by == "ana"
    assert row.drops[0].actor == "ana"


def test_a_second_answer_changes_nothing(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    late = steps.publish(settings, digest_id=digest_id, review=Review(False, "bo"), now=now() + timedelta(hours=1))
    assert late["state"] == "published"
    assert late["delivered"] == {}, "channels it has reached are not used again"
    with database.connect(settings) as connection:
        row = store.digest(connection, digest_id)
    assert row is not None
    assert row.reviewed_by == "ana"


def test_rejection_keeps_the_draft_and_publishes_nothing(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    outcome = steps.publish(settings, digest_id=digest_id, review=Review(False, "ana", "too thin"), now=now())
    assert outcome["state"] == "rejected"
    assert not channels.folder(settings, TOPIC).exists()


def test_as_of_shows_what_was_known_then(drafted: tuple[Settings, int]) -> None:
    settings, _ = drafted
    early = steps.draft(settings, topic=TOPIC, day=DAY, now=now(), as_of=now() - timedelta(hours=1))
    assert early["stories"] == 0


def test_a_day_before_anything_was_collected_has_an_empty_digest(settings: Settings) -> None:
    drafted = steps.draft(settings, topic=TOPIC, day=DAY, now=now())
    assert drafted["stories"] == 0
    assert "No story of this topic" in steps.digest_markdown(settings, digest_id=drafted["digest_id"])


def test_a_digest_that_is_not_there_is_named(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="there is no digest 7"):
        steps.digest_markdown(settings, digest_id=7)


class _Hook(BaseHTTPRequestHandler):
    answers: ClassVar[list[int]] = []
    bodies: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.answers.pop(0))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_that_fails_is_recorded_and_tried_again_by_maintenance(
    drafted: tuple[Settings, int], webhook: str
) -> None:
    settings, digest_id = drafted
    settings = replace(settings, webhook_url=webhook)
    _Hook.answers[:] = [503, 200]
    outcome = steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    assert outcome["state"] == "published", "a channel that fails never undoes the publication"
    assert outcome["delivered"]["webhook"] == "http-503"
    assert steps.maintain(settings, now=now() + timedelta(hours=1))["redelivered"] == 1
    assert [body["day"] for body in _Hook.bodies] == [DAY, DAY]
    assert steps.maintain(settings, now=now() + timedelta(hours=2))["redelivered"] == 0


def test_the_desk_is_told_once_that_a_digest_waits(drafted: tuple[Settings, int], webhook: str) -> None:
    settings, digest_id = drafted
    settings = replace(settings, desk_webhook_url=webhook)
    _Hook.answers[:] = [500, 200]
    _Hook.bodies.clear()

    def tell() -> dict[str, str]:
        return steps.tell_of_review(settings, digest_id=digest_id, subject="19 June", link="http://a/b", now=now())

    assert tell() == {"webhook": "http-500"}, "a channel that fails is a row, not an error"
    assert tell() == {"webhook": "ok"}
    assert tell() == {}, "nobody is told twice"
    assert _Hook.bodies[-1] == {
        "text": "To review: 19 June\nhttp://a/b",
        "subject": "To review: 19 June",
        "link": "http://a/b",
    }
    outcome = steps.publish(settings, digest_id=digest_id, review=Review(True, "ana"), now=now())
    assert outcome["delivered"] == {"files": "ok"}


def test_nobody_is_told_where_no_setting_names_anybody(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    assert steps.tell_of_review(settings, digest_id=digest_id, subject="", link="", now=now()) == {}
    assert steps.tell(settings, subject="", text="", link="") == {}


def test_a_desk_whose_mail_server_is_away_is_recorded(drafted: tuple[Settings, int]) -> None:
    settings, digest_id = drafted
    settings = replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}", desk_mail_to="ana@news.example")
    told = steps.tell_of_review(settings, digest_id=digest_id, subject="19 June", link="http://a/b", now=now())
    assert told == {"mail": "ConnectionRefusedError"}
    with database.connect(settings) as connection:
        rows = connection.execute("SELECT channel, outcome FROM deliveries").fetchall()
    assert rows == [{"channel": "review-mail", "outcome": "ConnectionRefusedError"}]
    assert steps.maintain(settings, now=now() + timedelta(hours=1))["redelivered"] == 0
