"""When to ask a feed again, and why: intervals learned from its own rhythm, hints, failures and health (pure)."""

from pipeline.polling.schedule import (
    POLL_COST,
    Bounds,
    PollDecision,
    PollOutcome,
    body_hash,
    longest_wait,
    next_poll,
    update_hints,
    validators_for,
)

__all__ = [
    "POLL_COST",
    "Bounds",
    "PollDecision",
    "PollOutcome",
    "body_hash",
    "longest_wait",
    "next_poll",
    "update_hints",
    "validators_for",
]
