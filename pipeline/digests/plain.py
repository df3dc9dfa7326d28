"""The digest as plain text: the part of a mail that every reader can show, and a file beside the page. Pure."""

from __future__ import annotations

from textwrap import wrap

from pipeline.digests.bars import bar
from pipeline.digests.view import Quote, ShownCorrection, ShownItem, show
from pipeline.models import Digest
from pipeline.topics import Topic

_WIDTH = 78  # RFC 5322, section 2.1.1


def to_text(digest: Digest, topic: Topic, note: str = "", language: str = "en") -> str:
    """The digest as plain text in lines of 78 characters, addresses whole; `language` is the desk's."""
    shown = show(digest, topic, note, language)
    lines = [*_wrapped(shown.topic), "=" * min(len(shown.topic), _WIDTH)]
    lines += [f"{shown.day} ({shown.zone})", shown.totals, ""]
    if shown.corrects:
        lines += [shown.corrects, ""]
    for place, paragraph in enumerate(shown.note):
        lines += [*_wrapped(paragraph if place else f"Note: {paragraph}"), ""]
    if shown.changed:
        lines += [*_wrapped(shown.changed), ""]
    if shown.corrections:
        lines += ["Corrected since:", ""]
        for each in shown.corrections:
            lines += _correction(each)
    if shown.empty:
        lines += [shown.empty, ""]
    for item in shown.items:
        lines += _item(item)
    if shown.ended:
        lines += ["No longer told on this day:", ""]
        lines += [line for headline in shown.ended for line in _wrapped(headline, "- ")]
        lines.append("")
    if shown.left_out:
        lines += _wrapped(shown.left_out)
    return "\n".join(lines).rstrip() + "\n"


def _correction(each: ShownCorrection) -> list[str]:
    lines = _wrapped(f"{each.outlet}, {each.when}: {each.article.text}", "- ")
    lines += [f"  {each.article.url}"] if each.article.url else []
    lines += _wrapped(f'It said "{each.was}"', "  ") if each.was else []
    lines += _wrapped(f'It says now "{each.now}"', "  ") if each.now else []
    if each.old_copies:
        lines += _wrapped("Copies that still say the old:", "  ")
        lines += [f"  {copy.text}: {copy.url}" for copy in each.old_copies]
    return [*lines, ""]


def _item(item: ShownItem) -> list[str]:
    lines = _wrapped(f"{item.rank}. {item.headline}")
    if item.language_name:
        gloss = f": {item.gloss} (translated by machine: {item.glossed_by})" if item.gloss else ""
        lines += _wrapped(f"[In {item.language_name}{gloss}]")
    lines += _wrapped(" · ".join(part for part in (item.status, item.counts, item.first) if part))
    lines.append("")
    if item.grown:
        lines += [*_wrapped(f"New in it: {_quote(item.grown)}"), ""]
    told = " ".join(map(_quote, item.quotes)) if item.quotes else item.summary
    if told:
        lines += [*_wrapped(told), ""]
    for spread in item.spreads:
        counts = " · ".join(f"{name} {bar(count)} {count}" for name, count in spread.counts)
        lines += _wrapped(f"{spread.label}: {counts}")
    if item.spreads:
        lines.append("")
    for article in item.articles:
        marks = f" ({article.marks})" if article.marks else ""
        lines += _wrapped(f"{article.title.text} — {article.outlet}{marks}, {article.when}", "- ")
        lines += [f"  {article.title.url}"] if article.title.url else []
    return [*lines, "", ""]


def _quote(quote: Quote) -> str:
    return f"{quote.text} ({quote.source.text})"


def _wrapped(text: str, bullet: str = "") -> list[str]:
    return wrap(
        text, _WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet), break_long_words=False,
        break_on_hyphens=False,
    ) or [bullet.rstrip()]  # fmt: skip
