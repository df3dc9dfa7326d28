"""Collecting from outlets that lie, break and move: each thing gets its row with the reason, and no run fails of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline import database, steps
from pipeline.errors import ConfigurationError
from pipeline.models import FeedSource
from pipeline.settings import Settings
from pipeline.store import articles as article_store
from pipeline.store import feeds as feed_store

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
SUMMARY = "Vladimir Putin and Kim Jong Un signed a partnership treaty in Pyongyang on Wednesday."
PROSE = (
    "Vladimir Putin and Kim Jong Un signed a comprehensive partnership treaty in Pyongyang on Wednesday.",
    "The Russian president had arrived in North Korea in the night, hours later than the Kremlin had planned.",
    "Ministers of both countries had prepared the text for months and left one article open until the last evening.",
    "Officials in Seoul and Washington said they would study the wording, which was to be published within days.",
)
Row = dict[str, Any]


class Outlets:
    """A web of paths on loopback; `asked` lists the paths in order."""

    def __init__(self) -> None:
        self.paths: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        outlets = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outlets.asked.append(self.path)
                status, headers, body = outlets.paths.get(self.path, (404, HTML, b"<html><body>Not here</body></html>"))
                if status == 0:  # the connection breaks
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def serve(self, path: str, body: bytes = b"", headers: dict[str, str] | None = None, status: int = 200) -> str:
        self.paths[path] = (status, RSS if headers is None else headers, body)
        return self.url + path

    def item(self, name: str, *, summary: str = SUMMARY, guid: str | None = None, date: str | None = None) -> str:
        """One entry of a feed, whose page is /name."""
        when = "Wed, 19 Jun 2024 09:00:00 GMT" if date is None else date
        identity = f"<guid isPermaLink='false'>{name if guid is None else guid}</guid>" if guid != "" else ""
        return (
            f"<item><title>Putin and Kim in Pyongyang: {name}</title><link>{self.url}/{name}</link>{identity}"
            f"<pubDate>{when}</pubDate><description>{summary}</description></item>"
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def outlets() -> Iterator[Outlets]:
    running = Outlets()
    yield running
    running.close()


@pytest.fixture
def desk(settings: Settings) -> Settings:
    """A database without feeds, whose worker may ask the outlets on loopback."""
    return replace(settings, allow_hosts="127.0.0.1", read_timeout=2.0, total_timeout=4.0)


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Outlet</title>{''.join(items)}</channel></rss>".encode()


def page(title: str, paragraphs: tuple[str, ...] = PROSE, head: str = "") -> bytes:
    prose = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{prose}</article></body></html>"
    ).encode()


def add(settings: Settings, url: str) -> int:
    return steps.add_feed(settings, FeedSource(url=url, title="", outlet=url.rsplit("/", 1)[-1]))[0]


def poll(settings: Settings, now: datetime, *feed_ids: int) -> Row:
    return steps.poll(settings, feed_ids=feed_ids, now=now)


def rows(settings: Settings, query: str, *values: object) -> list[Row]:
    with database.connect(settings) as connection:
        return connection.execute(query, values).fetchall()


def stages(settings: Settings) -> dict[str, str]:
    """The ledger: what each entry's page is called -> how far the entry got."""
    found = rows(settings, "SELECT title, stage FROM ledger")
    return {row["title"].rsplit(": ", 1)[-1]: row["stage"] for row in found}


def test_each_bad_feed_gets_its_reason_and_the_good_one_its_entries(desk: Settings, outlets: Outlets) -> None:
    bad = {
        "http-404": outlets.url + "/no-such-feed",
        "html-page": outlets.serve("/page", page("Welcome"), HTML),
        "empty-body": outlets.serve("/empty", b"  \n"),
        "not-a-feed": outlets.serve("/junk", b"%PDF-1.7 nothing of the kind"),
        "too-complex": outlets.serve("/bomb", rss("<item>" * 6000)),
        "http-500": outlets.serve("/broken", status=500),
        "disconnected": outlets.serve("/hangs-up", status=0),
    }
    ids = {reason: add(desk, url) for reason, url in bad.items()}
    good = add(desk, outlets.serve("/good", rss(outlets.item("one"), outlets.item("two"))))
    counts = poll(desk, NOW, *ids.values(), good)
    assert (counts["polled"], counts["ok"], counts["entries"]) == (len(bad) + 1, 1, 2)
    logged = {row["feed_id"]: row for row in rows(desk, "SELECT * FROM fetches WHERE kind = 'feed'")}
    assert {reason: logged[feed_id]["outcome"] for reason, feed_id in ids.items()} == {r: r for r in bad}
    assert all(logged[feed_id]["detail"] or reason.startswith("http-") for reason, feed_id in ids.items())
    health = {row["feed_id"]: row for row in rows(desk, "SELECT * FROM feed_health")}
    assert {health[feed_id]["last_error"] for feed_id in ids.values()} == set(bad)
    assert all(health[feed_id]["state"] == "active" and health[feed_id]["next_poll_at"] > NOW for feed_id in health)


def test_odd_entries_are_kept_and_say_what_is_odd(desk: Settings, outlets: Outlets) -> None:
    items = [
        outlets.item("bad-date", date="the day after never"),
        outlets.item("future", date="Wed, 19 Jun 2199 09:00:00 GMT"),
        outlets.item("no-id", guid=""),
        outlets.item("twin-one", guid="twin"),
        outlets.item("twin-two", guid="twin"),
    ]
    wrong_charset = outlets.item("charset").replace("Pyongyang:", "Pyongyang \u2013 caf\u00e9:")
    body = b"<?xml version='1.0' encoding='utf-8'?>" + rss().replace(
        b"</channel>", wrong_charset.encode("windows-1252") + b"</channel>"
    )
    feed, other = add(desk, outlets.serve("/odd", rss(*items))), add(desk, outlets.serve("/charset", body))
    assert poll(desk, NOW, feed, other)["ok"] == 2
    found = {row["url"].rsplit("/", 1)[-1]: row for row in rows(desk, "SELECT * FROM entries")}
    assert set(found) == {"bad-date", "future", "no-id", "twin-one", "twin-two", "charset"}
    for name in ("bad-date", "future"):
        assert found[name]["published"] == NOW
        assert found[name]["published_rule"].startswith("first-seen:")
    assert len({row["key"] for row in found.values() if row["feed_id"] == feed}) == 5
    assert found["charset"]["title"] == "Putin and Kim in Pyongyang – café: charset"
    # The same document again, in another body, adds nothing.
    outlets.serve("/odd", rss(*items) + b"<!-- again -->")
    assert poll(desk, NOW + timedelta(hours=1), feed).get("entries") == 0
    assert len(rows(desk, "SELECT 1 FROM entries")) == 6
    assert not rows(desk, "SELECT 1 FROM entry_revisions")


def test_every_page_ends_in_an_article_or_a_reason_and_the_ledger_tells(desk: Settings, outlets: Outlets) -> None:
    outlets.serve("/whole", page("Putin and Kim sign their treaty"), HTML)
    outlets.serve("/wordless", page("Putin and Kim", ()), HTML)
    outlets.serve("/script", b"<html><body><div id='app'></div><script>boot()</script></body></html>", HTML)
    outlets.serve("/photo", b"\xff\xd8\xff\xe0 a photo", {"Content-Type": "image/jpeg"})
    outlets.serve("/busy", b"", HTML, status=503)
    outlets.serve("/walled", b"no", HTML, status=403)
    outlets.serve("/same", page("Putin and Kim sign", head=f"<link rel='canonical' href='{outlets.url}/whole'>"), HTML)
    nothing = {"wordless", "script", "photo", "gone"}
    items = [outlets.item(name, summary="" if name in nothing else SUMMARY) for name in sorted(nothing)]
    items += [outlets.item(name) for name in ("whole", "busy", "walled", "same", "gone-but-told")]
    items.append(
        f"<item><title>Village fete draws crowds</title><link>{outlets.url}/fete</link><guid>fete</guid>"
        "<description>The brass band played.</description></item>"
    )
    feed = add(desk, outlets.serve("/feed", rss(*items)))
    poll(desk, NOW, feed)
    assert set(stages(desk).values()) == {"waiting: topic"}
    steps.match(desk, now=NOW)
    steps.extract(desk, now=NOW)
    steps.find_copies(desk, now=NOW)
    steps.embed(desk, now=NOW)
    steps.cluster(desk, now=NOW)
    told = stages(desk)
    assert len(told) == len(items)
    assert told.pop("Village fete draws crowds").startswith("stopped: off topic")
    assert {name: stage for name, stage in told.items() if stage.startswith("stopped: no article")} == {
        "gone": "stopped: no article (http-404)",
        "photo": "stopped: no article (not-html)",
        "script": "stopped: no article (script-only)",
        "wordless": "stopped: no article (no-text)",
    }
    assert told["busy"] == "waiting: page (http-503)"
    in_story = {name for name, stage in told.items() if stage == "in story"}
    assert in_story == {"whole", "same", "walled", "gone-but-told"}
    ledger = {row["url"].rsplit("/", 1)[-1]: row for row in rows(desk, "SELECT * FROM ledger")}
    assert ledger["same"]["article_id"] == ledger["whole"]["article_id"], "one page, two sightings"
    reasons = {name: (ledger[name]["text_source"], ledger[name]["text_reason"]) for name in in_story}
    assert reasons["whole"] == ("page", None)
    assert reasons["walled"] == ("feed", "http-403")
    assert reasons["gone-but-told"] == ("feed", "http-404")
    # The busy page comes back, and nothing else is asked for again.
    outlets.serve("/busy", page("Putin leaves Kim in Pyongyang"), HTML)
    before = len(outlets.asked)
    steps.extract(desk, now=NOW + timedelta(minutes=20))
    assert [path for path in outlets.asked[before:] if path != "/robots.txt"] == ["/busy"]
    assert steps.extract(desk, now=NOW + timedelta(minutes=20)) == {"internal": 0}


def test_entries_leave_return_and_are_revised_without_being_new(desk: Settings, outlets: Outlets) -> None:
    one, two = outlets.item("one"), outlets.item("two")
    feed = add(desk, outlets.serve("/feed", rss(one, two)))
    hours = [NOW + timedelta(hours=n) for n in range(5)]
    poll(desk, hours[0], feed)
    outlets.serve("/feed", rss(two))
    poll(desk, hours[1], feed)
    gone = rows(desk, "SELECT url, absent_since FROM entries WHERE absent_since IS NOT NULL")
    assert [(row["url"], row["absent_since"]) for row in gone] == [(f"{outlets.url}/one", hours[1])]
    outlets.serve("/feed", rss(one, two.replace("partnership treaty", "treaty")))
    assert poll(desk, hours[2], feed)["entries"] == 0
    found = {row["key"]: row for row in rows(desk, "SELECT * FROM entries ORDER BY id")}
    assert len(found) == 2
    first, second = sorted(found.values(), key=lambda row: row["id"])
    assert (first["returned"], first["absent_since"], first["revision"]) == (1, None, 0)
    assert (second["returned"], second["revision"]) == (0, 1)
    revision = rows(desk, "SELECT * FROM entry_revisions")
    assert [(row["entry_id"], row["changed"], "partnership" in row["text"]) for row in revision] == [
        (second["id"], ["text"], True)
    ]


def test_a_feed_that_scrolled_past_us_has_a_gap_of_its_length(desk: Settings, outlets: Outlets) -> None:
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("old"))))
    poll(desk, NOW, feed)
    later = outlets.item("new", date="Thu, 20 Jun 2024 09:00:00 GMT")
    outlets.serve("/feed", rss(later))
    poll(desk, NOW + timedelta(days=1), feed)
    health = rows(desk, "SELECT gaps, missed FROM feed_health")
    assert health == [{"gaps": 1, "missed": timedelta(days=1)}]


def test_a_permanent_redirect_seen_again_and_again_moves_the_feed(desk: Settings, outlets: Outlets) -> None:
    target = outlets.serve("/new", rss(outlets.item("one")))
    old = outlets.serve("/old", b"", {"Location": "/new"}, status=301)
    feed = add(desk, old)
    addresses = []
    for hours in (0, 13, 26, 39):
        poll(desk, NOW + timedelta(hours=hours), feed)
        addresses.append(rows(desk, "SELECT url FROM feeds")[0]["url"])
    assert addresses == [old, old, target, target]
    assert len(rows(desk, "SELECT 1 FROM entries")) == 1
    assert outlets.asked.count("/old") == 3


def test_a_feed_that_moves_onto_a_known_one_is_retired_as_that_one(desk: Settings, outlets: Outlets) -> None:
    kept = add(desk, outlets.serve("/new", rss(outlets.item("one"))))
    feed = add(desk, outlets.serve("/old", b"", {"Location": "/new"}, status=308))
    for hours in (0, 13, 26):
        poll(desk, NOW + timedelta(hours=hours), feed)
    (row,) = rows(desk, "SELECT state, state_reason FROM feeds WHERE id = %s", feed)
    assert (row["state"], f"feed {kept}" in row["state_reason"]) == ("retired", True)


def test_gone_for_good_retires_and_failing_for_days_pauses(desk: Settings, outlets: Outlets) -> None:
    gone = add(desk, outlets.serve("/gone", status=410))
    failing = add(desk, outlets.serve("/failing", status=404))
    for hours in range(0, 80, 10):
        poll(desk, NOW + timedelta(hours=hours), gone, failing)
    found = {row["id"]: row for row in rows(desk, "SELECT * FROM feeds")}
    assert (found[gone]["state"], found[gone]["state_reason"].split(":")[0]) == ("retired", "http-410")
    assert found[failing]["state"] == "paused"
    assert found[failing]["state_reason"].startswith("http-404 since 2024-06-19")
    assert outlets.asked.count("/gone") == 1
    assert steps.due_batches(desk, now=NOW + timedelta(days=30)) == [[failing]], "tried again, rarely"
    outlets.serve("/failing", rss(outlets.item("one")))
    poll(desk, NOW + timedelta(days=30), failing)
    assert rows(desk, "SELECT state, state_reason FROM feeds WHERE id = %s", failing) == [
        {"state": "active", "state_reason": None}
    ]


def together(work: Callable[[], Any]) -> None:
    """Run `work` in two workers at the same moment; what one of them raises fails the test."""
    start, failures = threading.Barrier(2), []

    def worker() -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert not failures


def test_two_workers_ask_each_feed_and_each_page_once(desk: Settings, outlets: Outlets) -> None:
    names = [f"story-{n}" for n in range(12)]
    for name in names:
        outlets.serve(f"/{name}", page(f"Putin and Kim in Pyongyang: {name}"), HTML)
    feeds = [
        add(desk, outlets.serve(f"/feed-{n}", rss(*(outlets.item(name) for name in names[n * 3 : n * 3 + 3]))))
        for n in range(4)
    ]
    together(lambda: poll(desk, NOW, *feeds))
    steps.match(desk, now=NOW)
    together(lambda: steps.extract(desk, now=NOW))
    asked = Counter(path for path in outlets.asked if path != "/robots.txt")
    assert asked == Counter([*(f"/feed-{n}" for n in range(4)), *(f"/{name}" for name in names)])
    assert rows(desk, "SELECT count(*) AS n, max(revision) AS r FROM articles WHERE state = 'extracted'") == [
        {"n": 12, "r": 1}
    ]
    assert rows(desk, "SELECT count(*) AS n FROM article_revisions") == [{"n": 12}]


class Died(BaseException):
    """A worker's process is killed."""


def dies(*_: object, **__: object) -> None:
    raise Died


def test_a_worker_that_dies_while_polling_leaves_the_feed_as_it_was(
    desk: Settings, outlets: Outlets, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("one"))))
    with monkeypatch.context() as patch:
        patch.setattr(feed_store, "log_fetches", dies)
        with pytest.raises(Died):
            poll(desk, NOW, feed)
    assert not rows(desk, "SELECT 1 FROM entries")
    (row,) = rows(desk, "SELECT poll_state, last_polled_at FROM feeds")
    assert (row["poll_state"], row["last_polled_at"]) == ({}, None)
    assert steps.due_batches(desk, now=NOW) == [[feed]], "its owner is gone, and its lease with it"
    assert poll(desk, NOW, feed)["entries"] == 1
    assert len(rows(desk, "SELECT 1 FROM fetches")) == 1


def test_a_worker_that_dies_while_extracting_leaves_the_page_to_the_next(
    desk: Settings, outlets: Outlets, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlets.serve("/one", page("Putin and Kim in Pyongyang"), HTML)
    poll(desk, NOW, add(desk, outlets.serve("/feed", rss(outlets.item("one")))))
    steps.match(desk, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(article_store, "save", dies)
        with pytest.raises(Died):
            steps.extract(desk, now=NOW)
    assert rows(desk, "SELECT state, revision FROM articles") == [{"state": "pending", "revision": 0}]
    assert not rows(desk, "SELECT 1 FROM article_revisions"), "the revision went with the row it belongs to"
    assert steps.extract(desk, now=NOW)["extracted"] == 1
    assert rows(desk, "SELECT state, revision FROM articles") == [{"state": "extracted", "revision": 1}]


NOTICE = (
    "The Outlet tells what moves the harbour and the world, from Pyongyang to Putin, each Wednesday and at any hour.",
    "Ninety reporters in eleven towns work for this newsroom, which was founded by fishermen in 1911.",
)


def told(settings: Settings, name: str) -> Row:
    """How the page /name was judged, as an analyst sees it."""
    return rows(settings, "SELECT * FROM page_verdicts WHERE url LIKE %s", f"%/{name}")[0]


def test_an_analyst_sees_why_the_feeds_text_stands(desk: Settings, outlets: Outlets) -> None:
    names = ("whole", "wall", "other")
    feed = add(desk, outlets.serve("/feed", rss(*map(outlets.item, names))))
    outlets.serve("/whole", page("Putin and Kim in Pyongyang: whole"), HTML)
    wall = ("To continue, please prove that you are not a robot.",)
    outlets.serve("/wall", page("One last step", wall), HTML)
    off = ("A ferry sank in the harbour of Aro at noon; all of its passengers were saved by fishermen.",)
    outlets.serve("/other", page("Ferry sinks", off), HTML)
    poll(desk, NOW, feed)
    steps.match(desk, now=NOW)
    assert steps.extract(desk, now=NOW)["from_feed"] == 2
    whole, walled, other = (told(desk, name) for name in names)
    assert (whole["text_source"], whole["reason"], whole["agreement"]) == ("page", None, 1.0)
    assert (walled["text_source"], walled["reason"]) == ("feed", "blocked-page")
    assert walled["detail"].startswith("100% of the text speaks to the visitor")
    assert (other["text_source"], other["reason"]) == ("feed", "off-subject")
    assert other["detail"] == "the page holds 0% of the words of its feed"
    assert other["feed_title"] == "Putin and Kim in Pyongyang: other"


def test_one_text_at_two_addresses_of_an_outlet_is_a_notice_and_the_first_is_read_again(
    desk: Settings, outlets: Outlets
) -> None:
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("one"), outlets.item("two"))))
    for name in ("one", "two"):
        # the address of each stands on its page, so that the bytes differ and the text does not
        outlets.serve(f"/{name}", page("Pyongyang and the world", NOTICE, f"<meta name=page content={name}>"), HTML)
    poll(desk, NOW, feed)
    steps.match(desk, now=NOW)
    counts = steps.extract(desk, now=NOW)
    assert counts["from_feed"] == 2
    for name in ("one", "two"):
        row = told(desk, name)
        assert (row["text_source"], row["reason"], row["same_text_addresses"]) == ("feed", "repeated-text", 2)
        assert row["detail"].endswith("word for word")
    assert {row["text"] for row in rows(desk, "SELECT text FROM articles")} == {SUMMARY}
    assert steps.extract(desk, now=NOW) == {"internal": 0}


def test_one_article_at_two_addresses_of_an_outlet_stands_at_both(desk: Settings, outlets: Outlets) -> None:
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("one"), outlets.item("two"))))
    for name in ("one", "two"):
        outlets.serve(f"/{name}", page("Putin and Kim in Pyongyang", PROSE, f"<meta name=page content={name}>"), HTML)
    poll(desk, NOW, feed)
    steps.match(desk, now=NOW)
    steps.extract(desk, now=NOW)
    assert [(told(desk, name)["text_source"], told(desk, name)["reason"]) for name in ("one", "two")] == [
        ("page", None)
    ] * 2


def test_a_wall_that_comes_later_does_not_push_out_the_text_that_the_page_gave(
    desk: Settings, outlets: Outlets
) -> None:
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("one"))))
    outlets.serve("/one", page("Putin and Kim in Pyongyang: one"), HTML)
    poll(desk, NOW, feed)
    steps.match(desk, now=NOW)
    steps.extract(desk, now=NOW)
    outlets.serve(
        "/one", page("Too many requests", ("You have sent too many requests. Please try again later.",)), HTML
    )
    assert steps.extract(desk, now=NOW + timedelta(hours=5))["unchanged"] == 1
    row = told(desk, "one")
    assert (row["text_source"], row["reason"]) == ("page", None)
    assert PROSE[2] in rows(desk, "SELECT text FROM articles")[0]["text"]


def test_a_look_again_in_vain_is_counted_as_such(desk: Settings, outlets: Outlets) -> None:
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("one"))))
    outlets.serve("/one", page("Putin and Kim in Pyongyang: one"), HTML)
    poll(desk, NOW, feed)
    steps.match(desk, now=NOW)
    steps.extract(desk, now=NOW)
    outlets.serve("/one", b"", HTML, status=503)
    counts = steps.extract(desk, now=NOW + timedelta(hours=5))
    assert counts["look_failed"] == 1 and "unchanged" not in counts
    assert told(desk, "one")["text_source"] == "page"


def test_no_feed_of_the_recorded_coverage_is_asked_for_news(desk: Settings, outlets: Outlets) -> None:
    steps.claim_coverage(desk, live=False)
    feed = add(desk, outlets.serve("/feed", rss(outlets.item("one"))))
    with pytest.raises(ConfigurationError, match=r"whose outlets are invented.*run --live"):
        steps.due_batches(desk, now=NOW)
    assert rows(desk, "SELECT id FROM feeds WHERE last_polled_at IS NULL") == [{"id": feed}]
