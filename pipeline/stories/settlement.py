"""The stories of a stretch of time as its articles alone call for them, however these came (pure).

An article is placed when it arrives, among those that are there by then; a worker that died or one more beside it make
other batches, and passes look at other sets. `settle` tells the same articles once more in an order of their own, by
the same orchestration over an index in memory, and names what comes out by the stories that there are. What it gives
depends on the articles, their copies and what is fixed, and on nothing that happened on the way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.stories.index import Bound
from pipeline.stories.memory_index import MemoryIndex
from pipeline.stories.model import StoryModel
from pipeline.stories.orchestration import Arrival
from pipeline.stories.stream import StoryStream

_FIXED = "\1"  # before the id of a story that is there already; one opened here goes by its first article


@dataclass(frozen=True, slots=True)
class Member:
    """An article in its story; `identity` is what it is known by in every database, `fixed`: it stays there."""

    arrival: Arrival
    identity: str
    story_id: str
    fixed: bool = False

    @property
    def id(self) -> str:
        """The article's id."""
        return self.arrival.document.id


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word about stories: article -> stories it may not be in, and stories that are kept apart.

    `templates` is what texts say: article -> those that report another event in the same form of words.
    """

    cannot_link: Mapping[str, Collection[str]] = field(default_factory=dict)
    apart: Collection[frozenset[str]] = ()
    templates: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be done: stories merged into others (gone -> kept), and articles moved, a group at a time.

    A group goes from one story to another, or (None) to a new one; groups with one `opens` share it.
    """

    merges: tuple[tuple[str, str], ...]
    moves: tuple[Regrouping, ...]


@dataclass(frozen=True, slots=True)
class Regrouping:
    """Articles that leave `from_id` for `to_id`; where that is None, for the new story of the group `opens`."""

    article_ids: tuple[str, ...]
    from_id: str
    to_id: str | None
    opens: str


class SettlingIndex(MemoryIndex):
    """Stories in memory, of which some are there already: what is fixed is put into them, by a must-link."""

    def __init__(self, model: StoryModel, members: Sequence[Member], said: Said) -> None:
        super().__init__(model)
        self._fixed = {member.id: _FIXED + member.story_id for member in members if member.fixed}
        self._said = said
        self.apart = said.templates
        for story_id in sorted({*self._fixed.values()}, key=_age):
            self._opened[story_id] = _age(story_id) - 1e15  # older than any that opens here

    def bound(self, article_ids: Collection[str], story_ids: Collection[str] = ()) -> Bound:
        """What is fixed, and what a person or the texts keep apart, by the ids of this index."""
        texts = super().bound(article_ids, story_ids)
        fixed = {each: self.resolve(self._fixed[each]) for each in article_ids if each in self._fixed}
        barred = {each: set(stories) for each, stories in texts.cannot_link.items()}
        for each in article_ids:
            for story_id in self._said.cannot_link.get(each, ()):
                barred.setdefault(each, set()).add(self.resolve(_FIXED + story_id))
        apart = {frozenset(self.resolve(_FIXED + story_id) for story_id in pair) for pair in self._said.apart}
        return Bound(fixed, barred, {*apart, *texts.stories}, texts.articles)


def _age(story_id: str) -> float:
    return float(story_id.removeprefix(_FIXED))


def settle(
    members: Sequence[Member], model: StoryModel, *, said: Said | None = None, kept: Collection[str] = ()
) -> Settlement:
    """Where the articles that are not fixed belong, and which stories are one.

    `kept` are stories that have more articles than those given: they may lose some of these, but are not merged away.
    Which articles end up together does not depend on the order of `members`, nor on the ids of articles and stories.
    """
    index = SettlingIndex(model, members, said or Said())
    stream = StoryStream(model, in_order=True, index=index)
    vectors = {member.id: member.arrival.vector for member in members}
    for member in told(members):
        arrival = member.arrival
        origin = arrival.copy_of if arrival.copy_of in vectors else None
        stream.place(arrival.document, vectors[origin or member.id], copy_of=origin, topic=arrival.topic)
    stream.reassign()
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        groups[stream.current(member.id)].append(member)
    return _settlement(groups, index, set(kept))


def told(members: Sequence[Member]) -> Iterator[Member]:
    """The articles in the order in which they are told: by publication and identity, each copy after its origin."""
    by_id = {member.id: member for member in members}
    left = dict.fromkeys(member.id for member in sorted(members, key=_when))
    while left:
        chain = [next(iter(left))]
        while (above := by_id[chain[-1]].arrival.copy_of) is not None and above in left and above not in chain:
            chain.append(above)
        for each in reversed(chain):
            del left[each]
            yield by_id[each]


def _when(member: Member) -> tuple[float, str]:
    published = member.arrival.document.published
    return (0.0 if published is None else published.timestamp(), member.identity)


# --- names ------------------------------------------------------------------------------------------------


def _settlement(groups: Mapping[str, Sequence[Member]], index: SettlingIndex, kept: Collection[str]) -> Settlement:
    fixed = {member.story_id for group in groups.values() for member in group if member.fixed}
    into = {story_id: index.resolve(_FIXED + story_id).removeprefix(_FIXED) for story_id in fixed}
    merges = {gone: story_id for gone, story_id in into.items() if gone != story_id}
    names = _names(groups, fixed)
    moves: list[Regrouping] = []
    for group, members in groups.items():
        leaving: dict[str, list[str]] = defaultdict(list)
        for member in members:
            if into.get(member.story_id, member.story_id) != names[group] and not member.fixed:
                leaving[member.story_id].append(member.id)
        moves += [Regrouping(tuple(ids), story_id, names[group], group) for story_id, ids in leaving.items()]
    whole = _emptied(moves, groups, names, fixed | set(kept))
    merges |= whole
    return Settlement(tuple(merges.items()), tuple(move for move in moves if whole.get(move.from_id, "") != move.to_id))


def _names(groups: Mapping[str, Sequence[Member]], fixed: Collection[str]) -> dict[str, str | None]:
    """The story whose id each group keeps: its oldest fixed one, else the one most of whose articles it holds.

    None where others hold more of each: the group opens a story.
    """
    names: dict[str, str | None] = {}
    claims: list[tuple[int, int, str]] = []
    for group, members in groups.items():
        held = [int(member.story_id) for member in members if member.fixed]
        names[group] = group.removeprefix(_FIXED) if group.startswith(_FIXED) else str(min(held)) if held else None
        if names[group] is None:
            shares = Counter(member.story_id for member in members)
            claims += [(-n, int(story_id), group) for story_id, n in shares.items() if story_id not in fixed]
    taken: set[str] = set()
    for _, story_id, group in sorted(claims):
        if names[group] is None and str(story_id) not in taken:
            names[group] = str(story_id)
            taken.add(str(story_id))
    return names


def _emptied(
    moves: Sequence[Regrouping],
    groups: Mapping[str, Sequence[Member]],
    names: Mapping[str, str | None],
    remaining: Collection[str],
) -> dict[str, str]:
    """Stories that lose every article, each with the story that takes most of them: it is merged into that one."""
    staying = {name for name in names.values() if name is not None} | set(remaining)
    most: dict[str, tuple[int, int, str]] = {}
    for move in moves:
        if move.from_id not in staying and move.to_id is not None:
            most[move.from_id] = min(
                most.get(move.from_id, (1, 0, "")), (-len(move.article_ids), int(move.to_id), move.to_id)
            )
    return {story_id: goal for story_id, (_, _, goal) in most.items()}
