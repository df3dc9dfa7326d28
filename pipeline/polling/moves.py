"""When a feed has moved: by permanent redirects, or because it says so itself. Pure: `now` is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline import urls
from pipeline.models import Hop
from pipeline.polling.state import PollState

#: A permanent redirect, or an announced address, moves the feed once it was seen this often over this time.
MOVE_POLLS, MOVE_AFTER = 3, timedelta(hours=24)
#: An announced address that turned out to be no feed, or another one, is tried again after this time.
REFUSED_FOR = timedelta(days=7)


def redirected(state: PollState, hops: Sequence[Hop], now: datetime) -> tuple[PollState, str | None]:
    """The state after an answer behind these hops, and the address that the feed has from now on, where it moved."""
    target = None
    for hop in hops:
        if hop.status not in (301, 308):
            break
        target = hop.url
    if target is None or urls.too_long(target):
        return replace(state, moved_to=None, moved_since=None, moved_polls=0), None
    if target != state.moved_to:
        return replace(state, moved_to=target, moved_since=now, moved_polls=1), None
    state = replace(state, moved_polls=state.moved_polls + 1)
    since = state.moved_since or now
    if state.moved_polls < MOVE_POLLS or now - since < MOVE_AFTER:
        return state, None
    return replace(state, moved_to=None, moved_since=None, moved_polls=0), target


def announced(state: PollState, was_read: bool, target: str | None, now: datetime) -> PollState:
    """The state after an answer whose document names `target` as the feed's new address.

    An answer without a document (`was_read` is False) repeats what the last document said.
    """
    if not was_read:
        return replace(state, announced_polls=state.announced_polls + 1) if state.announced_to else state
    if target is not None and target == state.announced_to:
        return replace(state, announced_polls=state.announced_polls + 1)
    if target is None:
        return replace(state, announced_to=None, announced_since=None, announced_polls=0)
    return replace(state, announced_to=target, announced_since=now, announced_polls=1)


def address_to_try(state: PollState, now: datetime) -> str | None:
    """The address to ask in place of the feed's own, once it was announced often and long enough; None before.

    A feed that fails at its own address is looked for at the announced one at once.
    """
    since = state.announced_since or now
    if state.announced_to is None or since > now:
        return None
    often = state.announced_polls >= MOVE_POLLS and now - since >= MOVE_AFTER
    return state.announced_to if often or state.failing_since is not None else None


def refused(state: PollState, now: datetime) -> PollState:
    """The state after the announced address answered with no feed, or with another one: it waits a week."""
    return replace(state, announced_since=now + REFUSED_FOR, announced_polls=0, polls=state.polls + 1)


def followed(state: PollState) -> PollState:
    """The state after the feed has taken the announced address."""
    return replace(state, announced_to=None, announced_since=None, announced_polls=0)
