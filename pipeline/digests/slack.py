"""A digest, and what the desk is told, as a message of Slack's incoming webhooks (Block Kit). Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pipeline.digests.view import Quote, ShownCorrection, ShownItem, show
from pipeline.models import Digest
from pipeline.topics import Topic

# What Slack takes: https://api.slack.com/reference/block-kit/blocks
_HEADER, _SECTION, _BLOCKS = 150, 3000, 50
# All blocks together, as JSON. Slack documents no such limit, and refuses some 13,200 characters with
# msg_blocks_too_long: https://github.com/slackapi/bolt-js/issues/2509
_MESSAGE = 12_000
_CORRECTIONS = 5
# Characters of a link's words and of its address: together they fit a section, however much is escaped of them.
_WORDS, _ADDRESS = 250, 1500
# What is never cut: a link, an escape.
_ATOMS = re.compile(r"<[^<>]*>|&\w+;|.", re.DOTALL)
# What calls a whole room in Mattermost and Rocket.Chat.
_ROOM = re.compile(r"@(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)
_JOINER = "\u2060"
# Atoms after the last blank that are dropped for a clean end; where there are more, the writing has no blanks.
_LONGEST_WORD = 50


def to_slack(digest: Digest, topic: Topic, note: str = "", language: str = "en", link: str = "") -> dict[str, Any]:
    """The digest as a message: a headline, its counts and its sentences per story; `link` leads to the whole."""
    shown = show(digest, topic, note, language)
    title = f"{shown.topic}: {shown.day}"
    head = [f"{_escaped(shown.totals)} ({_escaped(shown.zone)})", _escaped(shown.corrects), *map(_escaped, shown.note)]
    head += [_escaped(shown.changed), _escaped(shown.empty)]
    blocks = [_header(title), _section("\n".join(line for line in head if line))]
    blocks += [_section(_correction(each)) for each in shown.corrections[:_CORRECTIONS]]
    end = [_section(_link("The whole digest", link))] if link else []
    blocks += _items(shown.items, _BLOCKS - len(blocks) - len(end), _MESSAGE - _size(blocks) - _size(end)) + end
    return {"text": _escaped(_cut(title, _HEADER)), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def slack_notice(subject: str, text: str, link: str) -> dict[str, Any]:
    """What the desk is told, as a message: what it is about, what holds, and where it is."""
    told = [f"*{_escaped(_cut(subject, _HEADER))}*", _escaped(text), _link(link, link) if link else ""]
    # also the text beside the blocks is read as markup
    return {"text": _escaped(_cut(subject, _HEADER)), "blocks": [_section("\n".join(line for line in told if line))]}


def chat_text(*parts: str) -> str:
    """Lines for any chat room that takes Slack's form: what a stranger wrote calls nobody there."""
    return _ROOM.sub(f"@{_JOINER}", "\n".join(_escaped(part) for part in parts if part))


def _items(items: Sequence[ShownItem], blocks: int, size: int) -> list[dict[str, Any]]:
    """Stories for so many blocks and characters: with their sentences first, then by headline, then how many more."""
    more = _size([_section(_more(len(items)))])
    short = [_section(_item(item, told=False)) for item in items]
    rest = sum(_size([block]) for block in short)
    made: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        whole = _section(_item(item))
        rest -= _size([short[number]])
        if len(made) + 1 == blocks and number + 1 < len(items):
            return [*made, _section(_more(len(items) - number))]
        if _size([whole]) + rest <= size:
            chosen = whole
        elif _size([short[number]]) + (more if number + 1 < len(items) else 0) <= size:
            chosen = short[number]
        else:
            return [*made, _section(_more(len(items) - number))]
        made.append(chosen)
        size -= _size([chosen])
    return made


def _more(stories: int) -> str:
    return f"and {stories} more {'story' if stories == 1 else 'stories'}"


def _size(blocks: Sequence[dict[str, Any]]) -> int:
    return sum(len(json.dumps(block, ensure_ascii=False)) + 2 for block in blocks)


def _correction(each: ShownCorrection) -> str:
    lines = [f"*Corrected since:* {_link(each.article.text, each.article.url)}, {_escaped(each.outlet)}, {each.when}"]
    lines += [f"It said “{_escaped(each.was)}”"] if each.was else []
    lines += [f"It says now “{_escaped(each.now)}”"] if each.now else []
    return "\n".join(lines)


def _item(item: ShownItem, told: bool = True) -> str:
    """A story: its headline, its counts, and what is told of it."""
    first = item.articles[0].title.url if item.articles else ""
    gloss = f": {item.gloss} (translated by machine: {item.glossed_by})" if item.gloss else ""
    named = f" [{_escaped(f'In {item.language_name}{gloss}')}]" if item.language_name else ""
    lines = [f"*{item.rank}. {_link(item.headline, first)}*{named}"]
    lines.append(_escaped(" · ".join(part for part in (item.status, item.counts, item.first) if part)))
    if item.grown and told:
        lines.append(f"New in it: {_quote(item.grown)}")
    if told:
        lines.append(" ".join(map(_quote, item.quotes)) if item.quotes else _escaped(item.summary))
    return "\n".join(line for line in lines if line)


def _quote(quote: Quote) -> str:
    return f"{_escaped(quote.text)} ({_link(quote.source.text, quote.source.url)})"


def _link(text: str, url: str) -> str:
    """A link in Slack's own form; a bar or an angle bracket would end its address."""
    text = _escaped(_cut(text, _WORDS))
    address = url.replace("&", "&amp;").replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    if not url.startswith(("http://", "https://")) or len(address) > _ADDRESS:
        return text
    return f"<{address}|{text.replace('|', '¦')}>"


def _escaped(text: str) -> str:
    """The three characters that Slack asks to be escaped: so no text calls a channel or makes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(text, _HEADER), "emoji": False}}


def _section(text: str) -> dict[str, Any]:
    # verbatim: Slack makes no link or name of what only looks like one
    return {"type": "section", "text": {"type": "mrkdwn", "text": _whole(text), "verbatim": True}}


def _whole(text: str) -> str:
    """A text that Slack takes, cut between two words where it has any, and never within a link or an escape."""
    if len(text) <= _SECTION:
        return text
    kept, length, blank = [], 0, 0
    for atom in _ATOMS.findall(text):
        length += len(atom)
        if length > _SECTION - 2:
            break
        kept.append(atom)
        if atom.isspace():
            blank = len(kept)
    if len(kept) - blank < _LONGEST_WORD:
        kept = kept[:blank]
    return "".join(kept).rstrip() + " …"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
