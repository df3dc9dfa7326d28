"""An outlet on loopback: a home page that names its feed, the feed, an article, and a page that is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

HOME = """<!doctype html><html lang="en"><head><title>The Harbour Post</title>
<link rel="alternate" type="application/rss+xml" title="The Harbour Post" href="/feed.xml"></head>
<body><h1>The Harbour Post</h1><p>News of the harbour.</p></body></html>"""
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>The Harbour Post</title><link>https://harbour.example/</link><language>en</language>
<item><title>Ferry returns to service</title><link>https://harbour.example/ferry</link><guid>ferry</guid>
<pubDate>Wed, 19 Jun 2024 12:00:00 GMT</pubDate><description>The ferry sails again.</description></item>
<item><title>항구가 다시 열렸다</title><link>https://harbour.example/port</link><guid>port</guid>
<pubDate>Wed, 19 Jun 2024 10:00:00 GMT</pubDate><description>The port is open.</description></item>
</channel></rss>"""
ARTICLE = """<!doctype html><html lang="en"><head><title>Ferry returns to service</title>
<link rel="canonical" href="https://harbour.example/ferry">
<meta property="article:published_time" content="2024-06-19T12:00:00Z"><meta name="author" content="Mara Lind"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Ferry returns to service</h1>
<p>The ferry between the old harbour and the island sailed again on Wednesday after four weeks in the dock, carrying
two hundred passengers on its first morning crossing and a cargo of mail that had waited on the quay.</p>
<p>The harbour office said that both engines had been replaced and that the vessel had passed every inspection. Tickets
cost what they cost before, and the timetable of the summer applies from Saturday onwards.</p>
<p>Islanders had been taken across by fishing boats in the meantime. Their union thanked the crews and asked that a
second vessel be kept ready for the winter, a request that the council will take up in September.</p>
</article></body></html>"""
PAGES = {"/": ("text/html", HOME), "/feed.xml": ("application/rss+xml", FEED), "/ferry": ("text/html", ARTICLE)}


class _Outlet(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, text = PAGES.get(self.path, ("text/plain", ""))
        body = text.encode()
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def outlet() -> Iterator[str]:
    """The address of the outlet while the block runs."""
    server = HTTPServer(("127.0.0.1", 0), _Outlet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
