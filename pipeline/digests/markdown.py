"""The digest as Markdown: what the reviewer reads in Airflow, and a file beside the page. Pure.

Nothing of a stranger's text becomes markup in it.
"""

from __future__ import annotations

import re

from pipeline.digests.bars import bar
from pipeline.digests.view import Link, Quote, ShownCorrection, ShownItem, show
from pipeline.models import Digest
from pipeline.text.characters import line
from pipeline.topics import Topic

# What at the start of a line opens a list, a rule or an underlined heading.
_OPENING = re.compile(r"^(\d{1,9})?([-+=.)])")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
# What renderers of GitHub's Markdown, such as Airflow's, make a link of without being asked (GFM 0.29, section 6.9):
# they do so after escapes are read, so that only code is left alone.
_LINKABLE = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


def escape(text: str) -> str:
    """Text from outside, safe inside Markdown: nothing in a headline becomes a link, a heading or HTML.

    An address in it is shown as code.
    """
    text = line(text)
    pieces, position = [], 0
    for found in _LINKABLE.finditer(text):
        pieces += [_escaped(text[position : found.start()]), "`", found[0].replace("`", "'"), "`"]
        position = found.end()
    return "".join([*pieces, _escaped(text[position:])])


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _start(text: str) -> str:
    """Escaped text at the start of a line or of a list's item."""
    return _OPENING.sub(r"\1\\\2", text)


def _link(link: Link) -> str:
    return f"[{escape(link.text)}](<{link.url}>)" if link.url else escape(link.text)


def to_markdown(digest: Digest, topic: Topic, note: str = "", language: str = "en") -> str:
    """The digest as Markdown; times in the topic's zone, which it names. `language` is the desk's."""
    shown = show(digest, topic, note, language)
    lines = [f"# {escape(shown.topic)}", "", f"**{shown.day}** ({escape(shown.zone)}) · {shown.totals}", ""]
    if shown.corrects:
        lines += [f"*{shown.corrects}*", ""]
    if shown.note:
        lines += ["\n>\n".join(f"> {_start(escape(paragraph))}" for paragraph in shown.note), ""]
    if shown.changed:
        lines += [f"**{shown.changed}**", ""]
    if shown.corrections:
        lines += ["Corrected since:", "", *map(_correction, shown.corrections), ""]
    if shown.empty:
        lines += [shown.empty, ""]
    for item in shown.items:
        lines += _item(item)
    if shown.ended:
        lines += ["No longer told on this day:", "", *(f"- {_start(escape(headline))}" for headline in shown.ended), ""]
    if shown.left_out:
        lines += [f"*{escape(shown.left_out)}*", ""]
    return "\n".join(lines).rstrip() + "\n"


def _correction(each: ShownCorrection) -> str:
    said = f" It said “{escape(each.was)}”" if each.was else ""
    says = f" It says now “{escape(each.now)}”" if each.now else ""
    copies = f" Copies that still say the old: {', '.join(map(_link, each.old_copies))}." if each.old_copies else ""
    return f"- {_start(escape(each.outlet))}, {each.when}: {_link(each.article)}.{said}{says}{copies}"


def _item(item: ShownItem) -> list[str]:
    lines = [f"## {item.rank}. {escape(item.headline)}", ""]
    if item.language_name:
        gloss = f": {escape(item.gloss)} (translated by machine: {escape(item.glossed_by)})" if item.gloss else ""
        lines += [f"*In {escape(item.language_name)}{gloss}*", ""]
    lines += [f"*{item.status} · {item.counts}{' · ' + escape(item.first) if item.first else ''}*", ""]
    if item.grown:
        lines += [f"New in it: {_quote(item.grown)}", ""]
    told = " ".join(map(_quote, item.quotes)) if item.quotes else escape(item.summary)
    if told:
        lines += [_start(told), ""]
    for spread in item.spreads:
        counts = " · ".join(f"{escape(name)} {bar(count)} {count}" for name, count in spread.counts)
        lines += [f"{spread.label}: {counts}", ""]
    for article in item.articles:
        marks = f" ({escape(article.marks)})" if article.marks else ""
        lines.append(f"- {_start(_link(article.title))} — {escape(article.outlet)}{marks}, {article.when}")
    lines.append("")
    return lines


def _quote(quote: Quote) -> str:
    return f"{escape(quote.text)} ({_link(quote.source)})"
