"""Look again at the articles of the last hour, all together, so that their order of arrival stops mattering (pure).

An article is placed at once, against what is known then. While it is young its place is provisional: the pass takes
the young articles out of their stories, leaves the older members as they are, and agglomerates both anew.
What comes out depends on the set of articles and hardly on the order in which they came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.stories.decide import Merge, merge_pass
from pipeline.stories.features import ArticleFeatures, Candidate, Profile
from pipeline.stories.index import Bound
from pipeline.stories.model import StoryModel

_ARTICLE = "\0"  # before an article's id where it stands among story ids, in which it cannot occur


@dataclass(frozen=True, slots=True)
class Move:
    """A young article goes from one story to another; `to_id` None opens a new one.

    The articles that open the same new story share `group`, the id of the first of them.
    """

    article_id: str
    from_id: str
    to_id: str | None
    group: str


@dataclass(frozen=True, slots=True)
class Reassignment:
    """What the pass calls for: first the merges, in order, then the moves."""

    merges: tuple[Merge, ...]
    moves: tuple[Move, ...]


def reassign(
    stories: Sequence[Candidate],
    young: Mapping[str, Sequence[ArticleFeatures]],
    model: StoryModel,
    bound: Bound | None = None,
) -> Reassignment:
    """Where the young articles belong, judged together with the stories around them.

    `stories` are those of the young articles and their neighbours, `young` maps a story's id to its young members.
    The copies of a young article stay with it: let its features be the sum of both. The oldest story of a group keeps
    its id; a story that is all young keeps its id with most of its articles.
    """
    bound = bound or Bound()
    free = {story.id: [a for a in young.get(story.id, ()) if a.id not in bound.must_link] for story in stories}
    nodes: list[Candidate] = []
    for story in sorted(stories, key=lambda each: each.opened):
        core = _without(story.profile, free[story.id])
        found = [(story.id, core)] if core.size > 0 else []
        found += [(_ARTICLE + article.id, article.profile) for article in free[story.id]]
        # Articles count as opened one after the other, so that equal scores are decided by nothing but their order.
        nodes += [Candidate(name, float(len(nodes) + at), profile) for at, (name, profile) in enumerate(found)]
    barred = {frozenset((_ARTICLE + article, each)) for article, ids in bound.cannot_link.items() for each in ids}
    barred |= {frozenset(_ARTICLE + article for article in pair) for pair in bound.articles}
    changed = {node.id for node in nodes if node.id.startswith(_ARTICLE)}
    merges = merge_pass(nodes, model, changed=changed, cannot_link={*bound.stories, *barred})
    return _reassignment(stories, free, nodes, merges)


def _without(profile: Profile, articles: Sequence[ArticleFeatures]) -> Profile:
    """The profile of a story without some of its articles."""
    rest = profile.copy()
    for article in articles:
        rest.add(article.profile, -1)
    return rest


def _reassignment(
    stories: Sequence[Candidate],
    free: Mapping[str, Sequence[ArticleFeatures]],
    nodes: Sequence[Candidate],
    merges: Sequence[Merge],
) -> Reassignment:
    opened = {story.id: (story.opened, story.id) for story in stories}
    cores = {node.id for node in nodes if not node.id.startswith(_ARTICLE)}
    origin = {article.id: story_id for story_id, articles in free.items() for article in articles}
    groups = _groups(nodes, merges)
    named = _names(groups, cores, origin, opened)
    why = {merge.other_id: merge for merge in merges}
    found: list[Merge] = []
    moves: list[Move] = []
    for group, name in zip(groups, named, strict=True):
        members = [node.removeprefix(_ARTICLE) for node in group if node.startswith(_ARTICLE)]
        found += [_renamed(why, node, name, merges) for node in group if node in cores and node != name]
        moves += [Move(member, origin[member], name, members[0]) for member in members if origin[member] != name]
    taken_in = {merge.other_id for merge in found}
    whole, rest = _emptied(moves, free, cores | taken_in)
    found += [_renamed(why, _ARTICLE + first, name, merges, other) for other, (name, first) in whole.items()]
    redirected = {merge.other_id: merge.story_id for merge in found}
    carried = [move for move in rest if move.to_id is not None and redirected.get(move.from_id) == move.to_id]
    return Reassignment(tuple(found), tuple(move for move in rest if move not in carried))


def _groups(nodes: Sequence[Candidate], merges: Sequence[Merge]) -> list[list[str]]:
    """The node ids of each group, in the order of `nodes`."""
    into = {merge.other_id: merge.story_id for merge in merges}
    groups: dict[str, list[str]] = {}
    for node in nodes:
        root = node.id
        while root in into:
            root = into[root]
        groups.setdefault(root, []).append(node.id)
    return list(groups.values())


def _names(
    groups: Sequence[Sequence[str]],
    cores: Collection[str],
    origin: Mapping[str, str],
    opened: Mapping[str, tuple[float, str]],
) -> list[str | None]:
    """The story id of each group: its oldest core's, else that of the all-young story it holds most of."""
    names: list[str | None] = []
    claims: list[tuple[int, tuple[float, str], int, str]] = []
    for at, group in enumerate(groups):
        held = [node for node in group if node in cores]
        names.append(min(held, key=lambda story_id: opened[story_id]) if held else None)
        if not held:
            shares = Counter(origin[node.removeprefix(_ARTICLE)] for node in group)
            claims += [(-n, opened[story_id], at, story_id) for story_id, n in shares.items() if story_id not in cores]
    taken: set[str] = set()
    for _, _, at, story_id in sorted(claims):
        if names[at] is None and story_id not in taken:
            names[at] = story_id
            taken.add(story_id)
    return names


def _emptied(
    moves: Sequence[Move], free: Mapping[str, Sequence[ArticleFeatures]], remaining: Collection[str]
) -> tuple[dict[str, tuple[str, str]], list[Move]]:
    """Stories that all their articles leave for one and the same: merges, not moves; and the moves that remain."""
    goals: dict[str, list[Move]] = {}
    for move in moves:
        goals.setdefault(move.from_id, []).append(move)
    whole: dict[str, tuple[str, str]] = {}
    for story_id, leaving in goals.items():
        to_id = leaving[0].to_id
        if story_id in remaining or to_id is None or len(leaving) < len(free[story_id]):
            continue
        if all(move.to_id == to_id for move in leaving):
            whole[story_id] = (to_id, leaving[0].article_id)
    return whole, [move for move in moves if move.from_id not in whole]


def _renamed(
    why: Mapping[str, Merge], node: str, name: str | None, merges: Sequence[Merge], other: str | None = None
) -> Merge:
    """The merge that took `node` in, told of the stories themselves."""
    because = why.get(node) or next(merge for merge in merges if merge.story_id == node)
    assert name is not None
    return Merge(name, other or node, because.score, because.threshold, because.method)
