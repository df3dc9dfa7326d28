"""### Digest

Daily at the topic's hour, in the topic's time zone: draft the digest of the day that ended, let a person review it
under *Required Actions*, and publish what was approved. Pages of the day that are being fetched are waited for, up to
five minutes; what is still on the way then is named to the reviewer. A day that was over before
anything was collected is skipped.

The draft is stored before the wait, so nothing is lost while it waits. The reviewer can leave a note and choose stories
to leave out; the review page has the rest. Rejecting keeps the draft and says why. What is decided in a terminal or on
the page ends the wait here as well. An answer that cannot be taken is asked for again by a new run, which says why, and
so is a draft that a newer one replaced or that reads otherwise, as an earlier day was published. A review that nobody
gives in time fails its run.

One such DAG stands here for each file in `seeds/topics`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from pipeline import settings, topics
from pipeline.orchestration.asking import digest_dag
from pipeline.orchestration.assets import DIGESTS
from pipeline.orchestration.defaults import DEFAULT_ARGS
from pipeline.orchestration.notifier import run_failed
from pipeline.orchestration.review import AGAIN, AskAgain, DigestReview

CONFIGURED = settings.load()


def digest_of(topic: topics.Topic) -> None:
    """The DAG of one topic; a run's day is the calendar day in the topic's zone on which its interval begins."""

    @dag(
        dag_id=digest_dag(topic.slug),
        dag_display_name=f"Digest: {topic.name}",
        schedule=CronDataIntervalTimetable(f"0 {topic.digest_hour} * * *", timezone=topic.timezone),
        start_date=topic.span()[0],
        end_date=topic.span()[1],
        catchup=False,
        # each waits for days and takes no slot; those that ask anew wait beside them, and hold no new day up
        max_active_runs=2 * CONFIGURED.review_days + 14,
        dagrun_timeout=timedelta(days=CONFIGURED.review_days + 1),
        default_args=DEFAULT_ARGS,
        on_failure_callback=run_failed,
        tags=["wirewatch", "digest", topic.slug],
        doc_md=__doc__,
    )
    def digest() -> None:
        # one at a time, oldest day first: a digest says what is new since the one before it
        @task(max_active_tis_per_dag=1)
        def draft(data_interval_start: datetime | None = None, dag_run: Any = None) -> dict[str, Any]:
            from pipeline.orchestration.review import draft_of

            return draft_of(topic.slug, topic.timezone, data_interval_start, dag_run)

        review = DigestReview(
            task_id="review",
            days=CONFIGURED.review_days,
            subject=f"{{{{ ti.xcom_pull(task_ids='draft')['day'] }}}}: {topic.name}",
        )

        @task(outlets=[DIGESTS])
        def publish(told: dict[str, Any]) -> dict[str, Any]:
            from pipeline.orchestration.review import carry_out

            return carry_out(told)

        draft() >> review
        publish(review.output)  # type: ignore[arg-type]  # what it will return
        review >> AskAgain(task_id=AGAIN)

    digest()


for topic in topics.load_all(CONFIGURED):
    digest_of(topic)
