"""The sums of stories as rows, and those read lately kept, each as long as its row says that nothing changed."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern

import numpy as np
from psycopg.types.json import Jsonb

from pipeline.database import Connection, run
from pipeline.database.rows import ask
from pipeline.store.vectors import from_binary, to_text
from pipeline.stories.features import Candidate, Profile

KEPT = 2400
"""Profiles kept in a process: the candidates of a batch, for which its merge pass and the reassignment ask again."""
KEPT_TERMS = 1_000_000
"""Terms that they may hold together, some 200 MB: as many stories of a few articles, and few of hundreds."""


@dataclass(frozen=True, slots=True)
class Version:
    """A story and the version of its sums; of a neighbour, with its cosine distance, 0..2."""

    story_id: int
    changed: datetime
    distance: float = 0.0


@dataclass(frozen=True, slots=True)
class _Sums:
    """A row of `story_profiles` in binary form; the two sums of vectors as bytes."""

    story_id: int
    changed: datetime
    size: int
    dense: bytes
    scaled: bytes
    terms: list[str]
    weights: list[float]
    scaled_weights: list[float]
    lengths: float
    dated: int
    times: float
    first_day: float
    last_day: float
    languages: dict[str, int]


# `changed` is a row's version: no two writes of a story have the same time of the clock, whoever made them.
# One version of a story is kept, as no one asks for an older one again.
class _Kept:
    """Stories read lately, the one asked for last at the end, at most `KEPT` with `KEPT_TERMS` together."""

    def __init__(self) -> None:
        self.stories: OrderedDict[tuple[int, int], tuple[datetime, Candidate]] = OrderedDict()
        self._terms = 0
        self._lock = threading.Lock()

    def known(self, model_id: int, versions: Iterable[tuple[int, datetime]]) -> dict[int, Candidate]:
        """Those of these versions that are kept, by story."""
        found = {}
        with self._lock:
            for story_id, changed in versions:
                held = self.stories.get((model_id, story_id))
                if held is not None and held[0] == changed:
                    self.stories.move_to_end((model_id, story_id))
                    found[story_id] = held[1]
        return found

    def keep(self, model_id: int, versions: Mapping[int, tuple[datetime, Candidate]]) -> None:
        """Keep these in the place of other versions of the same stories; those asked for longest ago go."""
        with self._lock:
            for story_id, version in versions.items():
                self._forget(self.stories.pop((model_id, story_id), None))
                self.stories[model_id, story_id] = version
                self._terms += len(version[1].profile.terms)
            while len(self.stories) > KEPT or self._terms > KEPT_TERMS:
                self._forget(self.stories.popitem(last=False)[1])

    def _forget(self, version: tuple[datetime, Candidate] | None) -> None:
        self._terms -= 0 if version is None else len(version[1].profile.terms)


_kept = _Kept()


def read(connection: Connection, versions: Iterable[Version], model_id: int) -> list[Candidate]:
    """The stories of these versions, in their order; they are shared, so that who changes a profile copies it first."""
    wanted = [(version.story_id, version.changed) for version in versions]
    known = _kept.known(model_id, wanted)
    if missing := [story_id for story_id, _ in wanted if story_id not in known]:
        rows = ask(connection, _Sums, "stories.profiles", ids=missing, model_id=model_id, binary=True).fetchall()
        fresh = {row.story_id: (row.changed, _candidate(row)) for row in rows}
        _kept.keep(model_id, fresh)
        known |= {story_id: story for story_id, (_, story) in fresh.items()}
    return [known[story_id] for story_id, _ in wanted if story_id in known]


def _candidate(row: _Sums) -> Candidate:
    # One string for all profiles with the term.
    terms = zip(map(intern, row.terms), zip(row.weights, row.scaled_weights, strict=True), strict=True)
    profile = Profile(
        size=row.size,
        dense=np.stack([from_binary(row.dense), from_binary(row.scaled)]),
        terms=dict(terms),
        lengths=row.lengths,
        dated=row.dated,
        times=row.times,
        first=row.first_day,
        last=row.last_day,
        languages=Counter({key or None: count for key, count in row.languages.items()}),
    )
    # Ids are given in order of opening, so that the id is the age.
    return Candidate(str(row.story_id), float(row.story_id), profile)


def save(connection: Connection, story_id: int, model_id: int, profile: Profile) -> None:
    """Write the sums of a story, whose articles are dated."""
    sums = np.array(list(profile.terms.values()), dtype=np.float32).reshape(-1, 2)
    run(
        connection,
        "stories.save_profile",
        story_id=story_id,
        model_id=model_id,
        size=profile.size,
        dense=to_text(profile.dense[0]),
        scaled=to_text(profile.dense[1]),
        terms=list(profile.terms),
        weights=sums[:, 0].tolist(),
        scaled_weights=sums[:, 1].tolist(),
        lengths=profile.lengths,
        dated=profile.dated,
        times=profile.times,
        first_day=profile.first,
        last_day=profile.last,
        languages=Jsonb({key or "": count for key, count in profile.languages.items() if count}),
    )
