"""Article pages, home pages and the rest that is HTML, in the outlet's design."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recording.slots import Outlet
from recording.timeline import Page, Version, chance, local, post_time

CHARSET_ERRORS = "xmlcharrefreplace"
_CODECS = {"shift_jis": "cp932", "euc-kr": "cp949", "gb2312": "gb18030"}
_DESIGNS = Path(__file__).parent.parent / "designs"


def environment() -> Environment:
    """The templates of designs/: everything is escaped, and an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader(_DESIGNS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )
    env.filters["script_json"] = lambda value: json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
    env.filters["iso"] = lambda moment: moment.isoformat().replace("+00:00", "Z")
    return env


@cache
def phrases() -> dict[str, dict[str, Any]]:
    """The words of a page beside its article, by language."""
    return tomllib.loads((_DESIGNS / "phrases.toml").read_text("utf-8"))


def blocks(paragraphs: Sequence[str], lang: str) -> list[tuple[str, Any]]:
    """Paragraphs as (kind, content): ``h2``, ``p``, ``ul`` (a list of items) or ``post`` (time, title)."""
    joint = "" if lang in {"zh", "ja"} else " "
    made: list[tuple[str, Any]] = []
    for paragraph in paragraphs:
        lines = [line.strip() for line in paragraph.splitlines()]
        if paragraph.startswith("@ "):
            made.append(("post", (post_time(paragraph), lines[0].split("Z ", 1)[1])))
            if lines[1:]:
                made.append(("p", joint.join(lines[1:])))
        elif paragraph.startswith("## "):
            made.append(("h2", lines[0][3:]))
            if lines[1:]:
                made.append(("p", joint.join(lines[1:])))
        elif all(line.startswith(("- ", "• ")) for line in lines):
            items = [line[2:].strip() for line in lines]
            if made and made[-1][0] == "ul":
                items = [*made.pop()[1], *items]
            made.append(("ul", items))
        else:
            made.append(("p", joint.join(lines)))
    return made


def blocks_html(paragraphs: Sequence[str], lang: str) -> str:
    """The article's text as a feed carries it."""
    html = []
    for kind, content in blocks(paragraphs, lang):
        if kind == "ul":
            html.append("<ul>" + "".join(f"<li>{escape(item, quote=False)}</li>" for item in content) + "</ul>")
        else:
            tag, text = ("h2", content[1]) if kind == "post" else (kind, content)
            html.append(f"<{tag}>{escape(text, quote=False)}</{tag}>")
    return "\n".join(html)


def article(env: Environment, page: Page, version: Version, others: Sequence[Page], now: datetime) -> bytes:
    """The page of `page` in the wording `version`, with the outlet's `others` as related links, at `now`."""
    outlet, slot = page.outlet, version.slot
    template = f"{outlet.design}.html"
    if slot.kind == "script_only":
        template = "script_only.html"
    words = phrases()[_words_of(outlet, slot.lang)]
    author = re.sub(r"^(By|Von|Par|Por) ", "", slot.text.byline) or page.credit
    context = {
        **_site(outlet, slot.lang), "page": page, "slot": slot, "text": slot.text, "url": page.url,
        "blocks": blocks(version.paragraphs, slot.lang), "author": author, "credit": page.credit,
        "published": local(outlet, page.published), "modified": local(outlet, version.modified),
        "published_text": _date_text(words, local(outlet, page.published)),
        "modified_text": _date_text(words, local(outlet, version.modified)),
        "clock": lambda moment: f"{local(outlet, moment):%H:%M}",
        "live": slot.kind == "liveblog", "teaser": slot.kind == "teaser",
        "paid": {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".subscribers"},
        "related": _related(page, others, now), "read": 40 + chance(page.url, "read") % 400,
    }
    context["linked_data"] = _linked_data(context)
    return encode(outlet, env.get_template(template).render(context))


def home(env: Environment, outlet: Outlet, pages: Sequence[Page], now: datetime) -> bytes:
    """The outlet's front page at `now`, which names its feed."""
    current = [(page, version.slot.text) for page in reversed(pages) if (version := page.as_of(now))]
    context = {**_site(outlet, outlet.language), "current": current[:12]}
    return encode(outlet, env.get_template("home.html").render(context))


def refusal(env: Environment, outlet: Outlet, status: int) -> bytes:
    """The page that comes with a 403 or 404."""
    return encode(outlet, env.get_template("refusal.html").render(**_site(outlet, outlet.language), status=status))


def encode(outlet: Outlet, html: str) -> bytes:
    """`html` in the charset of the outlet's pages; what that lacks becomes a character reference."""
    charset = "windows-1251" if "bad_charset" in outlet.quirks else outlet.charset
    return html.encode(_CODECS.get(charset, charset), CHARSET_ERRORS)


def _site(outlet: Outlet, lang: str) -> dict[str, Any]:
    return {"outlet": outlet, "lang": lang, "words": phrases()[_words_of(outlet, lang)]}


def _date_text(words: dict[str, Any], moment: datetime) -> str:
    return words["date"].format(
        y=moment.year, mon=words["months"][moment.month - 6], month=moment.month, d=moment.day,
        time=f"{moment:%H:%M}",
    )


def _related(page: Page, others: Sequence[Page], now: datetime) -> list[tuple[str, str]]:
    """Up to four other pages of the outlet that are out, in an order of the page's own."""
    out = [(other, version) for other in others if other is not page and (version := other.as_of(now))]
    out.sort(key=lambda pair: chance(page.url, pair[0].url))
    return [(other.path, version.slot.text.title) for other, version in out[:4]]


def _linked_data(context: dict[str, Any]) -> dict[str, Any]:
    """schema.org's account of the page, for the designs that carry one and for teasers."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if context["live"] else "NewsArticle",
        "mainEntityOfPage": context["url"],
        "headline": context["text"].title,
        "description": context["text"].summary,
        "inLanguage": context["lang"],
        "datePublished": context["published"].isoformat(),
        "dateModified": context["modified"].isoformat(),
        "publisher": {"@type": "NewsMediaOrganization", "name": context["outlet"].name},
    }
    if context["author"]:
        kind = "Organization" if context["author"] == context["credit"] else "Person"
        data["author"] = [{"@type": kind, "name": context["author"]}]
    if context["teaser"]:
        data |= {"isAccessibleForFree": False, "hasPart": context["paid"]}
    return data


def _words_of(outlet: Outlet, lang: str) -> str:
    return "zh-Hant" if outlet.id == "daoyu" else lang
