"""Which stories of a day a digest shows, in which order, and as what. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.digests import changes, summaries
from pipeline.models import Digest, DigestItem, DroppedStory, StoryArticle, StoryView, publication_order
from pipeline.models.details import Before, Details, Earlier, First
from pipeline.text.tags import primary
from pipeline.topics import Topic


def draft(
    topic: Topic, day: str, stories: Sequence[StoryView], before: Before | None = None, language: str = "en"
) -> Digest:
    """Choose and rank the stories of a day, and say what changed since the digest `before` it.

    Stories rank by independent outlets (copies are none), then outlets, then closeness to the topic; ties by id, so
    that the same rows give the same digest. `language` is the desk's: a story is told in it where it can be.
    """
    before = before or Before()
    ranked = sorted(stories, key=_rank)
    chosen, rest = ranked[: topic.max_stories], ranked[topic.max_stories :]
    items = tuple(
        _item(story, rank, before.earlier.get(story.story_id, ()), language) for rank, story in enumerate(chosen, 1)
    )
    articles = [article for story in stories for article in story.articles]
    digest = Digest(
        topic=topic.slug,
        day=day,
        title=f"{topic.name}: {day}",
        items=items,
        dropped=tuple(
            DroppedStory(story.story_id, f"beyond the {topic.max_stories} stories of a digest") for story in rest
        ),
        articles_seen=len(articles),
        outlets_seen=len({article.outlet for article in articles}),
    )
    return changes.compared(digest, stories, before)


def _rank(story: StoryView) -> tuple[float, float, float, int]:
    return (-float(independent(story.articles)), -float(_outlets(story.articles)), -story.similarity, story.story_id)


def independent(articles: Sequence[StoryArticle]) -> int:
    """Outlets that told it in their own words: a syndicated copy confirms nothing."""
    return len({article.outlet for article in articles if article.copy_of is None})


def _outlets(articles: Sequence[StoryArticle]) -> int:
    return len({article.outlet for article in articles})


def _item(story: StoryView, rank: int, earlier: Sequence[Earlier], language: str) -> DigestItem:
    lead = headline_article(story.articles, language)
    sentences = summaries.cited(lead, story.articles)
    return DigestItem(
        story_id=story.story_id,
        rank=rank,
        headline=lead.title,
        summary=summaries.joined(sentence.text for sentence in sentences),
        status="new",
        score=float(independent(story.articles)),
        outlets=_outlets(story.articles),
        independent=independent(story.articles),
        articles=(lead, *(article for article in story.articles if article is not lead)),
        details=Details(sentences, first(story.articles, earlier)),
    )


def headline_article(articles: Sequence[StoryArticle], language: str = "en") -> StoryArticle:
    """The article that speaks for the story: an own text, in the desk's language where there is one, agencies first,
    earliest."""
    return min(
        articles,
        key=lambda a: (
            a.copy_of is not None,
            primary(a.language) != language,
            a.ownership != "agency",
            publication_order(a.published, stated=a.published_precision),
            a.article_id,
        ),
    )


def first(articles: Sequence[StoryArticle], earlier: Sequence[Earlier] = ()) -> First:
    """Who told a story first: the earliest of those whose hour is known, else of those whose day is."""
    told: list[StoryArticle | Earlier] = sorted((*articles, *earlier), key=lambda a: (a.published, a.article_id))
    known = [article for article in told if article.published_precision == "instant"]
    opened = (known or told)[0]
    bare = any(a.published <= opened.published for a in told if a.published_precision == "day")
    return First(opened.outlet, opened.url, opened.published, bare, opened.published_precision)
