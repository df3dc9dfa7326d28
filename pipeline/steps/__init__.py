"""The verbs: each takes the settings, works off what waits for it in Postgres, and returns its counts.

Any number of workers may run the same verb; running one twice changes nothing.
A verb is loaded when it is first asked for: polling needs no scipy, and a command answers in half the time. Those
that a schedule calls whether there is work or not are loaded when there is (`waiting`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.steps.alerting import alert
    from pipeline.steps.backfilling import backfill, sole_backfill
    from pipeline.steps.catching_up import catch_up, waiting_drafts
    from pipeline.steps.checking import check, check_thresholds
    from pipeline.steps.claiming import claim_coverage
    from pipeline.steps.clustering import cluster
    from pipeline.steps.delivering import complete
    from pipeline.steps.digesting import digest_markdown, draft, has_anything, refresh
    from pipeline.steps.examining import examine
    from pipeline.steps.listing import add_feed, check_feeds, discover, export_feeds, import_feeds, import_seed_list
    from pipeline.steps.maintaining import maintain
    from pipeline.steps.notifying import tell, tell_of_review, tell_of_run
    from pipeline.steps.overruling import merge, not_topic, pin, split
    from pipeline.steps.polling import poll
    from pipeline.steps.pushing import keep_pushed
    from pipeline.steps.reviewing import (
        ask,
        asked_revision,
        decide,
        drafted,
        edit,
        end_ask,
        hold,
        is_waiting,
        objection,
        publish,
        refuse,
        sheet,
        times_asked,
        undelivered,
        wants_asking,
    )
    from pipeline.steps.settling import settle
    from pipeline.steps.speaking import language_gaps
    from pipeline.steps.waiting import deliver, due_batches, embed, extract, find_copies, match, place, reassign, shares
    from pipeline.steps.watching import lights, lights_of, watch

__all__ = [
    "add_feed",
    "alert",
    "ask",
    "asked_revision",
    "backfill",
    "catch_up",
    "check",
    "check_feeds",
    "check_thresholds",
    "claim_coverage",
    "cluster",
    "complete",
    "decide",
    "deliver",
    "digest_markdown",
    "discover",
    "draft",
    "drafted",
    "due_batches",
    "edit",
    "embed",
    "end_ask",
    "examine",
    "export_feeds",
    "extract",
    "find_copies",
    "has_anything",
    "hold",
    "import_feeds",
    "import_seed_list",
    "is_waiting",
    "keep_pushed",
    "language_gaps",
    "lights",
    "lights_of",
    "maintain",
    "match",
    "merge",
    "not_topic",
    "objection",
    "pin",
    "place",
    "poll",
    "publish",
    "reassign",
    "refresh",
    "refuse",
    "settle",
    "shares",
    "sheet",
    "sole_backfill",
    "split",
    "tell",
    "tell_of_review",
    "tell_of_run",
    "times_asked",
    "undelivered",
    "waiting_drafts",
    "wants_asking",
    "watch",
]

_HOMES = {
    "add_feed": "listing",
    "alert": "alerting",
    "ask": "reviewing",
    "asked_revision": "reviewing",
    "backfill": "backfilling",
    "catch_up": "catching_up",
    "check": "checking",
    "check_feeds": "listing",
    "check_thresholds": "checking",
    "claim_coverage": "claiming",
    "cluster": "clustering",
    "complete": "delivering",
    "decide": "reviewing",
    "deliver": "waiting",
    "digest_markdown": "digesting",
    "discover": "listing",
    "draft": "digesting",
    "drafted": "reviewing",
    "due_batches": "waiting",
    "edit": "reviewing",
    "embed": "waiting",
    "end_ask": "reviewing",
    "examine": "examining",
    "export_feeds": "listing",
    "extract": "waiting",
    "find_copies": "waiting",
    "has_anything": "digesting",
    "hold": "reviewing",
    "import_feeds": "listing",
    "import_seed_list": "listing",
    "is_waiting": "reviewing",
    "keep_pushed": "pushing",
    "language_gaps": "speaking",
    "lights": "watching",
    "lights_of": "watching",
    "maintain": "maintaining",
    "match": "waiting",
    "merge": "overruling",
    "not_topic": "overruling",
    "objection": "reviewing",
    "pin": "overruling",
    "place": "waiting",
    "poll": "polling",
    "publish": "reviewing",
    "reassign": "waiting",
    "refresh": "digesting",
    "refuse": "reviewing",
    "settle": "settling",
    "shares": "waiting",
    "sheet": "reviewing",
    "sole_backfill": "backfilling",
    "split": "overruling",
    "tell": "notifying",
    "tell_of_review": "notifying",
    "tell_of_run": "notifying",
    "times_asked": "reviewing",
    "undelivered": "reviewing",
    "waiting_drafts": "catching_up",
    "wants_asking": "reviewing",
    "watch": "watching",
}


def __getattr__(name: str) -> Any:
    """The verb of this name, from the module that it lives in (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
