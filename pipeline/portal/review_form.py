"""What a reviewer sent from the review page, as words on stories and one thing to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from pipeline.edits import Word
from pipeline.text import characters


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of the form; `do` is the button, such as ``publish`` or ``off-12`` of article 12."""

    fields: Mapping[str, str]

    @classmethod
    def of(cls, body: bytes) -> Sent:
        """The form as browsers encode it. Raises `ValueError` where it has more fields than any page of ours."""
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=5000)
        return cls(dict(pairs))

    def text(self, name: str) -> str:
        """A field without what no store takes; empty where it is missing."""
        return characters.note(self.fields.get(name, ""))

    def number(self, name: str) -> int | None:
        """A field as a whole number from 1; None where it is none."""
        raw = self.fields.get(name, "").strip()
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 and int(raw) > 0 else None

    @property
    def do(self) -> str:
        """The button that was pressed."""
        return self.fields.get("do", "")

    @property
    def on(self) -> int:
        """The article that the button is about; 0 where it is about none."""
        raw = self.do.partition("-")[2]
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0


def words(sent: Sent, digest: Any, said: Mapping[int, Word], actor: str, now: datetime) -> list[Word]:
    """What changed by the form, of the stories that the digest shows and of those it left out.

    `said` is what was said of them before, which stays where the form says nothing else.
    """
    moved = any((sent.number(f"place-{item.story_id}") or item.rank) != item.rank for item in digest.items)
    found = []
    for item in digest.items:
        before = said.get(item.story_id) or Word(item.story_id, digest.day, actor, now)
        headline, summary = sent.text(f"headline-{item.story_id}"), sent.text(f"summary-{item.story_id}")
        after = replace(
            before,
            dropped=f"keep-{item.story_id}" not in sent.fields,
            pulled_in=before.pulled_in and f"keep-{item.story_id}" in sent.fields,
            pinned=f"top-{item.story_id}" in sent.fields,
            place=(sent.number(f"place-{item.story_id}") or item.rank) if moved else before.place,
            headline=before.headline if headline in ("", item.headline) else characters.title(headline),
            summary=before.summary if _same(summary, item.summary) else summary,
        )
        if after != before:
            found.append(replace(after, actor=actor, at=now))
    return found + _pulled(sent, digest.drops, digest.day, said, actor, now)


def _same(sent: str, shown: str) -> bool:
    return not sent or sent.split() == shown.split()


def _pulled(
    sent: Sent, drops: Sequence[Any], day: Any, said: Mapping[int, Word], actor: str, now: datetime
) -> list[Word]:
    wanted = [drop.story_id for drop in drops if f"pull-{drop.story_id}" in sent.fields]
    before = [said.get(story_id) or Word(story_id, day, actor, now) for story_id in wanted]
    return [replace(word, dropped=False, pulled_in=True, actor=actor, at=now) for word in before]
