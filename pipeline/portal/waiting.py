"""The drafts that wait, oldest day first, for whoever was away: several are published or rejected in one go."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from pipeline.orchestration.asking import digest_dag
from pipeline.portal.forms import demand_ours, received, token
from pipeline.portal.permission import may_answer, name_of
from pipeline.portal.rendering import page, reading
from pipeline.portal.review_form import Sent

if TYPE_CHECKING:
    from pipeline.steps.catching_up import Draft

SUBJECT = "several"
"""What the form's token is signed for."""


def add_to(app: FastAPI) -> None:
    """Add the page and what it sends."""
    app.get("/waiting", response_class=HTMLResponse)(show)
    app.post("/waiting", response_class=HTMLResponse)(send)


def show(user: GetUserDep, every: bool = False) -> Response:
    """The drafts that this reader may decide on, each with its headlines; with `every`, all of them are ticked."""
    drafts = _drafts(user)
    return _page(drafts, user, ticked=[draft.digest_id for draft in drafts] if every else [])


async def send(request: Request, user: GetUserDep, later: BackgroundTasks) -> Response:
    """Publish or reject the ticked days; what cannot be taken says why, and the others are done."""
    sent = await received(request)
    site = request.headers.get("sec-fetch-site", "same-origin")
    return await run_in_threadpool(_take, user, sent, site, later)


def _take(user: Any, sent: Sent, site: str, later: BackgroundTasks) -> Response:
    from pipeline import steps
    from pipeline.models import Review
    from pipeline.orchestration import connections

    drafts = {draft.digest_id: draft for draft in _drafts(user)}
    demand_ours(sent, site, SUBJECT, user)
    chosen = _chosen(sent, user, drafts)
    if sent.do not in ("publish", "reject"):
        return _page(drafts.values(), user, wrong="press one of the buttons")
    if not chosen:
        return _page(drafts.values(), user, wrong="tick the days that are meant")
    if sent.do == "reject" and not sent.text("note"):
        return _page(drafts.values(), user, wrong="say in the note why they are rejected", ticked=chosen)
    answers = {
        number: Review(
            sent.do == "publish",
            name_of(user),
            sent.text("note"),
            via="page",
            revision=sent.number(f"revision-{number}") or 0,  # what was not shown is not decided
        )
        for number in chosen
    }
    loaded = connections.load()
    outcomes = steps.catch_up(loaded, answers=answers, now=datetime.now(UTC), send=False)
    published = [number for number, outcome in outcomes.items() if outcome.get("state") == "published"]
    later.add_task(_deliver, loaded, published)
    refused = [(chosen[number], outcome["refused"]) for number, outcome in outcomes.items() if "refused" in outcome]
    done = [chosen[number] for number, outcome in outcomes.items() if "refused" not in outcome]
    return _page(_drafts(user), user, did=sent.do, done=done, refused=refused)


def _chosen(sent: Sent, user: Any, drafts: Mapping[int, Draft]) -> dict[int, str]:
    """The ticked digests by number, each as its day and number; what was decided meanwhile is among them, to be told
    so, unless it is of a topic that this reader may not decide on."""
    from pipeline.store import reviews

    ticked = [int(name[5:]) for name in sent.fields if re.fullmatch(r"take-\d{1,18}", name)]
    chosen = {number: f"{draft.day} (digest {number})" for number, draft in drafts.items() if number in ticked}
    with reading() as connection:
        for number in ticked:
            gone = None if number in drafts else reviews.standing(connection, number)
            if gone is not None and may_answer(user, digest_dag(gone.topic)):
                chosen[number] = f"{gone.day} (digest {number})"
    return chosen


def _deliver(loaded: Any, published: list[int]) -> None:
    """Send what was published, where no waiting run of Airflow will; each channel is sent to once, by whichever."""
    from pipeline import steps

    for digest_id in published:
        steps.deliver(loaded, now=datetime.now(UTC), digest_id=digest_id)


def _drafts(user: Any) -> list[Draft]:
    """What this reader may decide on; 403 where there is no topic of theirs."""
    from pipeline import settings, steps, topics

    loaded = settings.load()
    mine = {topic.slug for topic in topics.load_all(loaded) if may_answer(user, digest_dag(topic.slug))}
    if not mine:
        raise HTTPException(403, "who may answer a topic's pending actions in Airflow may review its digests")
    return [draft for draft in steps.waiting_drafts(loaded) if draft.topic in mine]


def _page(
    drafts: Any,
    user: Any,
    *,
    wrong: str = "",
    ticked: Collection[int] = (),
    did: str = "",
    done: Sequence[str] = (),
    refused: Sequence[tuple[str, str]] = (),
) -> HTMLResponse:
    return page(
        "waiting.html",
        status=409 if wrong or refused else 200,
        section="digests",
        drafts=list(drafts),
        ticked=ticked,
        wrong=wrong,
        did=did,
        done=done,
        refused=refused,
        reviewer=name_of(user),
        token=token(user, SUBJECT, int(time.time())),
    )
