"""``wirewatch digest review``: what waits for a reviewer, and several days decided in one go."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipeline import settings as configuration
from pipeline import steps
from pipeline.commands import console
from pipeline.commands.arguments import Signed, signature
from pipeline.models import Review
from pipeline.text import characters

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.steps.catching_up import Draft

SHOWN = 5
"""Headlines of a draft that its line in the list has."""


def review(
    topic: Annotated[str, typer.Option("--topic", help="Only drafts of this topic.")] = "",
    publish_all: Annotated[
        bool, typer.Option("--all", help="Approve every draft that waits, oldest day first, without asking.")
    ] = False,
    note: Annotated[str, typer.Option(help="The editor's note, shown at the head of each with --all.")] = "",
    signed: Signed = "",
    as_json: Annotated[bool, typer.Option("--json", help="One object per draft and line, for programs.")] = False,
) -> None:
    """Go through the drafts that wait, oldest day first; where nobody is at the terminal, list them."""
    loaded = configuration.load()
    drafts = steps.waiting_drafts(loaded, topic=topic)
    if not drafts:
        console.hint("nothing waits for review")
        return
    reviewer = signature(loaded, signed)
    told = _Told({draft.digest_id: draft for draft in drafts}, as_json)
    if publish_all:
        answers = {draft.digest_id: Review(True, reviewer, note, revision=draft.revision) for draft in drafts}
        outcomes = steps.catch_up(loaded, answers=answers, now=datetime.now(UTC), send=False, said=told)
        _send(loaded, [number for number, outcome in outcomes.items() if outcome["state"] == "published"], told)
    elif sys.stdin.isatty() and not as_json:
        _go_through(loaded, drafts, reviewer, told)
    else:
        _list(drafts, as_json)
    if told.wrong:
        raise typer.Exit(1)


class _Told:
    """Says what became of each draft, in a line, as soon as that is known; `wrong` once anything went wrong."""

    def __init__(self, drafts: Mapping[int, Draft], as_json: bool) -> None:
        self.drafts, self.as_json, self.wrong = drafts, as_json, False

    def __call__(self, digest_id: int, outcome: Mapping[str, Any]) -> None:
        draft = self.drafts[digest_id]
        refused = outcome.get("refused", "")
        self.wrong = self.wrong or bool(refused)
        if self.as_json:
            console.write_json({"day": draft.day.isoformat(), "topic": draft.topic, **outcome})
        else:
            said = f"not taken: {refused}" if refused else outcome["state"]
            console.write(f"{draft.day} {draft.topic}, digest {digest_id}: {said}")

    def undelivered(self, digest_id: int, missing: Mapping[str, str]) -> None:
        draft = self.drafts[digest_id]
        self.wrong = True
        ways = "; ".join(f"{channel} ({why})" for channel, why in missing.items())
        console.hint(
            f"{draft.day} {draft.topic}, digest {digest_id}: is published, and has not reached {ways}. It is tried "
            f"again by itself; `wirewatch digest deliver {digest_id}` tries now"
        )


def _send(loaded: Settings, published: Iterable[int], told: _Told) -> None:
    """Send what was published, in the order of the days; what does not arrive is said."""
    for digest_id in published:
        steps.deliver(loaded, now=datetime.now(UTC), digest_id=digest_id)
        if missing := steps.undelivered(loaded, digest_id=digest_id):
            told.undelivered(digest_id, missing)


def _go_through(loaded: Settings, drafts: Iterable[Draft], reviewer: str, told: _Told) -> None:
    """Ask the person at the terminal for each draft, and carry every answer out before the next is shown.

    What is skipped goes on waiting. Whoever breaks off has lost nothing: what was published by then is sent.
    """
    published = []
    try:
        for listed in drafts:
            now_waiting = {each.digest_id: each for each in steps.waiting_drafts(loaded, topic=listed.topic)}
            draft = now_waiting.get(listed.digest_id)
            if draft is None:
                console.write(f"{listed.day} {listed.topic}, digest {listed.digest_id}: was decided meanwhile")
                continue
            console.write(_shown(draft))
            answer = _answer(reviewer, draft)
            if answer is None:
                break
            if answer:
                outcomes = steps.catch_up(
                    loaded, answers={draft.digest_id: answer}, now=datetime.now(UTC), send=False, said=told
                )
                published += [number for number, outcome in outcomes.items() if outcome["state"] == "published"]
    finally:
        _send(loaded, published, told)


def _answer(reviewer: str, draft: Draft) -> Review | Literal[False] | None:
    """What the person answers to one draft; False where it is skipped, None where they quit."""
    said = ""
    while said not in ("p", "r", "s", "q"):
        said = typer.prompt("publish, reject, skip or quit? [p/r/s/q]", err=True).strip().lower()[:1]
    if said in "sq":
        return False if said == "s" else None
    why = typer.prompt("why", err=True) if said == "r" else ""
    return Review(said == "p", reviewer, why, revision=draft.revision)


def _list(drafts: Iterable[Draft], as_json: bool) -> None:
    for draft in drafts:
        if as_json:
            told = {"digest_id": draft.digest_id, "day": draft.day.isoformat(), "topic": draft.topic}
            console.write_json(told | {"asked": draft.asked, "headlines": list(draft.headlines)})
        else:
            console.write(_shown(draft))


def _shown(draft: Draft) -> str:
    asked = "" if draft.asked else "; not under Required Actions any more"
    head = f"{draft.day} {draft.topic_name}, digest {draft.digest_id}, {len(draft.headlines)} stories{asked}"
    more = [f"  and {len(draft.headlines) - SHOWN} more"] if len(draft.headlines) > SHOWN else []
    return "\n".join([head, *(f"  - {characters.line(each)}" for each in draft.headlines[:SHOWN]), *more])
