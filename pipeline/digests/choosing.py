"""Which stories of a day a digest shows, in which order, and as what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.digests.summaries import SUMMARY, summary
from pipeline.models import Digest, DigestItem, DroppedStory, StoryArticle, StoryView
from pipeline.topics import Topic


def draft(topic: Topic, day: str, stories: Sequence[StoryView], before: Mapping[int, int]) -> Digest:
    """Choose and rank the stories of a day.

    `before` maps the ids of the previous digest's stories to the number of articles they had in it. Stories
    rank by independent outlets (copies are none), then outlets, then closeness to the topic; ties by id, so
    that the same rows give the same digest.
    """
    ranked = sorted(stories, key=_rank)
    chosen, rest = ranked[: topic.max_stories], ranked[topic.max_stories :]
    items = tuple(_item(story, rank, before) for rank, story in enumerate(chosen, 1))
    articles = [article for story in stories for article in story.articles]
    return Digest(
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


def _rank(story: StoryView) -> tuple[float, float, float, int]:
    return (-float(independent(story.articles)), -float(_outlets(story.articles)), -story.similarity, story.story_id)


def independent(articles: Sequence[StoryArticle]) -> int:
    """Outlets that told it in their own words: a syndicated copy confirms nothing."""
    return len({article.outlet for article in articles if article.copy_of is None})


def _outlets(articles: Sequence[StoryArticle]) -> int:
    return len({article.outlet for article in articles})


def _item(story: StoryView, rank: int, before: Mapping[int, int]) -> DigestItem:
    lead = headline_article(story.articles)
    known = before.get(story.story_id)
    status = "new" if known is None else "developing" if len(story.articles) > known else "continuing"
    return DigestItem(
        story_id=story.story_id,
        rank=rank,
        headline=lead.title,
        summary=summary(lead.title, lead.lead, SUMMARY),
        status=status,
        score=float(independent(story.articles)),
        outlets=_outlets(story.articles),
        independent=independent(story.articles),
        articles=(lead, *(article for article in story.articles if article is not lead)),
    )


def headline_article(articles: Sequence[StoryArticle]) -> StoryArticle:
    """The article that speaks for the story: an own text, in English where there is one, agencies first, earliest."""
    return min(
        articles,
        key=lambda a: (a.copy_of is not None, a.language != "en", a.ownership != "agency", a.published, a.article_id),
    )
