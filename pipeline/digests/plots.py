"""Plots as inline SVG with the same in words beside them: stories over the day, articles an hour. Pure.

The ink is ``currentColor`` and the fills stand out from light and dark alike; there are no styles in them, which a
page's policy may refuse. matplotlib is loaded when the first plot is drawn.
"""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from html import escape
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.digests.bars import COLOURS
from pipeline.digests.spread import UNKNOWN
from pipeline.models import Digest, StoryArticle
from pipeline.text.characters import line
from pipeline.text.english import country_name
from pipeline.topics import Topic

_INK = "#010203"  # taken for currentColor once it is drawn
_WIDTH = 5.0  # inches of 72 points: the width of a phone, on which letters keep their size
_LETTERS = 12
"""Points of a letter, which is as many CSS pixels on a phone of 390 pixels; nine were too small to read there."""
_NAME = 16
"""Characters of a name of which two stand beside each other on a phone; United Kingdom has 14."""
_KEYS = len(COLOURS) - 1
# Text stays text, in the page's own font; nothing in it is a formula; the same data give the same bytes.
_RC: Any = {"svg.fonttype": "none", "svg.hashsalt": "wirewatch", "text.parse_math": False, "font.size": _LETTERS}
_KEPT = 64
"""Drawings of a kind that are kept. A digest that is compared anew shows the same articles, and its three drawings are
0.9 of the time that its text takes: whoever publishes two weeks in one go would draw each day's 14 times."""
_ONE = Lock()  # matplotlib's settings are those of the process
_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]+)"')

Axes = Any


def of_digest(digest: Digest, topic: Topic) -> str:
    """The plots of a digest's articles as a section of HTML; empty where no article's hour is known."""
    zone, day = ZoneInfo(topic.timezone), date.fromisoformat(digest.day)
    articles = list({a.article_id: a for item in digest.items for a in item.articles}.values())
    timed = [article for article in articles if article.published_precision == "instant"]
    if not timed:
        return ""
    stories = [(f"{item.rank}.", _moments(item.articles)) for item in digest.items]
    countries = [(article.published, line(country_name(article.country) or "") or UNKNOWN) for article in timed]
    owners = [(article.published, line(article.ownership or "") or UNKNOWN) for article in timed]
    bare = len(articles) - len(timed)
    beside = f"Hours are of {escape(topic.timezone)}."
    if bare:
        is_known = (
            "article of which only the day is known is" if bare == 1 else "articles of which only the day is known are"
        )
        beside += f" {bare} {is_known} not in the plots."
    return "\n".join(
        [
            '<section class="d-plot"><h2>The day in hours</h2>',
            f'<p class="d-beside">{beside}</p>',
            _figure(timeline(stories, zone, day), "Stories by their number, a dot an article.", ""),
            _figure(volume(countries, zone, day), busiest(countries, zone, "by country"), _table("Country", countries)),
            _figure(volume(owners, zone, day), busiest(owners, zone, "by ownership"), _table("Ownership", owners)),
            "</section>\n",
        ]
    )


def _moments(articles: Sequence[StoryArticle]) -> list[datetime]:
    return sorted(article.published for article in articles if article.published_precision == "instant")


def _figure(svg: str, caption: str, table: str) -> str:
    return f'<figure>{svg}<figcaption class="d-beside">{escape(caption)}</figcaption>{table}</figure>'


def _table(head: str, points: Sequence[tuple[datetime, str]]) -> str:
    counts = sorted(Counter(key for _, key in points).items(), key=lambda count: (-count[1], count[0]))
    rows = "".join(f"<tr><th>{escape(key)}</th><td>{count}</td></tr>" for key, count in counts)
    return f'<table class="d-beside"><tr><th>{head}</th><td>articles</td></tr>{rows}</table>'


def busiest(points: Sequence[tuple[datetime, str]], zone: ZoneInfo, what: str) -> str:
    """What a plot of the volume shows, in a sentence: how many articles, and the hour that had most, the earliest."""
    hours = Counter(at.astimezone(zone).replace(minute=0, second=0, microsecond=0) for at, _ in points)
    hour, most = min(hours.items(), key=lambda pair: (-pair[1], pair[0]))
    articles = "1 article" if len(points) == 1 else f"{len(points)} articles"
    return f"{articles} {what} and hour; the busiest hour began at {hour:%H:%M} with {most}."


def timeline(stories: Sequence[tuple[str, Sequence[datetime]]], zone: ZoneInfo, first: date, days: int = 1) -> str:
    """Stories over `days` days of a zone from `first` on as SVG: a row a story by its label, a dot an article."""
    return _timeline(tuple((label, tuple(moments)) for label, moments in stories), zone, first, days)


@lru_cache(_KEPT)
def _timeline(stories: tuple[tuple[str, tuple[datetime, ...]], ...], zone: ZoneInfo, first: date, days: int) -> str:
    def paint(axes: Axes) -> None:
        for place, (_, moments) in enumerate(stories):
            at = [_hour(moment, zone, first) for moment in moments]
            if at:
                axes.plot([at[0], at[-1]], [place, place], color=COLOURS[0], linewidth=2, alpha=0.5)
                axes.plot(at, [place] * len(at), "o", color=COLOURS[0], markersize=4)
        axes.set_yticks(range(len(stories)), [label for label, _ in stories])
        axes.set_ylim(len(stories) - 0.5, -0.5)

    return _draw(paint, 0.6 + 0.26 * len(stories), first, days, "Stories over time")


def volume(points: Sequence[tuple[datetime, str]], zone: ZoneInfo, first: date, days: int = 1) -> str:
    """Articles an hour over `days` days of a zone from `first` on as SVG, stacked by key: the five most frequent keys,
    and the others together."""
    return _volume(tuple(points), zone, first, days)


@lru_cache(_KEPT)
def _volume(points: tuple[tuple[datetime, str], ...], zone: ZoneInfo, first: date, days: int) -> str:
    frequent = [key for key, _ in sorted(Counter(key for _, key in points).items(), key=lambda c: (-c[1], c[0]))]
    named = frequent if len(frequent) <= _KEYS + 1 else [*frequent[:_KEYS], "other"]
    hours = range(24 * days)
    columns = 2 if all(len(key) <= _NAME for key in named) else 1

    def paint(axes: Axes) -> None:
        counts = Counter((int(_hour(at, zone, first)), key if key in named else "other") for at, key in points)
        below = [0] * len(hours)
        for place, key in enumerate(named):
            heights = [counts[hour, key] for hour in hours]
            full = [hour for hour in hours if heights[hour]]
            middles, bottom = [hour + 0.5 for hour in full], [below[hour] for hour in full]
            axes.bar(
                middles, [heights[hour] for hour in full], 0.9, bottom=bottom, color=COLOURS[place], label=_short(key)
            )
            below = [low + high for low, high in zip(below, heights, strict=True)]
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, labelcolor=_INK, handlelength=1,
            borderaxespad=0.3,
        )  # fmt: skip

    return _draw(paint, 1.8 + 0.25 * -(-len(named) // columns), first, days, "Articles an hour")


def _short(key: str) -> str:
    return key if len(key) <= 2 * _NAME else key[: 2 * _NAME - 1] + "…"


def _hour(moment: datetime, zone: ZoneInfo, first: date) -> float:
    """Hours since the first midnight of the plot, as the clocks of the zone show them."""
    local = moment.astimezone(zone)
    return (local.date() - first).days * 24 + local.hour + local.minute / 60


def _draw(paint: Callable[[Axes], None], height: float, first: date, days: int, label: str) -> str:
    with _ONE:
        import matplotlib
        from matplotlib.figure import Figure

        with matplotlib.rc_context(_RC), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph", UserWarning)  # the page's fonts have what matplotlib's lack
            figure = Figure(figsize=(_WIDTH, height), layout="constrained")
            axes = figure.add_subplot()
            paint(axes)
            axes.set_xlim(0, 24 * days)
            ticks = _ticks(first, days)
            axes.set_xticks(list(ticks), list(ticks.values()))
            axes.tick_params(colors=_INK)
            for name, spine in axes.spines.items():
                spine.set_visible(name in ("left", "bottom"))
                spine.set_color(_INK)
            written = io.StringIO()
            figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(written.getvalue(), label)


def _ticks(first: date, days: int) -> dict[int, str]:
    """Hour -> label: every sixth hour of one day, and of several days their midnights, about eight of them."""
    if days == 1:
        return {hour: f"{hour % 24:02d}:00" for hour in range(0, 25, 6)}
    return {24 * day: f"{first + timedelta(days=day):%d %b}" for day in range(0, days, days // 9 + 1)}


def _inline(svg: str, label: str) -> str:
    """An SVG document as part of a page: without prologue, style sheet, styles and ids that others may have."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>|<style\b.*?</style>|<defs>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = _STYLE.sub(_as_attributes, svg).replace(_INK, "currentColor").replace("xlink:href", "href")
    wanted = set(re.findall(r"#([\w-]+)", svg))
    svg = _ID.sub(lambda found: found[0] if found[1] in wanted else "", svg)
    svg = re.sub(r">\s+<", "><", svg)
    return re.sub(r"<svg[^>]*?(viewBox=\"[^\"]*\")[^>]*>", partial(_opened, label), svg, count=1)


def _opened(label: str, found: re.Match[str]) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" {found[1]}>'


def _as_attributes(found: re.Match[str]) -> str:
    pairs = (pair.partition(":") for pair in found[1].split(";") if pair.strip())
    said = [(name.strip(), value.strip()) for name, _, value in pairs]
    return "".join(f' {name}="{escape(value, quote=True)}"' for name, value in said if name != "font")


def hours_of(first: datetime, last: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """The first day of a zone and the number of its days that hold all from `first` to `last`, for a plot of them."""
    begin, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    return begin, (datetime.combine(end, time()) - datetime.combine(begin, time()) + timedelta(days=1)).days
