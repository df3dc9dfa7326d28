"""A feed that names a hub: subscribed to, asked back, pushed, renewed; and everything that a stranger may try."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from pipeline import database, steps
from pipeline.feeds import hubs as rules
from pipeline.models import FeedSource
from pipeline.portal import hubs as page
from pipeline.settings import Settings
from pipeline.store import subscriptions
from tests.support.hosts import RSS, Hosts

NOW = datetime.now(UTC)
OUTSIDE = "https://wirewatch.example"


class Hub:
    """A hub on loopback that keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.status = 202
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hub.asked.append({name: values[0] for name, values in parse_qs(body).items()})
                self.send_response(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def hub() -> Iterator[Hub]:
    running = Hub()
    yield running
    running.close()


def document(*names: str, hub: str = "") -> bytes:
    items = "".join(
        f"<item><title>{name}</title><link>https://outlet.example/{name}</link><description>Words.</description></item>"
        for name in names
    )
    link = f'<atom:link rel="hub" href="{hub}"/>' if hub else ""
    space = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    return f"<rss version='2.0' {space}><channel><title>Outlet</title>{link}{items}</channel></rss>".encode()


class Outside:
    """What strangers reach of an app."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=OUTSIDE) as client:
                return await client.request(method, path, **more)

        return asyncio.run(asked())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(5):
        yield b"x" * 400


class Desk:
    """One feed that names a hub, the address that the hub calls, and the rows behind them."""

    def __init__(self, settings: Settings, hosts: Hosts, hub: Hub, patch: pytest.MonkeyPatch) -> None:
        self.settings = replace(settings, allow_hosts="127.0.0.1", push_url=OUTSIDE)
        self.hosts, self.hub = hosts, hub
        self.url = hosts.serve("/feed", document("a", "b", hub=hub.url), RSS)
        self.feed = steps.add_feed(self.settings, FeedSource(url=self.url, title="", outlet="Outlet"))[0]
        patch.setattr("pipeline.settings.load", lambda: self.settings)
        app = FastAPI()
        page.add_to(app)
        self.web = Outside(app)

    def poll(self, now: datetime = NOW) -> None:
        steps.poll(self.settings, feed_ids=[self.feed], now=now)

    def work(self, now: datetime = NOW) -> dict[str, Any]:
        return steps.keep_pushed(self.settings, now=now)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with database.connect(self.settings) as connection:
            return connection.execute(query).fetchall()

    @property
    def row(self) -> dict[str, Any]:
        return self.rows("SELECT * FROM subscriptions")[0]

    @property
    def path(self) -> str:
        return f"/push/{self.row['token']}"

    def subscribe(self) -> None:
        self.poll()
        self.work()
        self.confirm()

    def confirm(self, **changed: str) -> httpx.Response:
        query = {"hub.mode": "subscribe", "hub.topic": self.url, "hub.challenge": "c1", "hub.lease_seconds": "864000"}
        return self.web.get(self.path, params=query | {f"hub.{name}": value for name, value in changed.items()})

    def push(self, body: bytes, signature: str | None = None) -> httpx.Response:
        signed = hmac.new(self.row["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": signature or f"sha256={signed}", "Content-Type": RSS}
        return self.web.post(self.path, content=body, headers=headers)

    def titles(self) -> list[str]:
        return [row["title"] for row in self.rows("SELECT title FROM entries ORDER BY id")]


@pytest.fixture
def desk(settings: Settings, hosts: Hosts, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(settings, hosts, hub, monkeypatch)


def test_a_feed_that_names_a_hub_is_subscribed_to_and_pushed(desk: Desk, hub: Hub) -> None:
    desk.poll()
    assert desk.work()["asked"] == 1
    (asked,) = hub.asked
    row = desk.row
    assert asked == {
        "hub.mode": "subscribe",
        "hub.topic": desk.url,
        "hub.callback": f"{OUTSIDE}{rules.PATH}{row['token']}",
        "hub.secret": row["secret"],
        "hub.lease_seconds": "864000",
    }
    assert urlsplit(asked["hub.callback"]).path == "/wirewatch" + desk.path
    answer = desk.confirm()
    assert (answer.status_code, answer.text) == (200, "c1")
    assert answer.headers["content-type"].startswith("text/plain")
    assert desk.row["state"] == "active"
    assert desk.push(document("c")).status_code == 202
    assert desk.titles() == ["a", "b"], "it is read by the next collection"
    assert desk.work()["entries"] == 1
    assert desk.titles() == ["a", "b", "c"]
    assert desk.rows("SELECT 1 FROM entries WHERE absent_since IS NOT NULL") == [], "a part of a feed says who came"
    assert desk.rows("SELECT count(*) AS n FROM pushes") == [{"n": 0}]
    assert (desk.row["pushes"], desk.row["reason"]) == (1, None)
    assert desk.work() == {"internal": 0}, "done twice, nothing more"


def test_an_edit_may_be_pushed(desk: Desk) -> None:
    desk.subscribe()
    desk.push(document("a").replace(b"Words.", b"Other words."))
    assert desk.work()["edited"] == 1
    assert desk.rows("SELECT text FROM entries ORDER BY id LIMIT 1") == [{"text": "Other words."}]


@pytest.mark.parametrize("signature", ["sha256=" + "0" * 64, "sha1=", "none", "md5=" + "0" * 32])
def test_what_is_not_signed_is_forgotten(desk: Desk, signature: str) -> None:
    desk.subscribe()
    assert desk.push(document("c"), signature).status_code == 202
    assert desk.web.post(desk.path, content=document("c")).status_code == 202
    assert desk.rows("SELECT count(*) AS n FROM pushes") == [{"n": 0}]


def test_a_stranger_finds_nothing(desk: Desk) -> None:
    desk.poll()
    for path in ("/push/x", "/push/" + "x" * 5_000, "/push/%00", "/push/%C3%A9"):
        assert desk.web.get(path, params={"hub.mode": "subscribe", "hub.challenge": "c"}).status_code == 404
        assert desk.web.post(path, content=b"x").status_code == 404
    assert desk.confirm().status_code == 404, "it was not asked for yet"
    desk.work()
    assert desk.confirm(topic="https://other.example/").status_code == 404
    assert desk.confirm(mode="unsubscribe").status_code == 404
    assert desk.row["state"] == "asked"
    desk.confirm()
    assert desk.confirm(mode="unsubscribe").status_code == 404
    assert desk.row["state"] == "active"


def test_without_an_address_outside_nothing_is_subscribed_to(desk: Desk, hub: Hub) -> None:
    desk.settings = replace(desk.settings, push_url="")
    desk.poll()
    assert desk.work() == {"internal": 0}
    assert (hub.asked, desk.rows("SELECT * FROM subscriptions")) == ([], [])
    assert desk.web.get("/push/x").status_code == 404


def test_a_lease_is_renewed_before_it_ends(desk: Desk, hub: Hub) -> None:
    desk.subscribe()
    confirmed = datetime.now(UTC)  # the lease counts from the hub's word, which comes at no moment of ours
    desk.work(confirmed + timedelta(days=7))
    assert len(hub.asked) == 1
    desk.work(confirmed + timedelta(days=8, minutes=5))
    assert len(hub.asked) == 2 and desk.row["state"] == "active"
    assert hub.asked[0]["hub.callback"] == hub.asked[1]["hub.callback"]
    desk.work(confirmed + timedelta(days=8, hours=1))
    assert len(hub.asked) == 2
    desk.work(confirmed + timedelta(days=8, hours=2))
    assert len(hub.asked) == 3, "it did not ask back"


def test_a_hub_that_fails_or_refuses_is_asked_again_later(desk: Desk, hub: Hub) -> None:
    hub.status = 500
    desk.poll()
    assert desk.work()["not_asked"] == 1
    assert "http-500" in desk.row["reason"]
    hub.status = 202
    assert desk.work(NOW + timedelta(minutes=30)) == {"internal": 0}
    assert desk.work(NOW + timedelta(hours=2))["asked"] == 1
    desk.confirm(mode="denied", reason="closed")
    assert (desk.row["state"], desk.row["reason"]) == ("denied", "closed")
    assert desk.work(NOW + timedelta(days=9)) == {"internal": 0}


def test_another_hub_is_another_subscription(desk: Desk, hub: Hub) -> None:
    desk.subscribe()
    before = desk.path
    desk.hosts.serve("/feed", document("a", hub=hub.url + "other"), RSS)
    desk.poll(NOW + timedelta(hours=1))
    assert desk.web.post(before, content=b"x").status_code == 410
    assert desk.row["state"] == "new"
    desk.hosts.serve("/feed", document("a", "b"), RSS)
    desk.poll(NOW + timedelta(hours=2))
    assert desk.rows("SELECT * FROM subscriptions") == []


def test_an_internal_hub_is_never_asked(desk: Desk, hub: Hub) -> None:
    inside = hub.url.replace("127.0.0.1", "127.0.0.9")
    desk.hosts.serve("/feed", document("a", hub=inside), RSS)
    desk.poll()
    assert desk.work() == {"internal": 0}
    assert desk.rows("SELECT * FROM subscriptions") == []


def test_sizes_and_numbers_are_bounded(desk: Desk) -> None:
    desk.subscribe()
    desk.settings = replace(desk.settings, max_feed_bytes=1_000)
    assert desk.push(b"x" * 1_001).status_code == 413
    assert desk.web.post(desk.path, content=pieces()).status_code == 413
    for number in range(subscriptions.MAX_WAITING + 5):
        assert desk.push(document(f"n{number}")).status_code == 202
    assert desk.rows("SELECT count(*) AS n FROM pushes") == [{"n": subscriptions.MAX_WAITING}]


def test_a_push_that_is_no_feed_is_let_go(desk: Desk) -> None:
    desk.subscribe()
    desk.push(b"<html><title>Maintenance</title></html>")
    desk.push(document("c"))
    counts = desk.work()
    assert (counts["unreadable"], counts["pushed"]) == (1, 1)
    assert desk.titles() == ["a", "b", "c"]


def farewells(hub: Hub) -> list[dict[str, str]]:
    return [asked for asked in hub.asked if asked["hub.mode"] == "unsubscribe"]


def ends_everything(desk: Desk) -> None:
    desk.hosts.serve("/feed", document("a", "b"), RSS)
    desk.poll(NOW + timedelta(hours=1))


def names_another(desk: Desk) -> None:
    desk.hosts.serve("/feed", document("a", hub=desk.hub.url + "other"), RSS)
    desk.poll(NOW + timedelta(hours=1))


def calls_itself_otherwise(desk: Desk) -> None:
    own = f'<atom:link rel="self" href="{desk.url}?now"/><item>'.encode()
    desk.hosts.serve("/feed", document("a", hub=desk.hub.url).replace(b"<item>", own, 1), RSS)
    desk.poll(NOW + timedelta(hours=1))


def is_retired(desk: Desk) -> None:
    with database.connect(desk.settings) as connection:
        connection.execute("UPDATE feeds SET state = 'retired'")


def is_deleted(desk: Desk) -> None:
    with database.connect(desk.settings) as connection:
        connection.execute("DELETE FROM entries")
        connection.execute("DELETE FROM fetches")
        connection.execute("DELETE FROM feeds")


@pytest.mark.parametrize("end", [ends_everything, names_another, calls_itself_otherwise, is_retired, is_deleted])
def test_a_hub_is_asked_to_end_what_is_not_wanted_any_more(desk: Desk, hub: Hub, end: Any) -> None:
    desk.subscribe()
    path, topic = desk.path, desk.url
    end(desk)
    assert desk.work()["left"] == 1
    (asked,) = farewells(hub)
    callback = f"{OUTSIDE}/wirewatch{path}"
    assert asked == {"hub.mode": "unsubscribe", "hub.topic": topic, "hub.callback": callback}
    assert desk.web.post(path, content=b"x").status_code == 410
    query = {"hub.mode": "unsubscribe", "hub.topic": topic, "hub.challenge": "c2"}
    assert desk.web.get(path, params=query | {"hub.topic": "https://other.example/"}).status_code == 404
    assert desk.web.get(path, params=query | {"hub.mode": "subscribe"}).status_code == 404
    answer = desk.web.get(path, params=query)
    assert (answer.status_code, answer.text) == (200, "c2")
    assert desk.rows("SELECT * FROM left_subscriptions") == []
    assert desk.web.get(path, params=query).status_code == 404
    desk.work(NOW + timedelta(days=1))
    assert len(farewells(hub)) == 1


def test_a_hub_that_does_not_hear_is_asked_again_until_its_lease_is_over(desk: Desk, hub: Hub) -> None:
    desk.subscribe()
    is_retired(desk)
    hub.status = 503
    assert desk.work()["not_left"] == 1
    assert "http-503" in desk.rows("SELECT reason FROM left_subscriptions")[0]["reason"]
    desk.work(NOW + timedelta(minutes=30))
    assert len(farewells(hub)) == 1
    desk.work(NOW + timedelta(hours=2))
    assert len(farewells(hub)) == 2
    desk.work(NOW + timedelta(days=31))
    assert (len(farewells(hub)), desk.rows("SELECT * FROM left_subscriptions")) == (2, [])


def test_a_hub_that_knows_of_none_has_ended_it(desk: Desk, hub: Hub) -> None:
    desk.subscribe()
    is_retired(desk)
    hub.status = 410
    desk.work()
    assert desk.rows("SELECT * FROM left_subscriptions") == []


def test_a_hub_that_was_never_asked_or_refused_is_not_asked_to_end_it(desk: Desk, hub: Hub) -> None:
    desk.poll()
    is_retired(desk)
    desk.work()
    assert (hub.asked, desk.rows("SELECT * FROM subscriptions")) == ([], [])


def test_nobody_can_end_a_subscription_that_is_wanted(desk: Desk) -> None:
    desk.subscribe()
    assert desk.confirm(mode="unsubscribe").status_code == 404
    assert desk.push(document("c")).status_code == 202
    assert desk.work()["pushed"] == 1


def test_one_that_starts_anew_is_another_than_the_one_that_ends(desk: Desk, hub: Hub) -> None:
    desk.subscribe()
    before = desk.path
    ends_everything(desk)
    desk.hosts.serve("/feed", document("a", hub=hub.url), RSS)
    desk.poll(NOW + timedelta(hours=2))
    counts = desk.work(NOW + timedelta(hours=2))
    assert (counts["asked"], counts["left"]) == (1, 1)
    assert desk.path != before
    assert farewells(hub)[0]["hub.callback"].endswith(before)
    assert desk.confirm().status_code == 200
