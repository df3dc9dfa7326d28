"""### Digest

Daily at the topic's hour, in the topic's time zone: draft the digest of the day that ended, let a person review it
under *Required Actions*, and publish what was approved. Pages of the day that are being fetched are waited for, up to
five minutes; what is still on the way then is named to the reviewer.

The draft is stored before the wait, so nothing is lost while it waits. The reviewer can leave a note and name stories
to leave out. Rejecting keeps the draft and says why. A review that nobody gives in time fails its run.

One such DAG stands here for each file in `seeds/topics`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from pipeline import settings, topics
from pipeline.orchestration.assets import DIGESTS
from pipeline.orchestration.defaults import DEFAULT_ARGS
from pipeline.orchestration.notifier import run_failed
from pipeline.orchestration.review import DigestReview

CONFIGURED = settings.load()


def digest_of(topic: topics.Topic) -> None:
    """The DAG of one topic; a run's day is the calendar day in the topic's zone on which its interval begins."""

    @dag(
        dag_id=f"digest__{topic.slug.replace('-', '_')}",
        dag_display_name=f"Digest: {topic.name}",
        schedule=CronDataIntervalTimetable(f"0 {topic.digest_hour} * * *", timezone=topic.timezone),
        start_date=topic.span()[0],
        end_date=topic.span()[1],
        catchup=False,
        max_active_runs=CONFIGURED.review_days + 2,
        dagrun_timeout=timedelta(days=CONFIGURED.review_days + 1),
        default_args=DEFAULT_ARGS,
        on_failure_callback=run_failed,
        tags=["wirewatch", "digest", topic.slug],
        doc_md=__doc__,
    )
    def digest() -> None:
        # one at a time, oldest day first: a digest says what is new since the one before it
        @task(max_active_tis_per_dag=1)
        def draft(data_interval_start: datetime) -> dict[str, Any]:
            from pipeline import settings, steps
            from pipeline.orchestration.timetables import calendar_day

            return steps.draft(
                settings.load(),
                topic=topic.slug,
                day=calendar_day(data_interval_start, topic.timezone),
                now=datetime.now(UTC),
                wait=True,
            )

        review = DigestReview(
            task_id="review",
            days=CONFIGURED.review_days,
            subject=f"{{{{ ti.xcom_pull(task_ids='draft')['day'] }}}}: {topic.name}",
        )

        @task(outlets=[DIGESTS])
        def publish(drafted: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
            from pipeline import settings, steps
            from pipeline.orchestration.review import decision

            return steps.publish(
                settings.load(), digest_id=drafted["digest_id"], review=decision(response), now=datetime.now(UTC)
            )

        drafted = draft()  # type: ignore[call-arg, misc]  # Airflow fills in the interval
        drafted >> review
        publish(drafted, review.output)  # type: ignore[arg-type]  # what they will return

    digest()


for topic in topics.load_all(CONFIGURED):
    digest_of(topic)
