"""What Airflow tells the desk: a draft that waits for its reviewer, a run that failed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseNotifier, Context

from pipeline.orchestration.asking import address

log = logging.getLogger(__name__)


class ReviewWaits(BaseNotifier):
    """Mails and posts the draft with a link to its review, as ``WIREWATCH_DESK_…`` say."""

    def __init__(self, draft: str = "draft") -> None:
        super().__init__()
        self.draft = draft

    def notify(self, context: Context) -> None:
        """Called when the wait begins; what a channel refuses is in the task's log and in `deliveries`."""
        from pipeline import settings, steps

        loaded = settings.load()
        task = context["task"]
        assert isinstance(task, HITLOperator)
        outcomes = steps.tell_of_review(
            loaded,
            digest_id=context["ti"].xcom_pull(task_ids=self.draft)["digest_id"],
            subject=task.subject,
            link=HITLOperator.generate_link_to_ui_from_context(context=context, base_url=address(loaded)),
            now=datetime.now(UTC),
        )
        self.log.info("told the desk: %s", outcomes or "no WIREWATCH_DESK_ setting names anybody")


def run_failed(context: Context) -> None:
    """Mail and post that a run failed and where its log is, as ``WIREWATCH_DESK_…`` say.

    The ``on_failure_callback`` of every DAG, called by the DAG processor once a run has failed for good.
    """
    from pipeline import settings, steps

    loaded = settings.load()
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    outcomes = steps.tell_of_failure(
        loaded,
        subject=f"{dag_id}, {run_id}",
        text=str(context.get("reason", "")),
        link=f"{address(loaded)}/dags/{dag_id}/runs/{run_id}",
    )
    log.info("told the desk: %s", outcomes or "no WIREWATCH_DESK_ setting names anybody")
