"""A digest, and what the desk is told, as a message of Slack's incoming webhooks (Block Kit). Pure."""

from __future__ import annotations

from typing import Any

from pipeline.digests.view import Quote, ShownCorrection, ShownItem, show
from pipeline.models import Digest
from pipeline.topics import Topic

# What Slack takes: https://api.slack.com/reference/block-kit/blocks
_HEADER, _SECTION, _BLOCKS = 150, 3000, 50
_CORRECTIONS = 5


def to_slack(digest: Digest, topic: Topic, note: str = "", language: str = "en", link: str = "") -> dict[str, Any]:
    """The digest as a message: a headline, its counts and its sentences per story; `link` leads to the whole."""
    shown = show(digest, topic, note, language)
    title = f"{shown.topic}: {shown.day}"
    head = [f"{_escaped(shown.totals)} ({_escaped(shown.zone)})", _escaped(shown.corrects), *map(_escaped, shown.note)]
    head += [_escaped(shown.changed), _escaped(shown.empty)]
    blocks = [_header(title), _section("\n".join(line for line in head if line))]
    blocks += [_section(_correction(each)) for each in shown.corrections[:_CORRECTIONS]]
    room = _BLOCKS - len(blocks) - 1
    blocks += [_section(_item(item)) for item in shown.items[:room]]
    if link:
        blocks.append(_section(_link("The whole digest", link)))
    return {"text": _cut(title, _HEADER), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def slack_notice(subject: str, text: str, link: str) -> dict[str, Any]:
    """What the desk is told, as a message: what it is about, what holds, and where it is."""
    told = [f"*{_escaped(_cut(subject, _HEADER))}*", _escaped(text), _link(link, link) if link else ""]
    return {"text": _cut(subject, _HEADER), "blocks": [_section("\n".join(line for line in told if line))]}


def _correction(each: ShownCorrection) -> str:
    lines = [f"*Corrected since:* {_link(each.article.text, each.article.url)}, {_escaped(each.outlet)}, {each.when}"]
    lines += [f"It said “{_escaped(each.was)}”"] if each.was else []
    lines += [f"It says now “{_escaped(each.now)}”"] if each.now else []
    return "\n".join(lines)


def _item(item: ShownItem) -> str:
    first = item.articles[0].title.url if item.articles else ""
    gloss = f": {item.gloss} (translated by machine: {item.glossed_by})" if item.gloss else ""
    named = f" [{_escaped(f'In {item.language_name}{gloss}')}]" if item.language_name else ""
    lines = [f"*{item.rank}. {_link(item.headline, first)}*{named}"]
    lines.append(_escaped(" · ".join(part for part in (item.status, item.counts, item.first) if part)))
    if item.grown:
        lines.append(f"New in it: {_quote(item.grown)}")
    lines.append(" ".join(map(_quote, item.quotes)) if item.quotes else _escaped(item.summary))
    return "\n".join(line for line in lines if line)


def _quote(quote: Quote) -> str:
    return f"{_escaped(quote.text)} ({_link(quote.source.text, quote.source.url)})"


def _link(text: str, url: str) -> str:
    """A link in Slack's own form; a bar or an angle bracket would end its address."""
    if not url.startswith(("http://", "https://")):
        return _escaped(text)
    address = url.replace("&", "&amp;").replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    return f"<{address}|{_escaped(text).replace('|', '¦')}>"


def _escaped(text: str) -> str:
    """The three characters that Slack asks to be escaped: so no text calls a channel or makes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(text, _HEADER), "emoji": False}}


def _section(text: str) -> dict[str, Any]:
    # verbatim: Slack makes no link or name of what only looks like one
    return {"type": "section", "text": {"type": "mrkdwn", "text": _whole(text), "verbatim": True}}


def _whole(text: str) -> str:
    """A text that Slack takes, cut between two words and never within a link or an escape."""
    if len(text) <= _SECTION:
        return text
    words, length = [], 0
    for word in text.split(" "):
        length += len(word) + 1
        if length > _SECTION - 2:
            break
        words.append(word)
    while words and " ".join(words).count("<") != " ".join(words).count(">"):
        words.pop()
    return " ".join(words) + " …"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
