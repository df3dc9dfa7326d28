"""A day's stories become a digest: chosen, ranked, compared with yesterday, rendered. Pure.

Markdown is the one form that is written here; HTML is made from it, with raw HTML off, so that what the
reviewer read is what is published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape as escape_html
from importlib import resources
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt

from pipeline.models import (
    Digest,
    DigestItem,
    DroppedStory,
    PublishedDigest,
    StillComing,
    StoryArticle,
    StoryView,
    precision,
)
from pipeline.text import datelines
from pipeline.text.characters import storable
from pipeline.text.folding import letters
from pipeline.topics import Topic

# Length of the extract under a headline, characters: two to three sentences of agency copy.
SUMMARY = 420
_UNLINKABLE = re.compile(r"[\s<>]")  # what would end an address in Markdown
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
# What renderers of GitHub's Markdown, such as Airflow's, make a link of without being asked (GFM 0.29, section 6.9):
# they do so after escapes are read, so that only code is left alone.
_LINKABLE = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»』」)]?\s+|(?<=[。！？])")
_SENTENCE = re.compile(r"[.!?…؟।][\"”»』」)]*(?:\s|$)|[。！？]")
# What an agency puts before a text that it corrects or updates: "(Corrects name in paragraph 3)".
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）")
_ATOM = "http://www.w3.org/2005/Atom"


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


def summary(title: str, text: str, limit: int) -> str:
    """The first sentences of an article's own prose, up to `limit` characters.

    `text` has one paragraph per line. What stands before the prose is passed over: the headline, a section's name, the
    byline, a line with the date, a note in brackets; so is the dateline that opens the first sentence. A text that is
    nothing else is taken as it stands.
    """
    paragraphs = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    first = next((n for n, paragraph in enumerate(paragraphs) if _is_prose(paragraph, title)), None)
    if first is None:
        return extract(text, limit)
    # A standfirst before the dateline says what the first sentence says again.
    opened = next((n for n in range(first, min(first + 3, len(paragraphs))) if datelines.length(paragraphs[n])), first)
    prose = paragraphs[opened][datelines.length(paragraphs[opened]) :]
    rest = (p for p in paragraphs[opened + 1 :] if _SENTENCE.search(p) and letters(p) != letters(title))
    return extract(" ".join((prose, *rest)), limit)


def _is_prose(paragraph: str, title: str) -> bool:
    """Whether a paragraph is a sentence of the article, not a label, a byline or the headline again."""
    if letters(paragraph) == letters(title) or datelines.is_credit(paragraph) or _ASIDE.fullmatch(paragraph):
        return False
    return _SENTENCE.search(paragraph) is not None and (len(paragraph.split()) > 4 or len(letters(paragraph)) > 24)


def extract(text: str, limit: int) -> str:
    """The first whole sentences of `text` within `limit` characters; a too long first one is cut with an ellipsis."""
    text = " ".join(text.split())
    taken = ""
    for sentence in _SENTENCE_END.split(text):
        candidate = f"{taken} {sentence.strip()}".strip()
        if len(candidate) > limit:
            break
        taken = candidate
    if taken or not text:
        return taken
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def escape(text: str) -> str:
    """Text from outside, safe inside Markdown: nothing in a headline becomes a link, a heading or HTML.

    An address in it is shown as code.
    """
    text = " ".join(storable(text).split())
    pieces, position = [], 0
    for found in _LINKABLE.finditer(text):
        pieces += [_escaped(text[position : found.start()]), "`", found[0].replace("`", "'"), "`"]
        position = found.end()
    return "".join([*pieces, _escaped(text[position:])])


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _link(text: str, url: str) -> str:
    if not url.startswith(("http://", "https://")):
        return escape(text)
    return f"[{escape(text)}](<{_UNLINKABLE.sub(lambda found: quote(found[0]), storable(url))}>)"


def to_markdown(digest: Digest, topic: Topic, note: str = "") -> str:
    """The digest as Markdown: what the reviewer reads in Airflow and what is published."""
    lines = [f"# {escape(topic.name)}", "", f"**{digest.day}** · {_totals(digest)}", ""]
    if digest.corrects is not None:
        lines += [f"*Corrected: this replaces version {digest.corrects} of this day.*", ""]
    for paragraph in note.splitlines():
        lines += [f"> {escape(paragraph)}" if paragraph.strip() else ">"]
    if note:
        lines += [""]
    if not digest.items:
        lines += [nothing(digest), ""]
    for item in digest.items:
        lines += _item_lines(item)
    smaller = [drop for drop in digest.dropped if drop.actor == "pipeline"]
    if smaller:
        lines += [f"*Left out: {len(smaller)} smaller stories ({escape(smaller[0].reason)}).*", ""]
    return "\n".join(lines).rstrip() + "\n"


def nothing(digest: Digest) -> str:
    """Why a digest has no story, in a sentence."""
    left = sum(drop.actor != "pipeline" for drop in digest.dropped)
    if not left:
        return "No story of this topic was published on this day."
    return (
        f"All stories of this day were left out in review: {left}."
        if left > 1
        else "The one story of this day was left out in review."
    )


def _totals(digest: Digest) -> str:
    stories = "1 story" if len(digest.items) == 1 else f"{len(digest.items)} stories"
    return f"{stories} from {digest.articles_seen} articles at {digest.outlets_seen} outlets"


def _item_lines(item: DigestItem) -> list[str]:
    lead = item.articles[0]
    outlets = "1 outlet" if item.outlets == 1 else f"{item.outlets} outlets"
    lines = [
        f"## {item.rank}. {escape(item.headline)}",
        "",
        f"*{item.status} · {outlets}, {item.independent} independent · story {item.story_id}*",
        "",
        f"{escape(item.summary)} — {escape(lead.outlet)}",
        "",
    ]
    for article in item.articles:
        marks = [mark for mark in (article.country, article.language, article.ownership) if mark]
        copy = ", copy" if article.copy_of is not None else ""
        known = "%d %b" if precision(article.published) == "day" else "%d %b %H:%M UTC"
        when = article.published.astimezone(UTC).strftime(known)
        lines.append(
            f"- {_link(article.title, article.url)} — {escape(article.outlet)} ({', '.join(marks)}{copy}), {when}"
        )
    lines.append("")
    return lines


def still_coming(waiting: StillComing) -> str:
    """One sentence on what a day's digest cannot show yet; empty where it shows all."""
    said = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (waiting.held, "is being fetched", "are being fetched"),
            (waiting.to_fetch, "is to be fetched", "are to be fetched"),
            (waiting.to_retry, "is asked for again later", "are asked for again later"),
            (waiting.to_place, "waits for its story", "wait for their stories"),
            (waiting.set_aside, "was set aside by a fault", "were set aside by faults"),
        )
        if count
    ]
    parts = []
    if waiting.articles:
        subject = "1 article is" if waiting.articles == 1 else f"{waiting.articles} articles are"
        parts.append(f"{subject} still on the way: {', '.join(said)}.")
    if waiting.unjudged:
        subject = "1 entry is" if waiting.unjudged == 1 else f"{waiting.unjudged} entries are"
        parts.append(f"{subject} not judged yet.")
    return " ".join(parts)


def for_review(markdown: str, waiting: StillComing) -> str:
    """A draft as its reviewer reads it: above its stories, what is still on the way."""
    said = still_coming(waiting)
    if not said:
        return markdown
    title, _, rest = markdown.partition("\n")
    return f"{title}\n\n> {said}\n{rest}"


def to_html(markdown: str) -> str:
    """The Markdown as HTML; raw HTML is shown as text and only http, https and mailto links are made."""
    return str(MarkdownIt("commonmark", {"html": False, "linkify": False}).render(markdown))


def to_page(title: str, html: str) -> str:
    """A page that stands alone, for the published digest."""
    template = (resources.files("pipeline") / "data" / "digest.html").read_text(encoding="utf-8")
    return template.replace("{{ title }}", escape_html(title)).replace("{{ body }}", html)


def to_atom(topic: Topic, published: Sequence[PublishedDigest], now: datetime, base: str) -> bytes:
    """An Atom feed of published digests, newest first.

    An entry links to the digest's page in the Airflow UI at `base`, or, without one, to the file beside the feed.
    """
    feed = ET.Element("feed", xmlns=_ATOM)
    identity = f"urn:wirewatch:{topic.slug}"
    for tag, text in (("id", identity), ("title", topic.name), ("updated", now.isoformat())):
        ET.SubElement(feed, tag).text = text
    ET.SubElement(ET.SubElement(feed, "author"), "name").text = "Wirewatch"
    for each in published:
        entry = ET.SubElement(feed, "entry")
        updated = each.published_at.isoformat()
        for tag, text in (("id", f"{identity}:{each.day}"), ("title", each.title), ("updated", updated)):
            ET.SubElement(entry, tag).text = text
        ET.SubElement(entry, "link", href=f"{base}/wirewatch/digests/{each.id}" if base else f"{each.day}.html")
        ET.SubElement(entry, "content", type="html").text = each.html
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))
