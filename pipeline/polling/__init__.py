"""When to ask a feed again, and why: intervals learned from its own rhythm, hints, failures and health (pure)."""

from pipeline.polling.moves import address_to_try, followed
from pipeline.polling.schedule import (
    POLL_COST,
    Bounds,
    PollDecision,
    PollOutcome,
    body_hash,
    longest_wait,
    next_poll,
    refused,
    update_hints,
    validators_for,
)

__all__ = [
    "POLL_COST",
    "Bounds",
    "PollDecision",
    "PollOutcome",
    "address_to_try",
    "body_hash",
    "followed",
    "longest_wait",
    "next_poll",
    "refused",
    "update_hints",
    "validators_for",
]
