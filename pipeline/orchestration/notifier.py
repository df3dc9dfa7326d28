"""What Airflow tells the desk: a draft that waits for its reviewer, a run that failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseNotifier, Context

from pipeline.orchestration import connections
from pipeline.orchestration.asking import address

NOBODY = "no setting and no connection names anybody"


class ReviewWaits(BaseNotifier):
    """Mails and posts the draft with a link to its review, as the settings and connections of the desk say."""

    def __init__(self, draft: str = "draft") -> None:
        super().__init__()
        self.draft = draft

    def notify(self, context: Context) -> None:
        """Called when the wait begins; what a channel refuses is in the task's log and in `deliveries`."""
        from pipeline import steps

        loaded = connections.load()
        task = context["task"]
        assert isinstance(task, HITLOperator)
        outcomes = steps.tell_of_review(
            loaded,
            digest_id=context["ti"].xcom_pull(task_ids=self.draft)["digest_id"],
            subject=task.subject,
            link=HITLOperator.generate_link_to_ui_from_context(context=context, base_url=address(loaded)),
            now=datetime.now(UTC),
        )
        self.log.info("told the desk: %s", outcomes or NOBODY)


class TellDesk(BaseNotifier):
    """Mails and posts what a run of any DAG did, with a link to it, as the settings and connections of the desk say.

    Each time it is called it tells; ``on_failure_callback=RunFailed()`` tells of failures without repeating itself.
    `subject` and `text` are templates.
    """

    template_fields = ("subject", "text")

    def __init__(
        self, subject: str = "Failed: {{ dag.dag_id }}, {{ run_id }}", text: str = "{{ reason | default('') }}"
    ) -> None:
        super().__init__()
        self.subject = subject
        self.text = text

    def notify(self, context: Context) -> None:
        """Called by the DAG processor once a run has failed for good, or by a task; it needs no database."""
        from pipeline import steps

        loaded = connections.load()
        link = f"{address(loaded)}/dags/{context['dag'].dag_id}/runs/{context['run_id']}"
        outcomes = steps.tell(loaded, subject=self.subject, text=self.text, link=link)
        self.log.info("told the desk: %s", outcomes or NOBODY)


class RunFailed(BaseNotifier):
    """Tells the desk of a run that failed: of the first of a DAG at once, of those that follow at intervals."""

    def notify(self, context: Context) -> None:
        """Called by the DAG processor once a run has failed for good; without the database it tells all the same."""
        from pipeline import steps

        loaded = connections.load()
        outcomes = steps.tell_of_run(
            replace(loaded, public_url=address(loaded)),
            dag_id=context["dag"].dag_id,
            run_id=context["run_id"],
            reason=str(context.get("reason") or ""),
            now=datetime.now(UTC),
        )
        self.log.info("told the desk: %s", outcomes or NOBODY)


run_failed = RunFailed()
"""The ``on_failure_callback`` of every DAG."""
