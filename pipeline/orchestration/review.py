"""The person in the loop: a stored draft waits in Required Actions until somebody approves or rejects it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param

from pipeline.models import Review
from pipeline.orchestration.notifier import ReviewWaits

APPROVE = "Approve"
REJECT = "Reject"

FORM: dict[str, Any] = {
    "note": Param(
        "",
        type=["null", "string"],
        maxLength=2000,
        title="Editor's note",
        description="Stands at the top of the published digest, or says why it was rejected.",
    ),
    "drop": Param(
        [],
        type=["null", "array"],
        items={"type": "integer"},
        title="Stories to leave out",
        description="Story numbers, as they stand beside each headline of the draft.",
    ),
}


class DigestReview(HITLOperator):
    """Show the digest that the task `draft` stored and wait for `Approve` or `Reject`.

    The text is read from the database when the wait begins: XCom carries only the digest's id, and the text is
    never treated as a template.
    """

    def __init__(self, *, days: int, draft: str = "draft", **options: Any) -> None:
        super().__init__(
            options=[APPROVE, REJECT],
            params=FORM,
            notifiers=ReviewWaits(draft),
            response_timeout=timedelta(days=days),
            retries=0,  # a review that nobody gave fails once; asking again is the editor's choice
            execution_timeout=None,
            **options,
        )
        self.draft = draft

    def execute(self, context: Context) -> Any:
        """Fetch the draft's Markdown as the body and start waiting."""
        from pipeline import settings, steps

        drafted = context["ti"].xcom_pull(task_ids=self.draft)
        self.body = steps.digest_markdown(settings.load(), digest_id=drafted["digest_id"])
        return super().execute(context)


def decision(response: dict[str, Any]) -> Review:
    """What `DigestReview` returned, as `pipeline.steps.publish` takes it."""
    user = response.get("responded_by_user") or {}
    form = response["params_input"]
    return Review(
        approved=response["chosen_options"] == [APPROVE],
        reviewer=str(user.get("name") or user.get("id") or "unknown"),
        note=form.get("note") or "",
        drop=tuple(int(story) for story in form.get("drop") or ()),
    )
