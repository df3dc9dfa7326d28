"""What a robots.txt permits, how fast, and for how long that is believed (pure; the parser is protego).

RFC 9309: an answer of 4xx means no rules, an answer of 5xx means that nothing may be fetched, and a file may be
kept for 24 hours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from protego import Protego

from pipeline.text.characters import storable

#: RFC 9309, section 2.4: a cached copy should not be used for more than 24 hours.
LIFETIME = timedelta(hours=24)
#: How long a host that answered 5xx or 429 is left alone before its robots.txt is asked for again.
UNAVAILABLE_LIFETIME = timedelta(hours=1)
#: RFC 9309, section 2.5: at least 500 KiB must be parsed; what stands beyond is not read.
MAX_BYTES = 512_000
#: A longer delay is a mistake or a refusal; it is honoured up to here so that one file cannot hold a worker.
MAX_CRAWL_DELAY = 120.0


_AGENT_LINE = re.compile(
    r"^[^\S\n]*(?P<field>user[- ]?agent)\b[^\S\n]*:?(?P<name>[^\n]*)", re.IGNORECASE | re.MULTILINE
)
_COMPATIBLE = re.compile(r"mozilla/[^(]*\(compatible;\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """One origin's answer for /robots.txt.

    `status` is the HTTP status after redirects, `text` the rules (empty where the status gives none), `fetched` when
    it was asked for and `expires` when it has to be asked for again, aware UTC times.
    """

    status: int
    text: str
    fetched: datetime
    expires: datetime


class RobotsStore(Protocol):
    """Keeps robots.txt answers between processes; `blocking` as in `pacing.Pacing`."""

    blocking: bool

    def load(self, origin: str) -> RobotsFile | None:
        """The kept answer of an origin such as ``https://outlet.example``, expired or not."""
        ...

    def save(self, origin: str, answer: RobotsFile) -> None:
        """Keep an answer, replacing the one before."""
        ...

    def load_all(self, origins: Sequence[str]) -> Sequence[RobotsFile | None]:
        """`load` for each, in the same order; a store that blocks does better to ask once."""
        return [self.load(origin) for origin in origins]

    def save_all(self, answers: Mapping[str, RobotsFile]) -> None:
        """`save` for each origin."""
        for origin, answer in answers.items():
            self.save(origin, answer)


_CLOCKS_DIFFER = timedelta(hours=1)


def answer(status: int, body: bytes, now: datetime) -> RobotsFile:
    """Judge one response to /robots.txt; only `status` 200-299 carries rules."""
    # Kept in Postgres, which takes no NUL; RFC 9309 has no place for control characters either.
    text = storable(body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff")) if 200 <= status < 300 else ""
    return RobotsFile(status, text, now, now + (UNAVAILABLE_LIFETIME if _unavailable(status) else LIFETIME))


def holds(file: RobotsFile, now: datetime) -> bool:
    """Whether an answer need not be asked for again; one of the future was written by a clock that stood ahead."""
    return now < file.expires and file.fetched <= now + _CLOCKS_DIFFER


def allowed(file: RobotsFile, url: str, agent: str) -> bool:
    """Whether `agent` (the product token, without its version) may fetch `url`."""
    if _unavailable(file.status):
        return False
    return not file.text or bool(_rules(file.text, agent).can_fetch(url, agent))


def crawl_delay(file: RobotsFile, agent: str) -> float:
    """Seconds the file asks for between two requests, by Crawl-delay or Request-rate; 0 where it says nothing."""
    if not file.text:
        return 0.0
    rules = _rules(file.text, agent)
    delay = rules.crawl_delay(agent) or 0.0
    rate = rules.request_rate(agent)
    if rate is not None and rate.requests:
        delay = max(delay, rate.seconds / rate.requests)
    return min(max(float(delay), 0.0), MAX_CRAWL_DELAY)


def product_token(user_agent: str) -> str:
    """The name that robots.txt groups are matched against: the first word, up to its version."""
    return user_agent.strip().split("/", 1)[0].split(" ", 1)[0]


def _unavailable(status: int) -> bool:
    # 429 says "later", not "no rules": RFC 9309 leaves it to the crawler, and asking on would be rude.
    return status >= 500 or status == 429


@lru_cache(maxsize=512)
def _rules(text: str, agent: str) -> Protego:
    lines = "\n".join(text.splitlines())  # some end their lines as no other file does
    return Protego.parse(_AGENT_LINE.sub(lambda found: _as_ours_or_nobodys(found, agent), lines))


def _as_ours_or_nobodys(line: re.Match[str], agent: str) -> str:
    """A line that names robots, with our bare name where we are one of them, else with everybody's or nobody's.

    protego takes a name for ours where ours begins with it, and not where it bears a version. It also gives every rule
    of a group to each robot that the group names: thousands of both are hours and gigabytes.
    """
    written = line["name"].split("#")[0].strip().strip("\"'")
    names = [name.strip() for name in written.split(",")]
    if any(_is_ours(name, agent) for name in names):
        return f"{line['field']}: {agent}"
    return f"{line['field']}: {'*' if '*' in names else '-'}"


def _is_ours(name: str, agent: str) -> bool:
    """Whether a name in robots.txt is our product token (RFC 9309, section 2.2.1), with or without a version behind it,
    or a whole User-Agent line in which it is the robot."""
    within = _COMPATIBLE.match(name)
    name = (within[1] if within else name).lower()
    rest = name.removeprefix(agent.lower())
    return len(rest) < len(name) and rest[:1] in ("", "/", "*", " ", "\t", ";", "(", ")")
