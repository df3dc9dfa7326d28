"""What changed since the last digest that was published: new, grown, corrected, ended, by what was seen then. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.digests.corrections import correction
from pipeline.digests.summaries import cite, opening, says_else
from pipeline.models import Digest, DigestItem, StoryArticle, StoryView
from pipeline.models.details import Before, Changes, Cited, Earlier, Ended
from pipeline.text.tags import primary


def compared(digest: Digest, stories: Sequence[StoryView], before: Before) -> Digest:
    """The digest with what it says of each story beside the published one before it, and of that one's end.

    `stories` are all of the day, those it leaves out too: a story that goes on elsewhere has not ended. What an editor
    wrote, and which stories stand where, is left as it is.
    """
    corrected = {each.story_id for each in before.revised}
    items = tuple(_item(item, before, item.story_id in corrected) for item in digest.items)
    changes = Changes(before.since, _ended(stories, before), tuple(map(correction, before.revised)))
    return replace(digest, items=items, changes=changes)


def _item(item: DigestItem, before: Before, is_corrected: bool) -> DigestItem:
    seen = [article for article in before.earlier.get(item.story_id, ()) if article.seen]
    grown = _grown(item.articles, seen) if seen else None
    if is_corrected:
        status = "corrected"
    elif not seen:
        status = "new"
    else:
        status = "grown" if grown else "continuing"
    return replace(item, status=status, details=replace(item.details, grown=grown))


def _grown(articles: Sequence[StoryArticle], seen: Sequence[Earlier]) -> Cited | None:
    """The newest article's first sentence that says what no article seen before did, in its language; None where all of
    them only repeat. A language that the story was not told in cannot be compared."""
    known: dict[str | None, list[str]] = {}
    for each in seen:
        known.setdefault(primary(each.language), []).append(each.text)
    ids = {each.article_id for each in seen}
    fresh = [article for article in articles if article.copy_of is None and article.article_id not in ids]
    for article in sorted(fresh, key=lambda a: (a.published, a.article_id), reverse=True):
        texts = known.get(primary(article.language))
        for sentence in opening(article.title, article.lead) if texts else ():
            if says_else(sentence, texts or ()):
                return cite(sentence, article)
    return None


def _ended(stories: Sequence[StoryView], before: Before) -> tuple[Ended, ...]:
    living = {story.story_id for story in stories}
    told = {article.article_id for story in living for article in before.earlier.get(story, ())}
    return tuple(
        Ended(shown.story_id, shown.headline)
        for shown in before.shown
        if shown.story_id not in living and not told & set(shown.article_ids)
    )
