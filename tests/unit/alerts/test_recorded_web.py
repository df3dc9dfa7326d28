"""The alarms over the recorded web, hour by hour as live collection would have met it: none rings falsely."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pipeline import alerts, feeds
from pipeline.alerts import Collecting, Failing, Found, Quiet
from pipeline.archive.warc import CaptureIndex
from pipeline.errors import ItemError
from pipeline.feeds import opml
from pipeline.settings import Settings
from tests.support.recorded import RECORDED

HOUR = timedelta(hours=1)
DEFAULTS = Settings()


@dataclass(frozen=True)
class Answer:
    """What a feed answered at a time: None where all was well, and whether it had an entry that was new."""

    at: datetime
    failed: str | None
    new: bool


@cache
def recorded() -> dict[str, tuple[list[Answer], list[datetime]]]:
    """Feed -> its answers in order, and the hours of all its entries."""
    index = CaptureIndex.read([RECORDED])
    sources, _ = opml.read((RECORDED / "feeds.opml").read_bytes())
    found = {}
    for source in sources:
        known: set[str] = set()
        answers, hours = [], []
        for capture in sorted(index.of(source.url), key=lambda each: each.captured):
            if capture.status != 200:
                answers.append(Answer(capture.captured, f"http-{capture.status}", new=False))
                continue
            try:
                body, kind = CaptureIndex.body(capture), capture.header("content-type")
                entries = feeds.parse(body, source.url, kind, capture.captured).entries
            except ItemError as error:
                answers.append(Answer(capture.captured, error.reason, new=False))
                continue
            fresh = [entry for entry in entries if entry.key not in known]
            known |= {entry.key for entry in fresh}
            hours += [min(entry.published or capture.captured, capture.captured) for entry in fresh]
            answers.append(Answer(capture.captured, None, bool(fresh)))
        found[source.url] = (answers, sorted(hours))
    return found


def looks() -> list[datetime]:
    """Every quarter of an hour from the first answer of all feeds to the last."""
    times = [answer.at for answers, _ in recorded().values() for answer in answers]
    begin, end = max(answers[0].at for answers, _ in recorded().values()), max(times)
    return [begin + n * HOUR / 4 for n in range(int((end - begin) / (HOUR / 4)))]


def collecting(now: datetime) -> tuple[Collecting, Failing]:
    """How collection stood."""
    past = {url: [each for each in answers if each.at <= now] for url, (answers, _) in recorded().items()}
    well = [each.at for answers in past.values() for each in answers if each.failed is None]
    fresh = [each.at for answers in past.values() for each in answers if each.new]
    failing = Counter(reason for answers in past.values() if (reason := answers[-1].failed) is not None)
    state = Collecting(len(past), min(well), max(well), None, dict(failing), max(fresh, default=None))
    return state, Failing(len(past), dict(failing))


def quiet(now: datetime) -> list[Quiet]:
    """How long each feed had been silent, and its longest silence before."""
    found = []
    for number, (url, (answers, hours)) in enumerate(recorded().items()):
        since = max((each.at for each in answers if each.new and each.at <= now), default=answers[0].at)
        past = [hour for hour in hours if hour <= since]
        longest = max((after - before for before, after in itertools.pairwise(past)), default=timedelta())
        watched = since - past[0] if past else timedelta()
        found.append(Quiet(number, url, url, since, longest.total_seconds(), watched.total_seconds(), len(past)))
    return found


def test_nothing_rings_at_any_quarter_of_an_hour() -> None:
    assert len(looks()) > 200, "two days at least"
    rung: list[Found] = []
    for now in looks():
        state, failing = collecting(now)
        silence, dry = timedelta(minutes=DEFAULTS.alert_silence), timedelta(hours=DEFAULTS.alert_dry_hours)
        rung += alerts.standing_still(state, silence, now, dry)
        rung += alerts.failing(failing, DEFAULTS.alert_failing_share, stands=False)
        rung += alerts.silent(quiet(now), timedelta(days=DEFAULTS.alert_silent_days), now)
    assert rung == []


def test_what_the_defaults_are_held_against() -> None:
    """The figures of docs/operations.md; where the recorded web is made anew they are written down anew."""
    fresh = sorted(each.at for answers, _ in recorded().values() for each in answers if each.new)
    dry = max(after - before for before, after in itertools.pairwise(fresh))
    share = max(sum(collecting(now)[1].reasons.values()) / len(recorded()) for now in looks())
    print(f"longest time without a new entry {dry / HOUR:.2f} h, largest share that failed {share:.3f}")
    assert dry < timedelta(hours=DEFAULTS.alert_dry_hours) / 2
    assert share < DEFAULTS.alert_failing_share / 2


def test_the_same_web_rings_where_its_network_goes() -> None:
    """The other side: from any hour on that every feed fails or is silent, the alarms ring within their times."""
    now = looks()[100]
    state, _ = collecting(now)
    every = Failing(state.feeds, {"dns": state.feeds})
    assert alerts.failing(every, DEFAULTS.alert_failing_share, stands=False)
    later = now + timedelta(hours=DEFAULTS.alert_dry_hours)
    silence, dry = timedelta(minutes=DEFAULTS.alert_silence), timedelta(hours=DEFAULTS.alert_dry_hours)
    answered = Collecting(state.feeds, state.added, later, None, {}, state.fresh)
    assert alerts.standing_still(answered, silence, later, dry)
    known, least, week = quiet(now), timedelta(days=DEFAULTS.alert_silent_days), timedelta(days=8)
    soon = [each for each in known if not each.entries]
    assert soon, "some had nothing in the two months before"
    assert len(alerts.silent(known, least, now + week)) == len(soon)
    assert len(alerts.silent(known, least, now + alerts.RARE + week)) == 33, "those of which little is known, too"
