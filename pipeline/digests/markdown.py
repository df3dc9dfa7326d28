"""The digest as Markdown: what the reviewer reads in Airflow and what is published. Pure.

Nothing of a stranger's text becomes markup in it.
"""

from __future__ import annotations

import re
from datetime import UTC
from urllib.parse import quote

from pipeline.models import Digest, DigestItem, precision
from pipeline.text.characters import storable
from pipeline.topics import Topic

_UNLINKABLE = re.compile(r"[\s<>]")  # what would end an address in Markdown
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
# What renderers of GitHub's Markdown, such as Airflow's, make a link of without being asked (GFM 0.29, section 6.9):
# they do so after escapes are read, so that only code is left alone.
_LINKABLE = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


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
    if note:
        lines += [f"> {escape(note)}", ""]
    if not digest.items:
        lines += ["No story of this topic was published on this day.", ""]
    for item in digest.items:
        lines += _item_lines(item)
    if digest.dropped:
        lines += [f"*Left out: {len(digest.dropped)} smaller stories ({escape(digest.dropped[0].reason)}).*", ""]
    return "\n".join(lines).rstrip() + "\n"


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
