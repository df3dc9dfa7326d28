"""Six outlets on loopback that live as feeds do, in a time that the caller sets: rhythms, edits, errors, moves, ends.

Texts are made up from a vocabulary of invented words among English ones, so that caches by word and by address meet
what a month brings them. Everything follows from the seed and the moment asked for; nothing is kept between requests.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

START = datetime(2024, 6, 1, tzinfo=UTC)
DAY = 86_400.0
_COMMON = re.findall(
    r"\w+",
    """
the of and to in that was for it with as his on be at by had not are but from or have an they which one you were her all
she there would their we him been has when who will more no if out so said what up its about into than them can only
other new some could time these two may then do first any my now such like our over man me even most made after also did
many before must through back years where much your way well down should because each""",
)
_SYLLABLES = re.findall("..", "babebodadefagahoholakalalomamenanopareresasetateva")
_LEADS = ("Putin told Kim Jong Un in Pyongyang that", "Russia and North Korea said", "Moscow and Pyongyang write that")


@dataclass(frozen=True, slots=True)
class Habit:
    """How an outlet publishes; times of day are hours, `edited`, `withdrawn` and `away` are shares of its entries."""

    name: str
    a_day: float
    form: str = "rss"
    hours: tuple[int, int] = (0, 24)
    holds: int = 25
    validators: bool = True
    edited: float = 0.1
    withdrawn: float = 0.0
    away: float = 0.0
    slow: float = 0.0
    failing: tuple[tuple[float, float, int], ...] = ()
    moves_after: float = 1_000.0


HABITS = (
    Habit("wire", 9, holds=30, edited=0.25),
    Habit("morning", 4, form="atom", hours=(5, 9), validators=False),
    Habit("column", 1, form="json", slow=0.2),
    Habit("flaky", 3, failing=((2.2, 2.6, 500), (9.0, 10.5, 503), (17.1, 17.3, 404), (22.0, 22.4, 429))),
    Habit("mover", 3, form="atom", moves_after=10.0),
    Habit("fickle", 5, withdrawn=0.1, away=0.15, holds=20),
)


@dataclass(slots=True)
class Outlet:
    """One outlet over the whole time: when it published what, by the seed."""

    habit: Habit
    days: int
    times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(f"month-{self.habit.name}")
        first, last = self.habit.hours
        for day in range(-1, self.days):
            for _ in range(round(chance.gauss(self.habit.a_day, self.habit.a_day / 4))):
                self.times.append(day * DAY + chance.uniform(first, last) * 3_600)
        self.times.sort()

    def entries(self, now: float) -> list[int]:
        """The numbers of those that its feed shows, newest first."""
        last = bisect.bisect_right(self.times, now)
        shown = range(last - 1, max(last - self.habit.holds, 0) - 1, -1)
        return [number for number in shown if not self._is_gone(number, now)]

    def _is_gone(self, number: int, now: float) -> bool:
        chance = random.Random(f"{self.habit.name}-{number}-gone")
        age = now - self.times[number]
        if chance.random() < self.habit.withdrawn:
            return age > 6 * 3_600
        return chance.random() < self.habit.away and 3 * 3_600 < age < 9 * 3_600

    def revision(self, number: int, now: float) -> int:
        """How often an entry was edited by then: once, an hour or more after it came out, or never."""
        chance = random.Random(f"{self.habit.name}-{number}-edit")
        return int(chance.random() < self.habit.edited and now - self.times[number] > 3_600 * (1 + 3 * chance.random()))

    def status(self, now: float) -> int:
        """200, or the error that its server has at the moment."""
        days = now / DAY
        return next((status for start, end, status in self.habit.failing if start <= days < end), 200)


def words(count: int, chance: random.Random, kin: Sequence[str] = ()) -> list[str]:
    """Words of prose: English ones, those of a development (`kin`), and invented ones, few of them often."""
    said = []
    for _ in range(count):
        draw = chance.random()
        if draw < 0.55:
            said.append(chance.choice(_COMMON))
        elif draw < 0.85 and kin:
            said.append(chance.choice(kin))
        else:
            said.append(_invented(int(40_000 ** chance.random())))
    return said


def _invented(number: int) -> str:
    chance = random.Random(number)
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 5)))


def told(outlet: Outlet, number: int, revision: int) -> tuple[str, list[str]]:
    """Headline and paragraphs of an entry; entries of all outlets within half a day tell of a few developments."""
    chance = random.Random(f"{outlet.habit.name}-{number}")
    development = f"{int(outlet.times[number] // (DAY / 2))}-{chance.randrange(4)}"
    kin = [_invented(random.Random(f"{development}-{n}").randrange(10**9)) for n in range(30)]
    head = f"{' '.join(chance.sample(kin, 5))}, Putin tells Kim"
    paragraphs = []
    for _ in range(5):
        lead = chance.choice(
            ("Putin told Kim Jong Un in Pyongyang that", "Russia and North Korea said", "The treaty says")
        )
        paragraphs.append(f"{lead} {' '.join(words(45, chance, kin))}.")
    if revision:
        paragraphs[1] += " An earlier version of this report gave a wrong number."
        head += ", corrected"
    return head, paragraphs


@dataclass(slots=True)
class Clock:
    """The simulated time, in seconds since `START`."""

    now: float = 0.0


def _moment(seconds: float) -> datetime:
    return START + timedelta(seconds=int(seconds))


def _feed(outlet: Outlet, base: str, now: float) -> tuple[str, str]:
    """Content type and document of an outlet's feed."""
    entries = [(n, outlet.revision(n, now), outlet.times[n]) for n in outlet.entries(now)]
    name = outlet.habit.name
    if outlet.habit.form == "json":
        items = []
        for number, revision, at in entries:
            head, paragraphs = told(outlet, number, revision)
            link = f"{base}/{name}/{number}"
            date = _moment(at).isoformat()
            items.append(
                {"id": link, "url": link, "title": head, "content_text": paragraphs[0], "date_published": date}
            )
        return "application/feed+json", json.dumps(
            {"version": "https://jsonfeed.org/version/1.1", "title": name, "home_page_url": base, "items": items}
        )
    rss, lines = outlet.habit.form == "rss", []
    for number, revision, at in entries:
        head, paragraphs = told(outlet, number, revision)
        link, title, text = f"{base}/{name}/{number}", escape(head), escape(paragraphs[0])
        if rss:
            date = format_datetime(_moment(at))
            lines.append(f"<item><guid>{link}</guid><link>{link}</link><title>{title}</title>")
            lines.append(f"<description>{text}</description><pubDate>{date}</pubDate></item>")
        else:
            stamp = _moment(at).isoformat()
            lines.append(f'<entry><id>{link}</id><link href="{link}"/><title>{title}</title>')
            lines.append(f"<summary>{text}</summary><published>{stamp}</published><updated>{stamp}</updated></entry>")
    body = "".join(lines)
    if rss:
        head = f"<title>{name}</title><link>{base}/{name}</link><description>.</description>"
        return "application/rss+xml", f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{body}</channel></rss>'
    head = f"<title>{name}</title><id>{base}/{name}</id><updated>{_moment(now).isoformat()}</updated>"
    return "application/atom+xml", f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{body}</feed>'


def _page(outlet: Outlet, number: int, now: float) -> str:
    head, paragraphs = told(outlet, number, outlet.revision(number, now))
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    date = _moment(outlet.times[number]).isoformat()
    meta = f'<meta property="article:published_time" content="{date}"><meta name="author" content="Ada Lind">'
    title = escape(head)
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{meta}</head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{text}</article></body></html>"
    )


@contextmanager
def outlets(days: int, clock: Clock) -> Iterator[list[str]]:
    """The addresses of the six feeds, as they are at the time of the clock whenever they are asked."""
    by_name = {habit.name: Outlet(habit, days) for habit in HABITS}

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert isinstance(self.server, ThreadingHTTPServer)
            base = f"http://127.0.0.1:{self.server.server_port}"
            _, name, *rest = [*self.path.split("/"), "", ""]
            outlet = by_name.get(name.removesuffix("-new"))
            if outlet is None:
                return self._answer(404, "text/plain", "")
            moved = clock.now / DAY >= outlet.habit.moves_after
            status = outlet.status(clock.now)
            if status != 200:
                return self._answer(status, "text/plain", "out of order")
            if rest[0] == "feed":
                if moved and not name.endswith("-new"):
                    return self._answer(301, "text/plain", "", Location=f"{base}/{name}-new/feed")
                time.sleep(outlet.habit.slow)
                return self._answer(200, *_feed(outlet, base, clock.now))
            number = int(rest[0]) if rest[0].isdigit() else -1
            if not 0 <= number < len(outlet.times) or outlet.times[number] > clock.now:
                return self._answer(404, "text/plain", "")
            return self._answer(200, "text/html", _page(outlet, number, clock.now))

        def _answer(self, status: int, kind: str, text: str, **headers: str) -> None:
            body = text.encode()
            name = self.path.split("/")[1].removesuffix("-new")
            etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
            if status == 200 and by_name[name].habit.validators:
                if self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                headers["ETag"] = etag
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, value)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_values: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield [f"http://127.0.0.1:{server.server_address[1]}/{name}/feed" for name in by_name]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
