"""Which of an entry's dates counts, and what to do where none can be right (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from pipeline.models import Precision
from pipeline.text import dates
from pipeline.text.address_days import day_in_address

FUTURE_BOUND = timedelta(hours=26)
"""How far ahead of the clock a date may stand: a local time mislabelled as UTC is at most 14 hours ahead, a date
without a time that names tomorrow in the easternmost zone 24 at noon; two hours are for clocks."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing on the Web was published before; older dates are the zero of some clock (1970, 1904, 1900, 1601, 1)."""
_AHEAD = timedelta(minutes=30)  # a feed's clock may run ahead; more is worth a note on the row


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """The decision on an entry: `published` (None: the first sighting stands in), its `rule`, `problems` by code.

    `precision` says whether `published` is a day or an instant.
    """

    published: datetime | None
    updated: datetime | None
    rule: str
    problems: tuple[str, ...]
    precision: Precision | None = None


def decide(
    published: str | None,
    updated: str | None,
    url: str | None,
    now: datetime,
    language: str | None = None,
) -> PublishedDate:
    """Which date an entry was published on, from its strings, and why.

    The published date if it can be right, else the updated date (``updated``), else the day in the address
    (``url``). Where none can be right, None with the fault of the published string: ``future`` (beyond
    `FUTURE_BOUND`), ``epoch`` (before `EARLIEST`), ``unparsable`` or ``missing``.
    """
    problems: list[str] = []
    first, fault = _checked(published, now, language, problems)
    second, second_fault = _checked(updated, now, language, problems)
    read: dates.WrittenDate | None = None
    if first is not None:
        rule, chosen, read = "published", first.moment, first
    elif second is not None:
        rule, chosen, read = "updated", second.moment, second
    else:
        last = (now + FUTURE_BOUND).date()
        in_url = day_in_address(url or "", EARLIEST.date(), last, doubtful=True)
        if in_url is not None:
            rule, chosen = "url", datetime.combine(in_url, time(), UTC)
            problems.append("date-only")
        else:
            return PublishedDate(None, None, fault or second_fault or "missing", tuple(dict.fromkeys(problems)))
    if chosen > now + _AHEAD:
        problems.append("ahead-of-clock")
    precision = "day" if read is None else _precision(read)
    return PublishedDate(chosen, second.moment if second else None, rule, tuple(dict.fromkeys(problems)), precision)


def _precision(read: dates.WrittenDate) -> Precision:
    """Whether a date has a time; midnight of its own zone, which is UTC's too, is how many systems write a day."""
    timed = read.precision == "instant" and read.local.time() != time()
    return "instant" if timed or read.moment.time() != time() else "day"


def _checked(
    raw: str | None, now: datetime, language: str | None, problems: list[str]
) -> tuple[dates.WrittenDate | None, str | None]:
    if not raw or not raw.strip():
        return None, None
    read = dates.read(raw, language, now.date())
    fault = _fault(read, now)
    if fault is not None or read is None:
        problems.append(f"{fault}-date" if fault != "unparsable" else "bad-date")
        return None, fault
    if read.precision == "day":
        problems.append("date-only")
    if not read.zoned:
        problems.append("no-zone")
    if read.ambiguous:
        problems.append("ambiguous-date")
    return read, None


def _fault(read: dates.WrittenDate | None, now: datetime) -> str | None:
    if read is None:
        return "unparsable"
    if read.moment > now + FUTURE_BOUND:
        return "future"
    return "epoch" if read.moment < EARLIEST else None
