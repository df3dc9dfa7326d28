"""Text out of the markup that feeds carry, and the links inside it (pure)."""

from __future__ import annotations

import html
import itertools
import re
from urllib.parse import urljoin

from lxml import etree

from pipeline.text.characters import storable

MAX_MARKUP = 2_000_000
"""Characters of one entry's markup that are read for its text; a whole book has about a million."""

_MARKUP = re.compile(r"<[a-zA-Z/!?]|&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]+);")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BRACKET = re.compile(r"&(?:lt|gt|#60|#62|#x3[ce]);", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_SKIPPED = frozenset(
    {"script", "style", "template", "noframes", "noembed", "head", "form", "button", "select", "textarea", "svg",
     "math", "canvas", "audio", "video", "xml", "base", "meta", "link"}
)  # fmt: skip
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "blockquote", "pre", "section", "article",
     "header", "footer", "aside", "figure", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "center", "td",
     "th", "nav", "main", "address"}
)  # fmt: skip
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins",
     "kbd", "mark", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub",
     "sup", "tbody", "tfoot", "thead", "time", "tt", "u", "var", "wbr", "iframe", "picture", "caption", "col",
     "colgroup"}
)  # fmt: skip
_ALONE = frozenset({"br", "img", "hr", "wbr"})
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:_-]*)(?=[\s/>])[^<>]*>")
_MAX_TAGS = 2_000  # tags looked at before it is said whether a text is markup
_MAX_ESCAPED = 3  # times that a text is unescaped to find its markup; two are common, more were not seen
_CAPTIONED = re.compile(r"(?:^|[\s_-])caption(?:[\s_-]text)?(?:$|\s)|wp-caption-text|image-caption", re.IGNORECASE)
_PICTURES = ("img", "picture", "video", "iframe", "amp-img", "svg")
_PARSER = {"remove_comments": True, "remove_pis": True, "no_network": True, "recover": True, "huge_tree": False}
_RELATIVE = re.compile(
    r"""(?P<attribute>(?<![\w-])(?:href|src|poster)\s*=\s*)(?P<quote>["'])(?P<link>(?![a-zA-Z][a-zA-Z0-9+.-]*:|\#)[^"'<>]*)(?P=quote)"""
)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"""(?<![\w-])src\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_PIXEL = re.compile(r"""(?:width|height)\s*=\s*["']?[01](?:px)?["'\s/>]""", re.IGNORECASE)


def plain_text(markup: str, *, literal: bool = False) -> str:
    """The text of HTML as a reader sees it: paragraphs on lines of their own, no scripts, styles, forms or media.

    `literal` says that the string is text already (Atom's ``type="text"``), in which ``<`` is a less-than sign.
    Never raises on broken markup; beyond `MAX_MARKUP` characters the rest is left out.
    """
    markup = storable(markup[:MAX_MARKUP])
    if literal or not _MARKUP.search(markup):
        return _tidy(markup)
    if "<" not in markup:
        markup, once = _as_written(markup)
        if "<" not in markup:
            return _tidy(_unescaped(once))
    text = _shown(markup)
    if is_escaped_markup(text) or _all_markup(text):
        return _shown(_as_written(text)[0])
    return text


def _shown(markup: str) -> str:
    """The text of markup without the captions of its pictures; with them where there is no other."""
    root = _root(markup)
    if root is None:
        return ""
    return _tidy(_unescaped(_walk(root, captions=False))) or _tidy(_unescaped(_walk(root, captions=True)))


def is_escaped_markup(text: str) -> bool:
    """Whether the whole of a text is markup that was escaped once or twice too often: it begins with a tag."""
    return "<" not in text and "&" in text and "<" in _as_written(text)[0]


def _all_markup(text: str) -> bool:
    """Whether a text out of markup is markup again, from its first letter to its last."""
    return text.startswith("<") and text.endswith(">") and is_markup(text)


def _as_written(text: str) -> tuple[str, str]:
    """A text as it was before it was escaped too often, where that is markup, else as it is; and it unescaped once."""
    found = once = _unescaped(text)
    for _ in range(_MAX_ESCAPED):
        if found.lstrip().startswith("<") and is_markup(found):
            return found, once
        found = _unescaped(found)
    return text, once


def is_markup(text: str) -> bool:
    """Whether a text that should be plain is HTML all the same: it has elements that are opened and closed, or such as
    need no end, and nothing else in angle brackets. ``a < b`` and ``List<String>`` are none.
    """
    if "<" not in text or ">" not in text:
        return False
    opened: set[str] = set()
    sure = False
    for found in itertools.islice(_TAG.finditer(text[:MAX_MARKUP]), _MAX_TAGS):
        name = found["name"].lower()
        if name not in _BLOCKS and name not in _INLINE and name not in _SKIPPED:
            return False
        sure = sure or name in _ALONE or (bool(found["end"]) and name in opened)
        opened.add(name)
    return sure


def one_line(markup: str, *, literal: bool = False) -> str:
    """`plain_text` on one line, for titles and names. An entity in a literal title was escaped once too often,
    but for angle brackets, which may be its subject."""
    if literal or not _MARKUP.search(markup):
        text = storable(markup[:MAX_MARKUP])
        return " ".join(_without_invisible(text if _BRACKET.search(text) else _unescaped(text)).split())
    return " ".join(plain_text(markup).split())


def _root(markup: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", **_PARSER)
    try:
        parser.feed(b"<html><body><div>" + markup.encode("utf-8") + b"</div></body></html>")
        return parser.close()
    except etree.LxmlError:
        return None


def _is_caption(element: etree._Element) -> bool:
    """Whether an element says what a picture shows: it is told so by its name, and stands beside a picture."""
    if element.tag != "figcaption" and not (
        element.tag in ("p", "div", "span", "small") and _CAPTIONED.search(element.get("class") or "")
    ):
        return False
    figure = element.getparent()
    return figure is not None and next(figure.iter(*_PICTURES), None) is not None


def _walk(root: etree._Element, *, captions: bool) -> str:
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else "script"
        block = tag in _BLOCKS
        if event == "start":
            if (tag in _SKIPPED and tag != "head") or (not captions and _is_caption(element)):
                walk.skip_subtree()
                continue
            pieces.append("\n" if block else "")
            pieces.append(_flat(element.text, tag))
        else:
            pieces.append("\n" if block else "")
            pieces.append(_flat(element.tail, "pre" if _inside_pre(element) else ""))
    return "".join(pieces)


def _flat(text: str | None, tag: str) -> str:
    if not text:
        return ""
    return text if tag == "pre" else text.replace("\n", " ").replace("\r", " ")


def _inside_pre(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "pre"


def _unescaped(text: str) -> str:
    """Entities of HTML that end in a semicolon, decoded; ``&copy=2`` in an address is none.

    Feeds escape twice (``&amp;amp;``, ``&amp;#8217;``), so what still reads as an entity in a text was one.
    """
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _without_invisible(text: str) -> str:
    """The text without soft hyphens, zero-width blanks and byte order marks."""
    return text if text.isascii() else text.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")


def _tidy(text: str) -> str:
    text = _without_invisible(text).replace("\r\n", "\n").replace("\r", "\n")
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def absolute_links(markup: str, base: str | None) -> str:
    """The markup with its relative ``href``, ``src`` and ``poster`` made absolute; everything else as it was."""
    if not base or "=" not in markup:
        return markup

    def one(found: re.Match[str]) -> str:
        try:
            link = urljoin(base, html.unescape(found["link"]).strip())
        except ValueError:
            return found[0]
        return f"{found['attribute']}{found['quote']}{html.escape(link)}{found['quote']}"

    return _RELATIVE.sub(one, markup)


def first_image(markup: str) -> str | None:
    """The address of the first image that is not a counting pixel, as written."""
    for found in _IMAGE.finditer(markup[:MAX_MARKUP]):
        source = _SOURCE.search(found[0])
        if source and not _PIXEL.search(found[0]) and not source[1].startswith("data:"):
            return html.unescape(source[1])
    return None
