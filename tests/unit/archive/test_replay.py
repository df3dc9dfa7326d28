"""The replay server and the client's way through it: a page as of then, exactly as the live page would come."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipeline import web
from pipeline.archive.replay import ReplayServer
from pipeline.errors import ConfigurationError, ItemError
from pipeline.settings import Settings
from pipeline.text.http_dates import http_date
from pipeline.web import memento
from tests.support.project import REPOSITORY
from tests.support.warcs import at, write

FEED = "http://outlet.example/feed.xml?all=1"
RECORDS = [
    (
        FEED,
        at(18, 8),
        200,
        {"ETag": '"a"', "Content-Type": "application/rss+xml", "Cache-Control": "max-age=60"},
        b"<a/>",
    ),
    (FEED, at(18, 12), 200, {"ETag": '"a"', "Content-Type": "application/rss+xml"}, b"<a/>"),
    (FEED, at(19, 8), 200, {"ETag": '"b"', "Last-Modified": "Wed, 19 Jun 2024 07:00:00 GMT"}, "<비/>".encode()),
    ("http://outlet.example/moved", at(18), 301, {"Location": "/story"}, b""),
    ("http://outlet.example/story", at(17), 200, {"Content-Type": "text/html"}, b"draft"),
    ("http://outlet.example/story", at(18, 0, 0, 5), 200, {"Content-Type": "text/html"}, b"story"),
    ("http://outlet.example/gone", at(18), 404, {}, b"not here"),
    ("http://outlet.example/wall", at(18), 403, {"X-Title": "Zutritt für Abonnenten\u3000"}, b"pay"),
    ("http://closed.example/robots.txt", at(17), 200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /"),
    ("http://closed.example/x", at(17), 200, {}, b"closed"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayServer]:
    folder = tmp_path_factory.mktemp("recorded")
    write(folder / "web.warc.gz", RECORDS)
    with ReplayServer([folder]) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: ReplayServer) -> Iterator[web.Client]:
    # No pause is configured away: an archive on this machine is not paced, the default interval stays.
    with web.Client(Settings(archive_url=server.timegate)) as running:
        yield running


def raw(server: ReplayServer, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


# --- the protocol -----------------------------------------------------------------------------------------


def test_timegate_redirects_to_the_capture_of_the_time(server: ReplayServer) -> None:
    status, headers, _ = raw(server, f"/timegate/{FEED}", Accept_Datetime=http_date(at(18, 10)))
    assert status == 302 and headers["vary"] == "accept-datetime"
    assert headers["location"] == f"{server.address}/web/20240618080000id_/{FEED}"
    found = {relation: link for link in memento.links(headers["link"]) for relation in link.relations}
    assert found["original"].target == FEED
    assert found["first"].moment == at(18, 8) and found["last"].moment == at(19, 8)


def test_timegate_without_a_time_gives_the_last_and_before_all_gives_the_first(server: ReplayServer) -> None:
    assert "/web/20240619080000id_/" in raw(server, f"/timegate/{FEED}")[1]["location"]
    before = raw(server, f"/timegate/{FEED}", Accept_Datetime=http_date(at(1)))
    assert "/web/20240618080000id_/" in before[1]["location"]


def test_wrong_questions(server: ReplayServer) -> None:
    assert raw(server, f"/timegate/{FEED}", Accept_Datetime="yesterday")[0] == 400
    assert raw(server, "/timegate/http://unknown.example/")[0] == 404
    assert raw(server, "/timemap/link/http://unknown.example/")[0] == 404
    assert raw(server, "/web/20240618080000id_/http://unknown.example/")[0] == 404
    assert raw(server, "/web/99999999999999id_/" + FEED)[0] == 404
    assert raw(server, "/elsewhere")[0] == 404


def test_memento_of_another_second_redirects_to_the_capture(server: ReplayServer) -> None:
    status, headers, _ = raw(server, f"/web/20240618093000/{FEED}")
    assert status == 302 and "/web/20240618080000id_/" in headers["location"]


def test_memento_names_its_neighbours(server: ReplayServer) -> None:
    status, headers, body = raw(server, f"/web/20240618120000id_/{FEED}")
    assert (status, body) == (200, b"<a/>")
    assert headers["memento-datetime"] == http_date(at(18, 12))
    assert headers["x-archive-orig-etag"] == '"a"' and headers["content-type"] == "application/rss+xml"
    relations = {(frozenset(link.relations), link.moment) for link in memento.links(headers["link"])}
    assert (frozenset({"first", "prev", "memento"}), at(18, 8)) in relations
    assert (frozenset({"last", "next", "memento"}), at(19, 8)) in relations


# --- the client -------------------------------------------------------------------------------------------


def test_page_as_of_then_comes_as_it_came_then(client: web.Client) -> None:
    answer = client.get(FEED, as_of=at(18, 9), purpose="feed")
    assert (answer.status, answer.body, answer.captured) == (200, b"<a/>", at(18, 8))
    assert (answer.url, answer.final_url, answer.hops) == (FEED, FEED, ())
    assert answer.headers["etag"] == '"a"' and answer.headers["cache-control"] == "max-age=60"
    assert not [name for name in answer.headers if "archive" in name or "memento" in name]
    assert client.get(FEED, as_of=at(25), purpose="feed").body == "<비/>".encode()


def test_unchanged_captures_answer_304(client: web.Client) -> None:
    first = client.get(FEED, as_of=at(18, 9), purpose="feed")
    again = client.get(FEED, as_of=at(18, 13), validators=web.validators_of(first), purpose="feed")
    assert again.not_modified and again.captured == at(18, 12)
    changed = client.get(FEED, as_of=at(19, 9), validators=web.validators_of(first), purpose="feed")
    assert changed.status == 200
    by_date = replace(web.validators_of(changed), etag=None)  # type: ignore[type-var]
    assert client.get(FEED, as_of=at(20), validators=by_date, purpose="feed").not_modified


def test_what_was_captured_later_is_not_there_yet(client: web.Client) -> None:
    with pytest.raises(ItemError) as caught:
        client.get(FEED, as_of=at(18, 7))
    assert caught.value.reason == "not-captured" and caught.value.url == FEED
    with pytest.raises(ItemError) as caught:
        client.get("http://unknown.example/", as_of=at(18, 7))
    assert caught.value.reason == "not-captured"


def test_captured_redirect_is_followed_in_its_time(client: web.Client) -> None:
    answer = client.get("http://outlet.example/moved", as_of=at(18, 1))
    assert [(hop.status, hop.url) for hop in answer.hops] == [(301, "http://outlet.example/story")]
    assert answer.body == b"story" and answer.final_url == "http://outlet.example/story"


def test_captured_failures_fail_as_they_did(client: web.Client) -> None:
    for path, expected in (("gone", "http-404"), ("wall", "http-403")):
        with pytest.raises(ItemError) as caught:
            client.get(f"http://outlet.example/{path}", as_of=at(18, 1))
        assert caught.value.reason == expected


def test_captured_robots_txt_is_obeyed(client: web.Client) -> None:
    with pytest.raises(ItemError) as caught:
        client.get("http://closed.example/x", as_of=at(18))
    assert caught.value.reason == "robots"


def test_timemap_within_an_interval(client: web.Client) -> None:
    assert client.timemap(FEED, at(1), at(30)) == [at(18, 8), at(18, 12), at(19, 8)]
    assert client.timemap(FEED, at(18, 12), at(19)) == [at(18, 12)]
    assert client.timemap("http://unknown.example/", at(1), at(30)) == []


def test_many_requests_share_the_archive(client: web.Client) -> None:
    requests = [web.Request(FEED, as_of=at(18, 8) + timedelta(minutes=n), key=n) for n in range(120)]
    found = {}
    client.gather(requests, lambda request, result: found.update({request.key: getattr(result, "captured", result)}))
    assert found == {n: at(18, 8) for n in range(120)}


# --- archives that answer with the nearest capture ---------------------------------------------------------


@pytest.fixture
def nearest() -> Iterator[str]:
    """A Wayback-type archive: the nearest capture, earlier or later, links without ``id_``, a banner without it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            base = f"http://{self.headers['Host']}/web/"
            if "id_/" in self.path:
                day = int(self.path[len("/web/202406") :][:2])
                self.send_response(200)
                self.send_header("Memento-Datetime", http_date(at(day)))
                date = http_date(at(18))
                link = f'<{base}20240618000000/http://a.example/>; rel="prev memento"; datetime="{date}"'
                self.send_header("Link", link)
                body = f"day {day}".encode()
            elif self.path.endswith("robots.txt"):
                self.send_response(404)
                body = b""
            elif self.path.endswith("/broken"):
                self.send_response(503)
                self.send_header("Retry-After", "7")
                body = b""
            else:
                self.send_response(302)
                self.send_header("Location", f"{base}20240620000000/http://a.example/")
                body = b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}/web/"
    running.shutdown()
    running.server_close()
    thread.join()


def test_later_memento_leads_back_to_what_was_known(nearest: str) -> None:
    with web.Client(Settings(archive_url=nearest)) as client:
        answer = client.get("http://a.example/", as_of=at(19))
        assert (answer.body, answer.captured) == (b"day 18", at(18))
        with pytest.raises(ItemError, match="not-captured"):
            client.get("http://a.example/", as_of=at(17))
        with pytest.raises(ItemError) as caught:
            client.get("http://a.example/broken", as_of=at(19))
        assert (caught.value.reason, caught.value.retry_after) == ("archive-503", 7.0)


# --- starting ---------------------------------------------------------------------------------------------


def test_taken_port_and_empty_folder_say_so(server: ReplayServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no WARC file"):
        ReplayServer([tmp_path])
    write(tmp_path / "a.warc.gz", RECORDS[:1])
    with pytest.raises(ConfigurationError, match="cannot listen"):
        ReplayServer([tmp_path], port=int(server.address.rsplit(":", 1)[1]))


def test_runs_as_a_program_and_stops_when_told(tmp_path: Path) -> None:
    write(tmp_path / "a.warc.gz", RECORDS[:1])
    command = [sys.executable, "-m", "pipeline.archive.replay", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line.startswith("1 captures; WIREWATCH_ARCHIVE_URL=http://127.0.0.1:")
            with web.Client(Settings(archive_url=line.strip().partition("=")[2])) as client:
                assert client.get(FEED, as_of=at(20)).body == b"<a/>"
        finally:
            process.terminate()
        assert process.wait(timeout=10) == 0
