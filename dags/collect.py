"""### Collect

Every 15 minutes: poll the feeds that are due, judge which entries are on topic (`match`), fetch and extract the new
pages, find which texts are copies of which, embed the others, put each article into its story (`place`), and look once
more at those of the last hour together (`reassign`). Polling, extracting, copying and embedding are shared out among
tasks (`share` says how many), which run on as many workers as there are.

*Reads* the feeds table and the web. *Writes* entries, articles, copies, vectors and stories, each row with its reason.

One bad feed or page never reddens a run: it is recorded on its row with the time of its next try, also where our own
code fails on it. A red run means that the database, the disk or the model was away, and the next run picks up what is
left; or that a step failed on most of its items, and its message says with what.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import dag, task

from pipeline.orchestration.assets import STORIES
from pipeline.orchestration.defaults import DEFAULT_ARGS
from pipeline.orchestration.notifier import run_failed


@dag(
    schedule="*/15 * * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    tags=["wirewatch", "feeds", "stories"],
    doc_md=__doc__,
)
def collect() -> None:
    @task(execution_timeout=timedelta(minutes=5))
    def due() -> list[list[int]]:
        from pipeline import steps
        from pipeline.orchestration import connections

        return steps.due_batches(connections.load(), now=datetime.now(UTC))  # it tells the desk of a wrong clock

    @task(max_active_tis_per_dagrun=4, execution_timeout=timedelta(minutes=30))
    def poll(feed_ids: list[int]) -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.poll(settings.load(), feed_ids=feed_ids, now=datetime.now(UTC))

    # no feed due leaves `poll` skipped, and what an earlier run left over is still worked off
    @task(trigger_rule="none_failed")
    def match() -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.match(settings.load(), now=datetime.now(UTC))

    # how many tasks take part in the next three: each claims rows until none is left, whichever worker it is on
    @task(execution_timeout=timedelta(minutes=5))
    def share() -> list[int]:
        from pipeline import settings, steps

        return steps.shares(settings.load(), now=datetime.now(UTC))

    @task
    def extract(number: int) -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.extract(settings.load(), now=datetime.now(UTC))

    @task
    def copies(number: int) -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.find_copies(settings.load(), now=datetime.now(UTC))

    @task
    def embed(number: int) -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.embed(settings.load(), now=datetime.now(UTC))

    # one at a time, as each article's place depends on those before it; also where nothing was shared out
    @task(trigger_rule="none_failed")
    def place() -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.place(settings.load(), now=datetime.now(UTC))

    @task(outlets=[STORIES])
    def reassign() -> dict[str, Any]:
        from pipeline import settings, steps

        return steps.reassign(settings.load(), now=datetime.now(UTC))

    numbers = share()
    poll.expand(feed_ids=due()) >> match() >> numbers
    extracted, compared = extract.expand(number=numbers), copies.expand(number=numbers)
    extracted >> compared >> embed.expand(number=numbers) >> place() >> reassign()


collect()
