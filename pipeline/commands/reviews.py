"""``wirewatch digest review``: what waits for a reviewer, and several days decided in one go."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import settings as configuration
from pipeline import steps
from pipeline.commands import console
from pipeline.commands.arguments import Signed, signature
from pipeline.models import Review
from pipeline.text import characters

if TYPE_CHECKING:
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
    if publish_all:
        answers = {draft.digest_id: Review(True, reviewer, note, revision=draft.revision) for draft in drafts}
    elif sys.stdin.isatty() and not as_json:
        answers = _asked(drafts, reviewer)
    else:
        _list(drafts, as_json)
        return
    outcomes = steps.catch_up(loaded, answers=answers, now=datetime.now(UTC))
    wrong = False
    for draft in drafts:
        outcome = outcomes.get(draft.digest_id)
        if outcome is None:
            continue
        missing = ", ".join(outcome.get("undelivered", {}))
        said = outcome.get("refused") or outcome["state"] + (f", not delivered yet by {missing}" if missing else "")
        wrong = wrong or "refused" in outcome or bool(missing)
        if as_json:
            console.write_json({"day": draft.day.isoformat(), "topic": draft.topic, **outcome})
        else:
            console.write(f"{draft.day} {draft.topic}, digest {draft.digest_id}: {said}")
    if wrong:
        raise typer.Exit(1)


def _list(drafts: Iterable[Draft], as_json: bool) -> None:
    for draft in drafts:
        if as_json:
            told = {"digest_id": draft.digest_id, "day": draft.day.isoformat(), "topic": draft.topic}
            console.write_json(told | {"asked": draft.asked, "headlines": list(draft.headlines)})
        else:
            console.write(_shown(draft))


def _shown(draft: Draft) -> str:
    asked = "" if draft.asked else "; no action in Airflow asks for it"
    head = f"{draft.day} {draft.topic_name}, digest {draft.digest_id}, {len(draft.headlines)} stories{asked}"
    more = [f"  and {len(draft.headlines) - SHOWN} more"] if len(draft.headlines) > SHOWN else []
    return "\n".join([head, *(f"  - {characters.line(each)}" for each in draft.headlines[:SHOWN]), *more])


def _asked(drafts: Iterable[Draft], reviewer: str) -> dict[int, Review]:
    """What the person at the terminal answers to each; what is skipped goes on waiting."""
    answers: dict[int, Review] = {}
    for draft in drafts:
        console.write(_shown(draft))
        answer = ""
        while answer not in ("p", "r", "s", "q"):
            answer = typer.prompt("publish, reject, skip or quit? [p/r/s/q]", err=True).strip().lower()[:1]
        if answer == "q":
            break
        if answer == "s":
            continue
        said = typer.prompt("why", err=True) if answer == "r" else ""
        answers[draft.digest_id] = Review(answer == "p", reviewer, said, revision=draft.revision)
    return answers
