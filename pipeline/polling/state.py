"""What is remembered of a feed's polling between polls, and its form on the row (``feeds.poll_state``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.models import Validators
from pipeline.polling.hints import UpdateHints

DISTRUST = timedelta(days=30)
"""How long validators stay unused once they were caught lying."""


@dataclass(frozen=True, slots=True)
class PollState:
    """All of it starts empty: ``PollState()`` is a feed that was never asked.

    `interval` and `longest_empty` are seconds. `recent` are the publication times of the newest entries, newest
    first; `newest` the latest publication time ever seen; `held` how many entries the last document had.
    `proven` says that the server was seen to give another validator with another body. `answered_full` is the last
    answer with a body, `answered_304` the last without one. `distrust_until` is set where the validators were caught
    lying. `announced_to` is the new address that the feed gives of itself. `failures` is the weight of failures in a
    row.
    """

    interval: float = 0.0
    polls: int = 0
    started: datetime | None = None
    validators: Validators | None = None
    body_hash: str | None = None
    recent: tuple[datetime, ...] = ()
    newest: datetime | None = None
    held: int = 0
    hints: UpdateHints = UpdateHints()
    proven: bool = False
    answered_full: datetime | None = None
    answered_304: datetime | None = None
    distrust_until: datetime | None = None
    failures: float = 0.0
    failing_since: datetime | None = None
    reason: str | None = None
    paused_since: datetime | None = None
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_polls: int = 0
    announced_to: str | None = None
    announced_since: datetime | None = None
    announced_polls: int = 0
    empty_since: datetime | None = None
    longest_empty: float = 0.0

    def until(self, now: datetime) -> PollState:
        """The same without times that are still to come, which a clock that stood ahead has written.

        What happened, happened by `now`; distrust begins anew with the next lie.
        """
        ahead: dict[str, Any] = {
            name: now for name in _PAST if (time := getattr(self, name)) is not None and time > now
        }
        if self.distrust_until is not None and self.distrust_until > now + DISTRUST:
            ahead["distrust_until"] = None
        recent = tuple(min(time, now) for time in self.recent)
        return replace(self, **ahead, recent=recent) if ahead or recent != self.recent else self

    def to_json(self) -> dict[str, Any]:
        """A JSON object with ISO times; what is empty is left out."""
        return {name: _plain(value) for name, value in asdict(self).items() if value not in (None, (), 0, 0.0)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> PollState:
        """Read `to_json`'s object; keys that are missing stay empty, keys of other versions are ignored."""
        known = {spec.name for spec in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
        for name in _TIMES & values.keys():
            values[name] = datetime.fromisoformat(values[name])
        if "recent" in values:
            values["recent"] = tuple(datetime.fromisoformat(text) for text in values["recent"])
        if "validators" in values:
            values["validators"] = Validators(**values["validators"])
        if "hints" in values:
            hints = values["hints"]
            skips = {name: frozenset(hints[name]) for name in ("skip_hours", "skip_days")}
            values["hints"] = UpdateHints(hints["fresh_for"], hints["period"], **skips)
        return cls(**values)


_PAST = ("started", "answered_full", "answered_304", "failing_since", "paused_since", "moved_since", "empty_since")
_TIMES = frozenset(spec.name for spec in fields(PollState) if spec.type == "datetime | None")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | tuple):
        plain = [_plain(one) for one in value]
        return sorted(plain) if isinstance(value, frozenset) else plain
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value
