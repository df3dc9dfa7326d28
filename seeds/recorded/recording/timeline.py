"""Which page stood where in which wording at a moment, and when the recording looked at it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from urllib.parse import quote

from recording import copies
from recording.slots import Outlet, RecordedError, Slot

START = datetime.fromisoformat("2024-06-17T21:00:00Z")
END = datetime.fromisoformat("2024-06-20T23:59:00Z")
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o"}


@dataclass(frozen=True, slots=True)
class Version:
    """A page's wording from `seen`, the moment at which the recording first has it."""

    seen: datetime
    modified: datetime
    slot: Slot
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One address and what stood there, oldest wording first; `published` is when it first came out."""

    outlet: Outlet
    number: int
    path: str
    published: datetime
    credit: str
    origin_outlet: str | None
    versions: tuple[Version, ...]

    @property
    def url(self) -> str:
        return self.outlet.home + self.path

    @property
    def slot(self) -> Slot:
        return self.versions[0].slot

    def as_of(self, now: datetime) -> Version | None:
        """The wording at `now`; None before the page came out."""
        return next((version for version in reversed(self.versions) if version.seen <= now), None)


def chance(*parts: object) -> int:
    """A number that follows from its parts alone, so that every build draws the same."""
    return int.from_bytes(sha256("\x1f".join(map(str, parts)).encode()).digest()[:6])


def pages(slots: Sequence[Slot], outlets: dict[str, Outlet]) -> list[Page]:
    """Every address of the recorded web, in order of publication."""
    by_id = {slot.id: slot for slot in slots}
    corrections = {slot.corrects: slot for slot in slots if slot.corrects}
    counts: defaultdict[str, int] = defaultdict(int)
    made = []
    for slot in slots:
        if slot.corrects:
            continue
        outlet = outlets[slot.outlet]
        number = outlet.number + counts[outlet.id] * 7 + chance(slot.id) % 5
        counts[outlet.id] += 1
        origin = by_id[slot.origin] if slot.origin else None
        versions = _live_versions(slot) if slot.kind == "liveblog" else _versions(slot, origin, outlet, corrections)
        published = versions[0].modified
        made.append(
            Page(
                outlet, number, _path(outlet, slot, number, published), published, copies.credit(slot, origin),
                origin.outlet if origin else None, tuple(versions),
            )
        )
    if len({page.url for page in made}) != len(made):
        raise RecordedError("sites.toml: two pages of one address; give page_path an {n}")
    return made


def page_captures(page: Page) -> list[datetime]:
    """When the page was recorded: with each wording, and again some hours after the last."""
    times = [version.seen for version in page.versions]
    again = times[-1] + timedelta(minutes=300 + chance(page.url, "again") % 200)
    return [*times, min(again, END - timedelta(minutes=chance(page.url, "end") % 9))]


def feed_captures(outlet: Outlet) -> list[datetime]:
    """When the outlet's feed was recorded: `captures` times per day in its own phase, and once at the end."""
    step = timedelta(days=1) / outlet.captures
    moment = START + timedelta(minutes=chance(outlet.id) % 50)
    times = []
    while moment < END - timedelta(minutes=40):
        times.append((moment + timedelta(seconds=chance(outlet.id, moment) % 420)).replace(microsecond=0))
        moment += step
    return [*times, END - timedelta(minutes=1 + chance(outlet.id, "last") % 20, seconds=chance(outlet.id) % 60)]


def fixed_captures(what: str, hours: Iterable[int]) -> list[datetime]:
    """When something that changes seldom was recorded: at these hours of each day, and a few minutes."""
    days = [START.replace(hour=0) + timedelta(days=i) for i in range(4)]
    times = (day + timedelta(hours=hour, minutes=5 + chance(what, day, hour) % 40) for day in days for hour in hours)
    return [time for time in times if START <= time <= END]


def local(outlet: Outlet, moment: datetime) -> datetime:
    return moment.astimezone(timezone(timedelta(hours=outlet.utc_offset)))


def slug(title: str, *, ascii_only: bool) -> str:
    """Words of a title joined by hyphens; in ASCII, or percent-encoded."""
    folded = "".join(_LATIN.get(c, c) for c in title.lower().replace("’", "").replace("'", ""))
    if ascii_only:
        folded = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = re.findall(r"\w+", folded)
    return quote("-".join(words[:9]))


def _path(outlet: Outlet, slot: Slot, number: int, published: datetime) -> str:
    day = local(outlet, published)
    return outlet.page_path.format(
        lang=slot.lang, y=day.year, m=f"{day.month:02}", d=f"{day.day:02}", n=number,
        slug=slug(slot.text.title, ascii_only=outlet.language in {"en", "fr", "de", "es"}),
    )


def _delay(slot_id: str) -> timedelta:
    return timedelta(seconds=40 + chance(slot_id, "delay") % 110)


def _versions(
    slot: Slot, origin: Slot | None, outlet: Outlet, corrections: dict[str | None, Slot]
) -> list[Version]:
    paragraphs = copies.body(slot, origin, outlet.style)
    versions = [Version(slot.published + _delay(slot.id), slot.published, slot, paragraphs)]
    corrected = corrections.get(slot.id)
    if corrected:
        seen = corrected.published + _delay(corrected.id)
        versions.append(Version(seen, corrected.published, corrected, copies.body(corrected, None, None)))
    return versions


def _live_versions(slot: Slot) -> list[Version]:
    """A live page grows: a version a post, of the posts until then, newest first as the text has them."""
    starts = [i for i, p in enumerate(slot.text.paragraphs) if p.startswith("@ ")]
    if not starts:
        raise RecordedError(f"texts/{slot.id}.md: a live blog needs posts that begin with '@ TIME TITLE'")
    intro = slot.text.paragraphs[: starts[0]]
    ends = [*starts[1:], len(slot.text.paragraphs)]
    posts = [slot.text.paragraphs[a:b] for a, b in zip(starts, ends, strict=True)]
    posts.sort(key=lambda post: post_time(post[0]))
    versions = []
    for count in range(1, len(posts) + 1):
        shown = [p for post in reversed(posts[:count]) for p in post]
        time = post_time(posts[count - 1][0])
        versions.append(Version(time + _delay(slot.id), time, slot, (*intro, *shown)))
    return versions


def post_time(line: str) -> datetime:
    """The time of a live post's first line, ``@ 2024-06-19T05:10Z Title``."""
    match = re.match(r"@ (\d{4}-\d\d-\d\dT\d\d:\d\d)Z\s", line + " ")
    if match is None:
        raise RecordedError(f"not the first line of a live post: {line[:60]!r}")
    return datetime.fromisoformat(match[1] + ":00+00:00")
