"""The person in the loop: a stored draft waits in Required Actions until somebody approves or rejects it.

One pending action asks for one revision of one draft, with its text and its stories to choose from. Airflow writes
these down once per task instance and never again, so that what is asked anew is asked by a run of its own: where an
answer could not be taken, where the draft was changed meanwhile, and where a newer draft replaced it. The older action
is gone by then.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, Context
from airflow.sdk.bases.branch import BranchMixIn
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, DagRunTriggerException
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from pipeline.edits import NOBODY_ANSWERED
from pipeline.models import Review
from pipeline.orchestration import connections
from pipeline.orchestration.asking import address, body, form, wrong_in
from pipeline.orchestration.notifier import ReviewWaits
from pipeline.orchestration.watching import ReviewTrigger

APPROVE = "Approve"
REJECT = "Reject"
PUBLISH = "publish"
AGAIN = "ask_again"


class DigestReview(HITLOperator, BranchMixIn):
    """Show the digest that the task `draft` stored and wait for `Approve` or `Reject`, or for a decision elsewhere.

    The text is read from the database when the wait begins: XCom carries only the digest's id, and the text is
    never treated as a template. Returns what the task `publish` is to carry out; an answer that cannot be taken goes to
    `ask_again` with the reason.
    """

    inherits_from_skipmixin = True

    def __init__(self, *, days: int, draft: str = "draft", **options: Any) -> None:
        super().__init__(
            options=[APPROVE, REJECT],
            params=form({}),
            notifiers=ReviewWaits(draft),
            response_timeout=timedelta(days=days),
            # The scheduler may fail a task that goes on before it has heard that its process ended; the next try asks
            # again, or finds the decision. A review that nobody gave fails at once, and asking is the editor's choice.
            retries=2,
            retry_delay=timedelta(seconds=5),
            retry_exponential_backoff=0.0,
            execution_timeout=None,
            **options,
        )
        self.draft = draft

    def execute(self, context: Context) -> Any:
        """Ask, and wait; a task that is cleared asks by a new run, as Airflow would show the old text again."""
        from pipeline import settings, steps

        loaded = settings.load()
        drafted = self._drafted(context)
        because = str(drafted.get("because") or "")
        shown = steps.ask(loaded, digest_id=drafted["digest_id"], **_run(context), now=datetime.now(UTC))
        if shown.state != "draft":
            return self._settled(context, shown, because)
        if context["ti"].try_number > 1:
            return self._again(
                context, shown.digest_id, because or "Its task was started anew; no answer to it was taken."
            )
        self.subject = shown.subject
        self.body = body(shown, because, address(loaded))
        self.params = ParamsDict(form(shown.choices))
        ti_id = context["ti"].id
        upsert_hitl_detail(
            ti_id=ti_id,
            options=self.options,
            subject=self.subject,
            body=self.body,
            params=self.serialized_params,
        )
        for notifier in self.notifiers:
            notifier(context)
        assert self.response_timeout is not None
        self.defer(
            trigger=ReviewTrigger(
                ti_id=ti_id,
                options=self.options,
                params=self.serialized_params,
                timeout_datetime=datetime.now(UTC) + self.response_timeout,
                digest_id=shown.digest_id,
                revision=shown.revision,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Check the answer before it is taken, or find out how the digest was decided elsewhere."""
        from pipeline import settings, steps

        loaded, now = settings.load(), datetime.now(UTC)
        digest_id = int(self._drafted(context)["digest_id"])
        asked = steps.asked_revision(loaded, digest_id=digest_id, **_run(context))
        if "error" in event:
            steps.end_ask(loaded, **_run(context), ended_as=NOBODY_ANSWERED, now=now)
            self.process_trigger_event_error(event)
        if "moved" in event:
            changed = steps.objection(loaded, digest_id=digest_id, review=Review(True, "", revision=asked))
            shown = steps.sheet(loaded, digest_id=digest_id)
            if shown.state == "draft":
                return self._again(context, digest_id, f"The draft is another by now: {changed}.")
            return self._settled(context, shown, "")
        review, wrong = answer(event, asked)
        wrong = wrong or steps.objection(loaded, digest_id=digest_id, review=review)
        if not wrong:
            steps.end_ask(loaded, **_run(context), ended_as="answered", now=now)
            plain = asdict(review) | {"drop": list(review.drop)}  # XCom takes no tuple
            return self._go_on(context, [PUBLISH], {"digest_id": digest_id, "review": plain})
        why = f"The answer of {review.reviewer} was not taken: {wrong}."
        self.log.warning(why)
        steps.refuse(loaded, digest_id=digest_id, review=review, reason=wrong, now=now)
        shown = steps.sheet(loaded, digest_id=digest_id)
        return self._again(context, digest_id, why) if shown.state == "draft" else self._settled(context, shown, why)

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Fail for good: nobody answered, and no second try of the task can."""
        raise AirflowFailException(str(event["error"]))

    def _drafted(self, context: Context) -> dict[str, Any]:
        return dict(context["ti"].xcom_pull(task_ids=self.draft))

    def _again(self, context: Context, digest_id: int, because: str) -> dict[str, Any]:
        from pipeline import settings, steps

        steps.end_ask(settings.load(), **_run(context), ended_as=f"asked again: {because}", now=datetime.now(UTC))
        return self._go_on(context, [AGAIN], {"digest_id": digest_id, "again": because})

    def _settled(self, context: Context, shown: Any, void: str) -> dict[str, Any]:
        """The digest was decided or replaced elsewhere: deliver what was published, or ask for what replaced it."""
        from pipeline import settings, steps

        if shown.state == "superseded":
            because = f"Version {shown.version} was replaced by a newer draft while it waited. {void}".strip()
            self.log.warning("digest %d: %s", shown.digest_id, because)
            if steps.wants_asking(settings.load(), digest_id=shown.newest):
                return self._again(context, shown.newest, because)
            ended = f"withdrawn: {because}"
        else:
            because, ended = void, f"{shown.state} by {shown.reviewer}"
            self.log.warning("digest %d was %s. %s", shown.digest_id, ended, void)
        steps.end_ask(settings.load(), **_run(context), ended_as=ended, now=datetime.now(UTC))
        told = {"digest_id": shown.digest_id, "settled": ended, "void": because}
        return self._go_on(context, [] if shown.state == "superseded" else [PUBLISH], told)

    def _go_on(self, context: Context, tasks: list[str], told: dict[str, Any]) -> dict[str, Any]:
        """Let these tasks run and skip the others; what they are told is written first, as skipping ends the task."""
        context["ti"].xcom_push(key="return_value", value=told)
        self.do_branch(context, tasks)
        return told


class AskAgain(BaseOperator):
    """Start a run of this DAG that asks for a digest that is drafted already; the reason stands at its head."""

    def __init__(self, *, review: str = "review", **options: Any) -> None:
        super().__init__(**options)
        self.review = review

    def execute(self, context: Context) -> Any:
        """End by starting that run; one that another task started for the same question is enough."""
        from pipeline import settings, steps

        told = context["ti"].xcom_pull(task_ids=self.review)
        number = steps.times_asked(settings.load(), digest_id=told["digest_id"]) + 1
        raise DagRunTriggerException(
            trigger_dag_id=context["ti"].dag_id,
            dag_run_id=f"asked_again__digest_{told['digest_id']}__{number}",
            conf={"digest_id": told["digest_id"], "because": told["again"]},
            note=told["again"],
            reset_dag_run=False,
            skip_when_already_exists=True,
            wait_for_completion=False,
            allowed_states=[],
            failed_states=[],
            poke_interval=60,
            deferrable=False,
        )


def answer(event: dict[str, Any], revision: int | None = None) -> tuple[Review, str]:
    """What a person answered in Airflow's form to a revision of a draft, and what is wrong with it, if anything."""
    user = event.get("responded_by_user") or {}
    drop, note, wrong = wrong_in(event["chosen_options"], event.get("params_input") or {})
    review = Review(
        approved=event["chosen_options"] == [APPROVE],
        reviewer=str(user.get("name") or user.get("id") or "unknown"),
        note=note,
        drop=drop,
        via="airflow",
        revision=revision,
    )
    return review, wrong


def carry_out(told: dict[str, Any]) -> dict[str, Any]:
    """Carry out what `DigestReview` returned; what was decided elsewhere is only sent.

    A decision that became void since it was checked skips the task, and says so.
    """
    from pipeline import steps

    loaded, now = connections.load(), datetime.now(UTC)
    if "review" not in told:
        steps.complete(loaded, digest_id=told["digest_id"], now=now)
        return steps.deliver(loaded, now=now, digest_id=told["digest_id"]) | {"settled": told["settled"]}
    review = Review(**(told["review"] | {"drop": tuple(told["review"]["drop"])}))
    outcome = steps.publish(loaded, digest_id=told["digest_id"], review=review, now=now)
    if "refused" in outcome:
        raise AirflowSkipException(f"the decision of {review.reviewer} is void: {outcome['refused']}")
    return outcome


def draft_of(topic: str, timezone: str, starts: datetime | None, dag_run: Any) -> dict[str, Any]:
    """Draft the day of this run; a run that asks again takes the draft that its configuration names.

    A schedule that begins asks for the day before at once; one of which nothing is known is skipped.
    """
    from pipeline import settings, steps
    from pipeline.orchestration.timetables import calendar_day

    loaded, now = settings.load(), datetime.now(UTC)
    conf = dag_run.conf or {}
    if "digest_id" in conf:
        return steps.drafted(loaded, topic=topic, digest_id=conf["digest_id"]) | {"because": conf.get("because")}
    day = calendar_day(starts or now - timedelta(days=1), timezone)
    if dag_run.run_type == "scheduled" and not steps.has_anything(loaded, topic=topic, day=day):
        raise AirflowSkipException(f"{day} was over before anything was collected, and nothing of it came since")
    drafted = steps.draft(loaded, topic=topic, day=day, now=now, wait=True)
    # From here on this run is the one that asks for it, so that nobody else does.
    steps.ask(loaded, digest_id=drafted["digest_id"], dag_id=dag_run.dag_id, run_id=dag_run.run_id, now=now)
    return drafted


def _run(context: Context) -> dict[str, str]:
    return {"dag_id": str(context["ti"].dag_id), "run_id": str(context["ti"].run_id)}
