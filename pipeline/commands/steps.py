"""``wirewatch collect`` and ``backfill``: the steps of the DAGs from a terminal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from pipeline import settings as configuration
from pipeline import steps, topics
from pipeline.commands import console
from pipeline.commands.arguments import PIPELINE, AsJson
from pipeline.errors import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("collect", rich_help_panel=PIPELINE)(collect)
    app.command("backfill", rich_help_panel=PIPELINE)(backfill)
    app.command("maintain", rich_help_panel=PIPELINE)(maintain)


def collect(as_json: AsJson = False) -> None:
    """Poll the feeds that are due; judge, extract, compare and embed what they brought, and give it its story."""
    loaded = configuration.load()
    steps.check(loaded)
    steps.check_thresholds(loaded)
    now = datetime.now(UTC)
    due = [feed_id for batch in steps.due_batches(loaded, now=now) for feed_id in batch]
    if not due:
        console.hint("no feed is due; `wirewatch feeds list` says when each is asked next")
    else:
        with console.progress("poll", len(due)) as advance:
            counts = steps.poll(loaded, feed_ids=due, now=now, on_result=advance)
        console.counts("poll", counts, as_json)
    console.counts("match", steps.match(loaded, now=now), as_json)
    console.counts("extract", steps.extract(loaded, now=now), as_json)
    console.counts("copies", steps.find_copies(loaded, now=now), as_json)
    console.counts("embed", steps.embed(loaded, now=now), as_json)
    console.counts("place", steps.place(loaded, now=now), as_json)
    console.counts("reassign", steps.reassign(loaded, now=now), as_json)


def backfill(
    day: Annotated[str, typer.Option("--day", help="One calendar day of the topic's zone, or FROM..TO.")] = "",
    topic: Annotated[str, typer.Option("--topic", help="Whose window and zone; the first topic by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Collect a past interval from the web archive named by WIREWATCH_ARCHIVE_URL."""
    loaded = configuration.load()
    subjects = steps.check(loaded)
    subject = topics.find(loaded, topic) if topic else subjects[0]
    days = _days(day) if day else _whole(subject)
    steps.check_thresholds(loaded)
    what = f"{days[0]:%Y-%m-%d}..{days[-1]:%d}" if days[1:] else f"{days[0]:%Y-%m-%d}"
    with steps.sole_backfill(loaded, what) as lock, console.progress("backfill", len(days)) as advance:
        for each in days:
            start, end = subject.day_bounds(each)
            outcome = steps.backfill(loaded, start=start, end=end, now=datetime.now(UTC), lock=lock)
            console.counts("backfill", {"day": each.isoformat(), **outcome}, as_json)
            advance()


def _whole(subject: topics.Topic) -> list[date]:
    """Every day of a topic. Raises `ConfigurationError` where it has no end: nobody means years by saying nothing."""
    if subject.end is None:
        raise ConfigurationError(f"topic {subject.slug} has no end; say which days with --day FROM..TO")
    return subject.days(subject.end)


def _days(text: str) -> list[date]:
    first, is_range, last = text.partition("..")
    start, end = topics.parse_day(first), topics.parse_day(last if is_range else first)
    if end < start:
        raise ConfigurationError(f"--day {text}: the range ends before it begins; write it FROM..TO")
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def maintain(as_json: AsJson = False) -> None:
    """Retention, deliveries that failed, and a check that the rows agree with each other."""
    loaded = configuration.load()
    steps.check(loaded)
    console.counts("maintain", steps.maintain(loaded, now=datetime.now(UTC)), as_json)
