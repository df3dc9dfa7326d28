"""The first minutes of `wirewatch run --live`: what came of asking the feeds, said as soon as it is known."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline import database, topics
from pipeline.local.airflow_api import FINISHED, Airflow
from pipeline.local.following import digest_dag, follow
from pipeline.local.show import Show
from pipeline.settings import Settings
from pipeline.store import progress
from pipeline.store.progress import Arrivals

#: Seconds from the start in which the first words on what came are said, whatever is still on its way.
FIRST_WORD_SECONDS = 110.0
#: Seconds that the feeds are given at the least, where the start took long.
LEAST_SECONDS = 60.0
#: Seconds more that the draft of the day before is waited for, so that the panel can name it.
DRAFT_SECONDS = 45.0
#: Seconds in which a schedule that is let run begins what is overdue; what ran in this quarter of an hour is not.
BEGIN_SECONDS = 8.0
#: Seconds between two looks at what is on its way.
LOOK_SECONDS = 2.0
_WIDEST = 3
_DAY = timedelta(days=1)

# What a failed request means to somebody who does not know its code; the others are said by it.
_WORDS: Mapping[str, str] = {
    "dns": "name not found",
    "connect": "not reached",
    "tls": "no safe connection",
    "timeout-connect": "no connection in time",
    "timeout-read": "no answer in time",
    "timeout-total": "no answer in time",
    "unresponsive": "no answer in time",
    "robots": "robots.txt forbids it",
    "not-a-feed": "no feed there",
}
_NO_NETWORK = frozenset({"dns", "connect", "timeout-connect", "unresponsive"})


class FirstCollection:
    """The first round of a live desk: asked for once, told when two minutes are over, and again when it is done.

    The schedules of digests begin after it, so that the draft of yesterday has what the feeds still hold of it.
    """

    def __init__(
        self, settings: Settings, subjects: Sequence[topics.Topic], airflow: Airflow, show: Show, started: float
    ) -> None:
        """`started` is when the command began, by the monotonic clock."""
        self._settings, self._subjects, self._airflow, self._show = settings, subjects, airflow, show
        self._started, self._since, self._run_id = started, datetime.now(UTC), ""
        self._looked = 0.0
        self._drafting: list[topics.Topic] = []
        self._is_over = self._is_told = False

    def begin(self) -> None:
        """Let the schedules run, collect, and say what came by now; what is left is for `go_on`.

        Raises `InfrastructureError` where collecting fails.
        """
        before = self._airflow.states("collect")
        self._since = datetime.now(UTC)
        for dag_id in ("collect", "deliver", "maintenance"):
            self._airflow.set_paused(dag_id, False)
        self._run_id = self._begun(before.keys()) or self._airflow.trigger("collect")
        over = self._followed(max(self._started + FIRST_WORD_SECONDS, time.monotonic() + LEAST_SECONDS))
        if not over and not self._came().asked:
            self._show.line("  Nothing has come yet: this machine is busy. It is waited for.")
            over = self._followed(time.monotonic() + FIRST_WORD_SECONDS)
        self._say(over)
        if over:
            self._draft()
            self._tell_drafts(time.monotonic() + DRAFT_SECONDS)

    def go_on(self) -> None:
        """What is left of it, a look at a time: the rest of the first round, and the drafts of yesterday."""
        if self._is_told or time.monotonic() < self._looked + LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        if not self._is_over:
            state = self._airflow.states("collect").get(self._run_id, "")
            if state not in FINISHED:
                return
            self._show.line(
                "The first round is over." if state == "success" else "The first round failed; see the log."
            )
            self._say(over=True)
            self._draft()
        self._tell_drafts(0.0)

    def _begun(self, before: Collection[str]) -> str:
        """The run that the schedule begins by itself when it is let run, so that a second one need not wait for it."""
        until = time.monotonic() + BEGIN_SECONDS
        while time.monotonic() < until:
            if begun := [run_id for run_id in self._airflow.states("collect") if run_id not in before]:
                return begun[0]
            self._airflow.check()
            time.sleep(0.5)
        return ""

    def _followed(self, until: float) -> bool:
        def counted(connection: database.Connection) -> str:
            return _briefly(progress.arrivals(connection, self._since))

        return follow(
            self._settings, self._airflow, "collect", "Today's feeds", self._show,
            only=self._run_id, until=until, counted=counted,
        )  # fmt: skip

    def _came(self) -> Arrivals:
        with database.connect(self._settings) as connection:
            return progress.arrivals(connection, self._since)

    def _say(self, over: bool) -> None:
        came = self._came()
        with database.connect(self._settings) as connection:
            widest = progress.widest(connection, self._since - _DAY, _WIDEST)
        for line in _said(came, self._subjects, widest, over):
            self._show.line(line)

    def _draft(self) -> None:
        """Let the digests' schedules run. Each drafts the day before at once, where anything of it is known."""
        self._is_over = True
        now = datetime.now(UTC)
        for subject in self._subjects:
            self._airflow.set_paused(digest_dag(subject), False)
            if subject.covers(now):
                self._drafting.append(subject)
                self._show.line(f"  {subject.name}: {_next_draft(subject, now)}")
        if not self._drafting:
            self._show.line("  No topic is open today, so nothing will be told; `wirewatch topic new` makes one.")

    def _tell_drafts(self, until: float) -> None:
        """Say which drafts wait for a person, once they are made; look until a moment, or once."""
        while True:
            for subject in list(self._drafting):
                states = set(self._airflow.states(digest_dag(subject)).values())
                if states and states <= {*FINISHED, "review"}:
                    self._drafting.remove(subject)
                    if "review" in states:
                        self._show.line(f"  {subject.name}: the digest of yesterday waits for you")
            self._is_told = not self._drafting
            if self._is_told or time.monotonic() >= until:
                return
            self._airflow.check()
            time.sleep(LOOK_SECONDS)


def _next_draft(subject: topics.Topic, now: datetime) -> str:
    """Which day is told next and when its digest is drafted, in the topic's zone and here."""
    zone = ZoneInfo(subject.timezone)
    here = now.astimezone(zone)
    at = here.replace(hour=subject.digest_hour, minute=0, second=0, microsecond=0)
    if at <= here:
        at += _DAY
    day = at.date() - _DAY
    return f"{day:%d %B} in {subject.timezone} is drafted at {at.astimezone():%H:%M on %d %B} by this machine's clock"


def _briefly(came: Arrivals) -> str:
    """What came, in one line that grows."""
    said = [f"{came.answered:,} of {came.feeds:,} feeds answered", f"{came.new:,} new entries"]
    if came.on_topic:
        said.append(f"{sum(came.on_topic.values()):,} on topic")
    if came.pages:
        said.append(f"{came.read:,} of {came.pages:,} pages read")
    return ", ".join(said)


def _said(
    came: Arrivals, subjects: Sequence[topics.Topic], widest: Sequence[progress.Widest], over: bool
) -> Iterator[str]:
    """The lines on what came."""
    if not came.asked and not over:
        yield "  No feed has answered yet; what comes stands under Topics and in `wirewatch feeds list`."
    elif not came.asked:
        yield f"  None of the {came.feeds:,} feeds was due: each is asked by its own habit, and never more often."
    else:
        yield from _asked(came)
    if came.new:
        names = {subject.slug: subject.name for subject in subjects}
        each = ", ".join(f"{names.get(slug, slug)} {count:,}" for slug, count in came.on_topic.items())
        waiting = "" if came.judged == came.new else f" ({came.new - came.judged:,} are not looked at yet)"
        yield f"  {came.new:,} new entries, on topic: {each or 'none'}{waiting}"
    if came.pages:
        yield f"  {came.read:,} of their {came.pages:,} pages read" + ("" if over else "; the others are on their way")
    if widest:
        yield "  The widest stories of the last 24 hours:"
        for story in widest:
            told_by = "outlet " if story.outlets == 1 else "outlets"
            yield f"    {story.outlets} {told_by}  {story.headline or 'without a headline'}"


def _asked(came: Arrivals) -> Iterator[str]:
    failed = ", ".join(f"{_WORDS.get(code, code)} {count:,}" for code, count in came.failed.items())
    silent = f", {sum(came.failed.values()):,} did not ({failed})" if failed else ""
    yield f"  {came.asked:,} of {came.feeds:,} feeds asked: {came.answered:,} answered{silent}"
    if not came.answered and _NO_NETWORK.issuperset(came.failed):
        yield (
            "  Nothing answered, so this machine seems to be without a network. The feeds are asked again within the"
            " hour; nothing needs to be started anew."
        )
    elif came.failed:
        yield "  `wirewatch feeds check` asks every feed once more and shows how it is."
