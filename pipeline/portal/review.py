"""The page on which a digest is edited and decided: plain forms, for whom Airflow lets answer its pending action.

A form counts where it was sent from this page: it carries a token that is signed for its reader and its digest, and
browsers say that it comes from the same origin. Nothing else in the portal writes.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from pipeline.orchestration.asking import action_path, digest_dag
from pipeline.portal.forms import demand_ours, received, token
from pipeline.portal.permission import may_answer, name_of
from pipeline.portal.rendering import PREFIX, page, reading
from pipeline.portal.review_form import Sent, words

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store.digests import StoredDigest

_DONE = {
    "saved": "Saved. Below is how it will read.",
    "held": "Held. It goes on waiting, with your note.",
    "published": "Published.",
    "rejected": "Rejected.",
    "merged": "The two stories are one from now on.",
    "moved": "The article has a story of its own from now on.",
    "off": "The article is not of this topic from now on.",
}


def add_to(app: FastAPI) -> None:
    """Add the page and what it sends."""
    app.get("/digests/{digest_id}/review", response_class=HTMLResponse)(show)
    app.post("/digests/{digest_id}/review", response_class=HTMLResponse)(send)


def show(digest_id: int, user: GetUserDep, done: str = "") -> Response:
    """The digest with all that can be changed of it; what was decided and what waits next, once it is."""
    digest = _digest(digest_id, user)
    return _page(digest, user, done=_DONE.get(done, ""))


async def send(digest_id: int, request: Request, user: GetUserDep, later: BackgroundTasks) -> Response:
    """Take what a reviewer sent; what cannot be taken says why above the page, and changes nothing."""
    sent = await received(request)
    site = request.headers.get("sec-fetch-site", "same-origin")
    return await run_in_threadpool(_take, digest_id, user, sent, site, later)


def _take(digest_id: int, user: Any, sent: Sent, site: str, later: BackgroundTasks) -> Response:
    from pipeline.errors import ConfigurationError
    from pipeline.orchestration import connections

    digest = _digest(digest_id, user)
    demand_ours(sent, site, str(digest_id), user)
    loaded = connections.load()
    try:
        done, wrong = _carry_out(loaded, digest, sent, name_of(user))
    except ConfigurationError as error:
        done, wrong = "", str(error)
    if wrong:
        return _page(_digest(digest_id, user), user, wrong=wrong, sent=sent)
    if done == "published":
        later.add_task(_deliver, loaded, digest_id)
    return RedirectResponse(f"{PREFIX}/digests/{digest_id}/review?done={done}", status_code=303)


def _carry_out(loaded: Settings, digest: StoredDigest, sent: Sent, reviewer: str) -> tuple[str, str]:
    """What was done, and why it was not; the words on stories are kept before anything else is done."""
    from pipeline import steps
    from pipeline.models import Review

    now, revision = datetime.now(UTC), sent.number("revision")
    if sent.do == "reject" and not sent.text("note"):
        return "", "say in the note why it is rejected"
    if sent.do not in ("reject", "publish", "hold", "save", "merge") and not sent.on:
        return "", "press one of the buttons"
    said = _said(loaded, digest)
    changed = words(sent, digest, said, reviewer, now)
    wrong = steps.edit(
        loaded,
        digest_id=digest.id,
        words=changed,
        revision=revision or 0,
        editor=reviewer,
        now=now,
        note=sent.text("note"),
    )
    if wrong:
        return "", wrong
    if sent.do in ("publish", "reject"):
        shown = steps.sheet(loaded, digest_id=digest.id).revision
        review = Review(sent.do == "publish", reviewer, sent.text("note"), via="page", revision=shown)
        outcome = steps.decide(loaded, digest_id=digest.id, review=review, now=now)
        return ("published" if review.approved else "rejected"), outcome.get("refused", "")
    if sent.do == "hold":
        return "held", steps.hold(loaded, digest_id=digest.id, reviewer=reviewer, note=sent.text("note"), now=now)
    return _overrule(loaded, digest, sent, reviewer) if sent.do != "save" else "saved", ""


def _overrule(loaded: Settings, digest: StoredDigest, sent: Sent, reviewer: str) -> str:
    """A reviewer's word over the pipeline's, which binds every later run; the draft is made anew with it."""
    from pipeline import steps
    from pipeline.errors import ConfigurationError

    now = datetime.now(UTC)
    word: dict[str, Any] = {
        "actor": reviewer,
        "reason": sent.text("why") or f"in the review of digest {digest.id}",
        "now": now,
    }
    done = sent.do.partition("-")[0]
    if done == "merge":
        left, right = sent.number("left"), sent.number("right")
        if left is None or right is None:
            raise ConfigurationError("choose the two stories that are one")
        steps.merge(loaded, story_id=left, other_id=right, **word)
        done = "merged"
    elif done == "move":
        inside = [item.story_id for item in digest.items for each in item.articles if each.article_id == sent.on]
        steps.split(loaded, story_id=inside[0] if inside else 0, article_ids=[sent.on], **word)
        done = "moved"
    else:
        steps.not_topic(loaded, article_id=sent.on, topic=digest.topic, **word)
    steps.refresh(loaded, digest_id=digest.id, editor=reviewer, now=now, as_of=now)
    return done


def _deliver(loaded: Settings, digest_id: int) -> None:
    """Send what was published, where no waiting run of Airflow will; each channel is sent to once, by whichever."""
    from pipeline import steps

    steps.deliver(loaded, now=datetime.now(UTC), digest_id=digest_id)


def _digest(digest_id: int, user: Any) -> StoredDigest:
    """The digest, for one who may decide on it; 404 where there is none, 403 for anybody else."""
    from pipeline.store import digests

    with reading() as connection:
        found = digests.digest(connection, digest_id)
    if found is None:
        raise HTTPException(404, f"there is no digest {digest_id}")
    if not may_answer(user, digest_dag(found.topic)):
        raise HTTPException(403, "who may answer this topic's pending actions in Airflow may review its digests")
    return found


def _said(loaded: Settings, digest: StoredDigest) -> dict[int, Any]:
    from pipeline.store import reviews

    with reading() as connection:
        return dict(reviews.words(connection, digest.topic, digest.day, datetime.now(UTC)).today)


def _page(
    digest: StoredDigest, user: Any, *, done: str = "", wrong: str = "", sent: Sent | None = None
) -> HTMLResponse:
    from pipeline import settings
    from pipeline.digests import still_coming
    from pipeline.store import reviews

    with reading() as connection:
        asks = [ask for ask in reviews.asks(connection, digest.id) if ask.ended_at is None]
        answers = reviews.answers(connection, digest.id)
        standing = reviews.standing(connection, digest.id)
        following = reviews.next_waiting(connection, digest.id)
    return page(
        "review.html",
        status=409 if wrong else 200,
        section="digests",
        digest=digest,
        said=_said(settings.load(), digest),
        # what was ticked on another text than this one is not ticked on this one
        sent=sent.fields if sent and sent.number("revision") == digest.revision else {},
        note=sent.text("note") if sent else digest.note or "",
        token=token(user, str(digest.id), int(time.time())),
        action=action_path(asks[0].dag_id, asks[0].run_id) if asks else "",
        answers=answers,
        newest=standing.newest_id if standing else digest.id,
        following=following,
        reviewer=name_of(user),
        coming=still_coming(digest.waiting) if digest.state == "draft" else "",
        done=done,
        wrong=wrong,
    )
