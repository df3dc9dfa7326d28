"""The digest as HTML: the body that the portal, the page and mail show, and the page that stands alone. Pure.

A body has classes that begin with ``d-``, and neither scripts nor styles, so that it stands under any policy.
"""

from __future__ import annotations

from html import escape
from importlib import resources

from pipeline.digests import plots
from pipeline.digests.bars import bar, drawn
from pipeline.digests.spread import Spread
from pipeline.digests.view import Link, Quote, Shown, ShownArticle, ShownCorrection, ShownItem, show
from pipeline.models import Digest
from pipeline.text.characters import line
from pipeline.topics import Topic


def to_body(digest: Digest, topic: Topic, note: str = "", language: str = "en") -> str:
    """The digest as HTML for a page, with bars and plots as inline SVG; `language` is the desk's."""
    shown = show(digest, topic, note, language)
    return _body(shown, drawn_bars=True) + plots.of_digest(digest, topic)


def to_mail_body(digest: Digest, topic: Topic, note: str = "", language: str = "en") -> str:
    """The digest as HTML for mail and feeds, whose readers drop SVG: bars are text, plots are left to the page."""
    return _body(show(digest, topic, note, language), drawn_bars=False)


def _body(shown: Shown, *, drawn_bars: bool) -> str:
    parts = [
        f"<h1>{escape(shown.topic)}</h1>",
        f'<p class="d-day"><strong>{escape(shown.day)}</strong> ({escape(shown.zone)}) · {escape(shown.totals)}</p>',
    ]
    if shown.corrects:
        parts.append(f'<p class="d-correcting"><em>{escape(shown.corrects)}</em></p>')
    if shown.note:
        note = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in shown.note)
        parts.append(f'<blockquote class="d-note">{note}</blockquote>')
    if shown.changed:
        parts.append(f'<p class="d-changed"><strong>{escape(shown.changed)}</strong></p>')
    if shown.corrections:
        parts.append('<section class="d-corrections"><h2>Corrected since</h2><ul>')
        parts += [*map(_correction, shown.corrections), "</ul></section>"]
    if shown.empty:
        parts.append(f'<p class="d-empty">{escape(shown.empty)}</p>')
    parts += [_item(item, drawn_bars) for item in shown.items]
    if shown.ended:
        ended = "".join(f"<li>{escape(headline)}</li>" for headline in shown.ended)
        parts.append(f'<section class="d-ended"><h2>No longer told on this day</h2><ul>{ended}</ul></section>')
    if shown.left_out:
        parts.append(f'<p class="d-left-out">{escape(shown.left_out)}</p>')
    return "\n".join(parts) + "\n"


def _correction(each: ShownCorrection) -> str:
    said = f" It said <q>{escape(each.was)}</q>" if each.was else ""
    says = f" It says now <q>{escape(each.now)}</q>" if each.now else ""
    copies = f" Copies that still say the old: {', '.join(map(_link, each.old_copies))}." if each.old_copies else ""
    return f"<li>{escape(each.outlet)}, {escape(each.when)}: {_link(each.article)}.{said}{says}{copies}</li>"


def _item(item: ShownItem, drawn_bars: bool) -> str:
    parts = [
        f'<article class="d-story" id="story-{item.story_id}">',
        f"<h2{_lang(item.language)}>{item.rank}. {escape(item.headline)}</h2>",
    ]
    if item.language_name:
        gloss = ""
        if item.gloss:
            gloss = f": <i>{escape(item.gloss)}</i> (translated by machine: {escape(item.glossed_by)})"
        parts.append(f'<p class="d-language">In {escape(item.language_name)}{gloss}</p>')
    first = f" · {escape(item.first)}" if item.first else ""
    mark = f'<span class="d-mark d-{escape(item.status)}">{escape(item.status)}</span>'
    parts.append(f'<p class="d-counts">{mark} {escape(item.counts)}{first}</p>')
    if item.grown:
        parts.append(f'<p class="d-grown">New in it: {_quote(item.grown)}</p>')
    if item.quotes:
        parts.append(f'<p class="d-summary">{" ".join(map(_quote, item.quotes))}</p>')
    elif item.summary:
        parts.append(f'<p class="d-summary">{escape(item.summary)}</p>')
    if item.spreads:
        spreads = "".join(_spread(spread, drawn_bars) for spread in item.spreads)
        parts.append(f'<dl class="d-spread">{spreads}</dl>')
    articles = "".join(map(_article, item.articles))
    return "\n".join([*parts, f'<ul class="d-articles">{articles}</ul>', "</article>"])


def _spread(spread: Spread, drawn_bars: bool) -> str:
    if drawn_bars:
        counts = ", ".join(f"{escape(name)} {count}" for name, count in spread.counts)
        shown = f"{drawn([count for _, count in spread.counts])} {counts}"
    else:
        shown = " · ".join(f"{escape(name)} {bar(count)} {count}" for name, count in spread.counts)
    return f"<div><dt>{escape(spread.label)}</dt> <dd>{shown}</dd></div>"


def _article(article: ShownArticle) -> str:
    marks = f" ({escape(article.marks)})" if article.marks else ""
    return f"<li>{_link(article.title)} — {escape(article.outlet)}{marks}, {escape(article.when)}</li>"


def _quote(quote: Quote) -> str:
    return f"<span{_lang(quote.language)}>{escape(quote.text)}</span> <cite>({_link(quote.source)})</cite>"


def _link(link: Link) -> str:
    if not link.url:
        return f"<span{_lang(link.language)}>{escape(link.text)}</span>"
    relations = "noopener noreferrer nofollow"
    return f'<a href="{escape(link.url)}" rel="{relations}"{_lang(link.language)}>{escape(link.text)}</a>'


def _lang(language: str) -> str:
    return f' lang="{escape(language)}"' if language else ""


def style() -> str:
    """The style sheet of a body, for light and dark."""
    return (resources.files("pipeline") / "data" / "digest.css").read_text(encoding="utf-8")


def to_page(title: str, html: str) -> str:
    """A page that stands alone, for a published digest, an index, or the HTML of a mail."""
    template = (resources.files("pipeline") / "data" / "digest.html").read_text(encoding="utf-8")
    # Filled in order of their places, once each: what a headline holds is never taken for a place.
    head, _, rest = template.partition("{{ title }}")
    middle, _, rest = rest.partition("{{ style }}")
    before, _, after = rest.partition("{{ body }}")
    return "".join((head, escape(line(title)), middle, style(), before, html, after))
