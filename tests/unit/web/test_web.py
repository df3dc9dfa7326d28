"""The HTTP client against a server on loopback that misbehaves in every way a stranger's may."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
import zstandard

from pipeline import urls, web
from pipeline.errors import ConfigurationError, ItemError
from pipeline.models import Response, Validators
from pipeline.settings import Settings
from pipeline.web import robots

Answer = tuple[int, dict[str, str], bytes]


class Site:
    """A server whose paths are functions of the request headers; `seen` lists (path, headers, monotonic time)."""

    def __init__(self) -> None:
        self.paths: dict[str, Callable[[dict[str, str]], Answer]] = {}
        self.seen: list[tuple[str, dict[str, str], float]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.seen.append((self.path, headers, time.monotonic()))
                answer = site.paths.get(self.path)
                status, extra, body = answer(headers) if answer else (404, {}, b"")
                if status == 0:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if status != 304 else b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def serve(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self.paths[path] = lambda _: (status, fields, body)
        return self.url + path

    def asked(self, path: str) -> list[dict[str, str]]:
        return [headers for seen, headers, _ in self.seen if seen == path]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.close()


FAST = Settings(allow_hosts="127.0.0.1", host_interval=0.0, connect_timeout=2.0, read_timeout=0.5, total_timeout=3.0)


@pytest.fixture
def client() -> Iterator[web.Client]:
    with web.Client(FAST) as running:
        yield running


def reason(client: web.Client, url: str, **options: object) -> str:
    with pytest.raises(ItemError) as caught:
        client.get(url, **options)  # type: ignore[arg-type]
    assert caught.value.url
    return caught.value.reason


# --- content ----------------------------------------------------------------------------------------------


def test_answer_carries_body_headers_and_cost(site: Site, client: web.Client) -> None:
    url = site.serve("/feed", b"<rss/>", ETag='"1"', Content_Type="text/xml")
    answer = client.get(url, purpose="feed")
    assert (answer.status, answer.body, answer.url, answer.final_url) == (200, b"<rss/>", url, url)
    assert answer.headers["content-type"] == "text/xml"
    assert answer.wire_bytes >= 6 and answer.elapsed > 0 and answer.captured is None
    asked = site.asked("/feed")[0]
    assert asked["user-agent"] == FAST.user_agent and "atom" in asked["accept"]


PLAIN = b"<p>Pyongyang</p>" * 500
ENCODED = {
    "gzip": gzip.compress(PLAIN),
    "x-gzip": gzip.compress(PLAIN[:800]) + gzip.compress(PLAIN[800:]),
    "deflate": zlib.compress(PLAIN),
    "Deflate": zlib.compress(PLAIN, wbits=-15),
    "br": brotli.compress(PLAIN),
    "zstd": zstandard.compress(PLAIN),
    "gzip, br": brotli.compress(gzip.compress(PLAIN)),
    "identity": PLAIN,
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_encodings_are_undone(site: Site, client: web.Client, encoding: str) -> None:
    answer = client.get(site.serve("/page", ENCODED[encoding], Content_Encoding=encoding))
    assert answer.body == PLAIN
    assert answer.wire_bytes == len(ENCODED[encoding])
    assert "content-encoding" not in answer.headers


def test_plain_body_labelled_gzip_is_taken_as_it_is(site: Site, client: web.Client) -> None:
    assert client.get(site.serve("/page", b"<rss/>", Content_Encoding="gzip")).body == b"<rss/>"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_cut_short_body_is_refused(site: Site, client: web.Client, encoding: str) -> None:
    assert reason(client, site.serve("/page", ENCODED[encoding][:-9], Content_Encoding=encoding)) == "bad-encoding"


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "UTF-8",
        "binary",
        "none",
        "8bit",
        "text/html",
        "charset=utf-8",
        "aws-chunked",
        "identity, utf-8",
        ";",
        '""',
    ],
)
@pytest.mark.parametrize("body", [PLAIN, b"<rss/>", b"x"])
def test_an_encoding_that_is_none_is_passed_over(site: Site, client: web.Client, encoding: str, body: bytes) -> None:
    assert client.get(site.serve("/page", body, Content_Encoding=encoding)).body == body


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
@pytest.mark.parametrize(
    "begin", [b"<?xml version='1.0'?>", b"\xef\xbb\xbf\n<RSS>", b"<!DOCTYPE html>", b'{"version": 1']
)
def test_a_document_under_a_false_name_is_taken_as_it_is(
    site: Site, client: web.Client, encoding: str, begin: bytes
) -> None:
    body = begin + b" and more" * 50
    assert client.get(site.serve("/page", body, Content_Encoding=encoding)).body == body


UNSAID = {
    "gzip": gzip.compress(PLAIN),
    "two members": gzip.compress(PLAIN[:800]) + gzip.compress(PLAIN[800:]),
    "gzip twice": gzip.compress(gzip.compress(PLAIN)),
    "zlib": zlib.compress(PLAIN),
    "zlib fast": zlib.compress(PLAIN, 1),
    "zstd": zstandard.compress(PLAIN),
}


@pytest.mark.parametrize("name", UNSAID)
@pytest.mark.parametrize("said", ["", "identity", "utf-8", "gzip", "br", "deflate"])
def test_what_is_compressed_without_a_word_is_known_by_its_beginning(
    site: Site, client: web.Client, name: str, said: str
) -> None:
    outer = {"gzip": gzip.compress, "br": brotli.compress, "deflate": zlib.compress}.get(said, bytes)
    url = site.serve("/feed.xml.gz", outer(UNSAID[name]), Content_Encoding=said, Content_Type="application/gzip")
    assert client.get(url).body == PLAIN


def test_a_wrong_name_among_known_encodings_is_mended(site: Site, client: web.Client) -> None:
    packed = gzip.compress(PLAIN)
    for said in ("deflate", "gzip;q=1.0", '"gzip"', "gzip, utf-8", "utf-8, gzip", " GZIP "):
        assert client.get(site.serve("/page", packed, Content_Encoding=said)).body == PLAIN
    assert client.get(site.serve("/page", zlib.compress(PLAIN), Content_Encoding="gzip")).body == PLAIN


def test_compression_without_a_word_has_the_same_bounds(site: Site, client: web.Client) -> None:
    bomb = gzip.compress(b"\0" * 40_000_000)
    assert reason(client, site.serve("/bomb", bomb), limit_bytes=1_000_000) == "too-large"
    twice = site.serve("/bomb", gzip.compress(bomb), Content_Encoding="gzip")
    assert reason(client, twice, limit_bytes=1_000_000) == "too-large"
    assert reason(client, site.serve("/cut", UNSAID["gzip"][:-20])) == "bad-encoding"
    assert reason(client, site.serve("/missing", UNSAID["gzip"][:-20], 404)) == "http-404"


def test_unknown_encoding_is_refused(site: Site, client: web.Client) -> None:
    assert reason(client, site.serve("/page", b"x", Content_Encoding="exi")) == "bad-encoding"
    assert reason(client, site.serve("/deep", b"x", Content_Encoding="gzip,gzip,gzip")) == "bad-encoding"


BOMBS = {
    "gzip": gzip.compress(bytes(30_000_000)),
    "br": brotli.compress(bytes(30_000_000), quality=1),
    "zstd": zstandard.compress(bytes(30_000_000)),
    "gzip, gzip": gzip.compress(gzip.compress(bytes(30_000_000))),
}


@pytest.mark.parametrize("encoding", BOMBS)
def test_decompressed_size_is_limited(site: Site, client: web.Client, encoding: str) -> None:
    url = site.serve("/bomb", BOMBS[encoding], Content_Encoding=encoding)
    assert reason(client, url, limit_bytes=1_000_000) == "too-large"


def test_announced_and_sent_size_are_limited(site: Site, client: web.Client) -> None:
    assert reason(client, site.serve("/big", bytes(2_000)), limit_bytes=1_999) == "too-large"
    assert len(client.get(site.serve("/fits", bytes(2_000)), limit_bytes=2_000).body) == 2_000


# --- validators -------------------------------------------------------------------------------------------


def test_validators_make_the_request_conditional(site: Site, client: web.Client) -> None:
    site.paths["/feed"] = lambda asked: (
        (304, {"ETag": '"v1"'}, b"") if asked.get("if-none-match") == '"v1"' else (200, {"ETag": '"v1"'}, b"body")
    )
    first = client.get(site.url + "/feed")
    kept = web.validators_of(first)
    assert kept == Validators(site.url + "/feed", '"v1"', None)
    second = client.get(site.url + "/feed", validators=kept)
    assert second.not_modified and second.body == b""


def test_validators_go_only_to_the_address_that_gave_them(site: Site, client: web.Client) -> None:
    site.serve("/old", status=301, Location="/new")
    site.serve("/new", b"body", ETag='"n"', Last_Modified="Tue, 18 Jun 2024 10:00:00 GMT")
    kept = web.validators_of(client.get(site.url + "/old"))
    assert kept is not None and kept.url == site.url + "/new"
    client.get(site.url + "/old", validators=kept)
    assert "if-none-match" not in site.asked("/old")[1]
    assert site.asked("/new")[1]["if-none-match"] == '"n"'
    assert site.asked("/new")[1]["if-modified-since"] == "Tue, 18 Jun 2024 10:00:00 GMT"


def test_no_validators_without_headers(site: Site, client: web.Client) -> None:
    assert web.validators_of(client.get(site.serve("/bare", b"x"))) is None


# --- redirects --------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_listed(site: Site, client: web.Client) -> None:
    site.serve("/a", status=301, Location="/b")
    site.serve("/b", status=302, Location=f"{site.url}/c#part")
    site.serve("/c", b"end")
    answer = client.get(site.url + "/a")
    assert [(hop.status, hop.url) for hop in answer.hops] == [(301, site.url + "/b"), (302, site.url + "/c")]
    assert answer.final_url == site.url + "/c" and answer.url == site.url + "/a"


def test_redirects_end(site: Site, client: web.Client) -> None:
    site.serve("/circle", status=302, Location="/circle")
    assert reason(client, site.url + "/circle") == "too-many-redirects"
    for step in range(12):
        site.serve(f"/{step}", status=302, Location=f"/{step + 1}")
    assert reason(client, site.url + "/0") == "too-many-redirects"
    assert len(site.asked("/9")) == 0


def bounce(to: str, cookie: str = "seen=1; Path=/") -> Callable[[dict[str, str]], Answer]:
    """A page that shows itself only to who brings the cookie that it sets."""

    def answer(headers: dict[str, str]) -> Answer:
        if "seen=1" in headers.get("cookie", ""):
            return 200, {}, b"shown"
        return 302, {"Location": to, "Set-Cookie": cookie}, b""

    return answer


def test_a_cookie_set_by_a_redirect_opens_the_page_and_is_forgotten_then(site: Site, client: web.Client) -> None:
    site.paths["/itself"] = bounce("/itself")
    site.paths["/back"] = bounce("/login")
    site.serve("/login", status=302, Location="/back")
    for path in ("/itself", "/back"):
        assert client.get(site.url + path).body == b"shown"
        assert client.get(site.url + path).body == b"shown"
        assert ["cookie" in headers for headers in site.asked(path)] == [False, True, False, True]


def test_a_cookie_that_changes_nothing_ends_the_circle(site: Site, client: web.Client) -> None:
    site.paths["/x"] = bounce("/x", "other=1")
    assert reason(client, site.url + "/x") == "too-many-redirects"
    assert len(site.asked("/x")) == 2
    numbers = iter(range(100))
    site.paths["/new"] = lambda _: (302, {"Location": "/new", "Set-Cookie": f"n={next(numbers)}"}, b"")
    assert reason(client, site.url + "/new") == "too-many-redirects"
    assert len(site.asked("/new")) <= FAST.max_redirects + 1


def test_a_cookie_stays_with_its_host(site: Site) -> None:
    there = site.url.replace("127.0.0.1", "localhost")
    site.paths["/a"] = lambda _: (302, {"Location": f"{there}/b", "Set-Cookie": "seen=1; Path=/"}, b"")
    site.serve("/b", b"end")
    with web.Client(replace(FAST, allow_hosts="127.0.0.1,localhost")) as client:
        assert client.get(site.url + "/a").body == b"end"
    assert "cookie" not in site.asked("/b")[0]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("http://169.254.169.254/latest/meta-data/", "private-address"),
        ("http://[::ffff:10.0.0.1]/", "private-address"),
        ("http://0x7f000001/", "private-address"),
        ("http://localhost/", "private-address"),
        ("file:///etc/passwd", "bad-scheme"),
        ("gopher://outlet.example/", "bad-scheme"),
        ("http://user@outlet.example/", "bad-url"),
        ("http://outlet.example:22/", "bad-port"),
        ("http://[oops/", "bad-url"),
        ("http://127.0.0.1:99999/", "bad-port"),
        ("http://127.0.0.1:-1/", "bad-port"),
        ("http://127.0.0.1:0/", "bad-port"),
        ("http://outlet.example:99999/", "bad-port"),
        ("http://outlet.example:1e3/", "bad-url"),
        ("http://xn--a/", "bad-url"),
        ("/" + "a" * 70_000, "bad-url"),
        ("http://" + "a." * 200 + "example/", "bad-url"),
    ],
)
def test_every_hop_is_checked(site: Site, client: web.Client, target: str, expected: str) -> None:
    assert reason(client, site.serve("/hop", status=302, Location=target)) == expected
    assert reason(client, target) == expected


# --- addresses --------------------------------------------------------------------------------------------


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def lookup(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("pipeline.web.connections.socket.getaddrinfo", lookup)
    return asked


def test_name_that_resolves_to_a_private_address_is_refused(
    site: Site, client: web.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "127.0.0.1", "10.0.0.8")
    assert reason(client, "http://outlet.example/feed") == "private-address"
    assert site.seen == []


def test_connection_goes_to_the_checked_address_under_the_original_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answers(monkeypatch, "127.0.0.1")
    monkeypatch.setattr("pipeline.web.connections.urls.is_public_address", lambda address: address == "127.0.0.1")
    monkeypatch.setattr("pipeline.web.fetching.urls.safe_to_fetch", lambda url: None)
    port = site.url.rsplit(":", 1)[1]
    site.serve("/feed", b"here")
    with web.Client(replace(FAST, allow_hosts="")) as client:
        assert client.get(f"http://outlet.example:{port}/feed").body == b"here"
    assert site.asked("/feed")[0]["host"] == f"outlet.example:{port}"
    # One lookup per connection: the address that was checked is the one that was used.
    assert asked == ["outlet.example"]


def test_an_address_that_refuses_is_followed_by_the_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "127.0.0.3", "10.0.0.8", "127.0.0.1")
    monkeypatch.setattr("pipeline.web.connections.urls.is_public_address", lambda address: address.startswith("127."))
    monkeypatch.setattr("pipeline.web.fetching.urls.safe_to_fetch", lambda url: None)
    port = site.url.rsplit(":", 1)[1]
    site.serve("/feed", b"here")
    with web.Client(replace(FAST, allow_hosts="")) as client:
        assert client.get(f"http://outlet.example:{port}/feed").body == b"here"


def test_unknown_name_is_told_apart(client: web.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    assert reason(client, "http://nowhere.example/") == "dns"


def test_allowed_network_matches_literals_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    port = site.url.rsplit(":", 1)[1]
    site.serve("/x", b"ok")
    with web.Client(replace(FAST, allow_hosts="127.0.0.0/8")) as client:
        assert client.get(f"http://127.0.0.1:{port}/x").body == b"ok"
        answers(monkeypatch, "127.0.0.1")
        assert reason(client, "http://outlet.example/x") == "private-address"


# --- failures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 500, 503])
def test_status_is_the_reason(site: Site, client: web.Client, status: int) -> None:
    assert reason(client, site.serve("/s", b"sorry" * 40_000, status=status)) == f"http-{status}"


def test_retry_after_is_kept(site: Site, client: web.Client) -> None:
    with pytest.raises(ItemError) as caught:
        client.get(site.serve("/busy", status=429, Retry_After="120"))
    assert (caught.value.reason, caught.value.retry_after) == ("http-429", 120.0)
    later = datetime.now(UTC) + timedelta(seconds=90)
    with pytest.raises(ItemError) as caught:
        client.get(site.serve("/date", status=503, Retry_After=later.strftime("%a, %d %b %Y %H:%M:%S GMT")))
    assert caught.value.retry_after == pytest.approx(89, abs=3)


def test_slow_answers_time_out(site: Site, client: web.Client) -> None:
    def slow(_: dict[str, str]) -> Answer:
        time.sleep(0.9)
        return 200, {}, b""

    site.paths["/slow"] = slow
    assert reason(client, site.url + "/slow") == "timeout-read"


def test_trickling_answers_time_out(client: web.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            for _ in range(2):  # robots.txt, then the page
                peer, _ = listener.accept()
                with peer:
                    first = peer.recv(4_096)
                    if b"robots.txt" in first:
                        peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        continue
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                    try:
                        for _ in range(60):
                            peer.sendall(b".")
                            time.sleep(0.1)
                    except OSError:
                        return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        began = time.monotonic()
        assert reason(client, f"http://127.0.0.1:{listener.getsockname()[1]}/drip") == "timeout-total"
        assert time.monotonic() - began < FAST.total_timeout + 1
        thread.join()


def test_refused_and_broken_connections(site: Site, client: web.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert reason(client, f"http://127.0.0.1:{port}/") == "connect"
    site.paths["/gone"] = lambda _: (0, {}, b"")
    assert reason(client, site.url + "/gone") == "disconnected"
    assert reason(client, site.url.replace("http:", "https:")) == "tls"


def test_closed_kept_connection_is_replaced(site: Site, client: web.Client) -> None:
    site.paths["/gone"] = lambda _: (0, {}, b"")
    url = site.serve("/fine", b"fine", Connection="keep-alive")
    client.get(url)
    reason(client, site.url + "/gone")
    assert client.get(url).body == b"fine"


# --- manners ----------------------------------------------------------------------------------------------


def test_robots_txt_is_asked_once_and_obeyed(site: Site, client: web.Client) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /private/\nUser-agent: otherbot\nDisallow: /\n")
    site.serve("/open", b"ok")
    site.serve("/private/x", b"secret")
    assert client.get(site.url + "/open").body == b"ok"
    assert reason(client, site.url + "/private/x") == "robots"
    assert len(site.asked("/robots.txt")) == 1 and site.asked("/private/x") == []


@pytest.mark.parametrize(("status", "expected"), [(404, "fetched"), (403, "fetched"), (503, "robots"), (429, "robots")])
def test_unavailable_robots_txt(site: Site, client: web.Client, status: int, expected: str) -> None:
    site.serve("/robots.txt", status=status)
    url = site.serve("/page", b"page")
    if expected == "fetched":
        assert client.get(url).body == b"page"
    else:
        with pytest.raises(ItemError) as caught:
            client.get(url)
        assert caught.value.reason == "robots" and 3_000 < (caught.value.retry_after or 0) <= 3_600


def test_robots_txt_is_asked_again_after_a_day(site: Site) -> None:
    times = [datetime(2024, 6, 18, tzinfo=UTC)]
    url = site.serve("/page", b"page")
    with web.Client(FAST, now=lambda: times[0]) as client:
        client.get(url)
        times[0] += timedelta(hours=23)
        client.get(url)
        assert len(site.asked("/robots.txt")) == 1
        times[0] += timedelta(hours=2)
        client.get(url)
    assert len(site.asked("/robots.txt")) == 2


class Shelf(robots.RobotsStore):
    """A robots.txt store as a database would be one: read and written off the event loop."""

    blocking = True

    def __init__(self) -> None:
        self.kept: dict[str, robots.RobotsFile] = {}

    def load(self, origin: str) -> robots.RobotsFile | None:
        return self.kept.get(origin)

    def save(self, origin: str, answer: robots.RobotsFile) -> None:
        self.kept[origin] = answer


def test_robots_txt_is_shared_through_its_store(site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    url, shelf = site.serve("/page", b"page"), Shelf()
    for _ in range(2):
        with web.Client(FAST, robots_store=shelf) as client:
            assert client.get(url).body == b"page"
            assert reason(client, site.url + "/private/") == "robots"
    assert len(site.asked("/robots.txt")) == 1
    kept = shelf.kept[site.url]
    shelf.kept[site.url] = replace(kept, expires=kept.fetched)
    with web.Client(FAST, robots_store=shelf) as client:
        client.get(url)
    assert len(site.asked("/robots.txt")) == 2


class SlowPacing(web.MemoryPacing):
    blocking = True


def test_pace_may_be_kept_elsewhere(site: Site) -> None:
    url = site.serve("/page", b"page")
    with web.Client(FAST, SlowPacing()) as client:
        assert client.get(url).body == b"page"


class Recorder(web.MemoryPacing):
    def __init__(self) -> None:
        super().__init__()
        self.intervals: list[float] = []

    def reserve(self, host: str, interval: float, now: float) -> float:
        self.intervals.append(interval)
        return super().reserve(host, interval, now)


def test_requests_to_one_host_keep_their_distance(site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 0.25\n")
    addresses = [site.serve(f"/{page}", b"x") for page in range(4)]
    pacing = Recorder()
    began = time.monotonic()
    with web.Client(replace(FAST, host_interval=0.1), pacing) as client:
        client.gather([web.Request(url) for url in addresses], lambda *_: None)
    assert pacing.intervals == [0.1, 0.25, 0.25, 0.25, 0.25]
    assert time.monotonic() - began >= 0.1 + 3 * 0.25
    assert len(site.seen) == 5


def test_slots_of_a_host_follow_one_another() -> None:
    pacing = web.MemoryPacing()
    assert [pacing.reserve("a", 2.0, 100.0), pacing.reserve("a", 2.0, 100.5), pacing.reserve("b", 2.0, 100.5)] == [
        0.0,
        1.5,
        0.0,
    ]
    assert pacing.reserve("a", 2.0, 110.0) == 0.0


def test_gather_answers_each_request_once_and_keeps_failures_apart(site: Site, client: web.Client) -> None:
    requests = [web.Request(site.serve(f"/{n}", str(n).encode()), key=n) for n in range(150)]
    requests += [web.Request(site.url + "/missing", key="missing"), web.Request("ftp://x.example/", key="scheme")]
    found: dict[object, object] = {}
    threads = set()

    def keep(request: web.Request, result: Response | ItemError) -> None:
        assert request.key not in found
        threads.add(threading.get_ident())
        found[request.key] = result.reason if isinstance(result, ItemError) else result.body

    client.gather(requests, keep)
    assert len(found) == 152 and found[149] == b"149"
    assert (found["missing"], found["scheme"]) == ("http-404", "bad-scheme")
    assert threads == {threading.get_ident()}


def test_gather_answers_a_request_whose_host_cannot_be_read(
    site: Site, client: web.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = urls.host

    def host(url: str) -> str:
        if "bad" in url:
            raise TypeError("no host")
        return whole(url)

    monkeypatch.setattr(urls, "host", host)
    found = {}
    requests = [web.Request("https://bad.example/", key="bad"), web.Request(site.serve("/good", b"good"), key="good")]
    client.gather(requests, lambda request, result: found.update({request.key: result}))
    bad, good = found["bad"], found["good"]
    assert isinstance(bad, ItemError) and bad.reason == "internal"
    assert isinstance(good, Response) and good.body == b"good"


def test_one_request_a_host_and_waiting_for_it_is_not_its_time(site: Site) -> None:
    under_way, most = 0, 0
    lock = threading.Lock()

    def slow(_: dict[str, str]) -> Answer:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.2)
        with lock:
            under_way -= 1
        return 200, {}, b"slow"

    site.paths["/slow"] = slow
    found: list[object] = []
    with web.Client(replace(FAST, read_timeout=2.0, total_timeout=1.2, concurrency=4)) as client:
        threads = [threading.Thread(target=lambda: found.append(client.get(site.url + "/slow").body)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [b"slow"] * 8 and most == 1


def test_gather_stops_at_an_error_of_the_caller(site: Site, client: web.Client) -> None:
    def refuse(request: web.Request, result: object) -> None:
        raise RuntimeError("the database is gone")

    requests = [web.Request(site.serve(f"/{n}", b"")) for n in range(50)]
    with pytest.raises(RuntimeError, match="database"):
        client.gather(requests, refuse)
    assert client.get(requests[0].url).status == 200


def test_as_of_needs_an_archive(client: web.Client) -> None:
    with pytest.raises(ConfigurationError, match="WIREWATCH_ARCHIVE_URL"):
        client.get("http://outlet.example/", as_of=datetime(2024, 6, 18, tzinfo=UTC))
