"""What a page says its text is beside what it shows: JSON-LD's `articleBody`, and the data that its scripts hold.

Pages that scripts fill hold their text only there. A witness is heard where what the page shows is no text, much less
text, or another article's. A page that says it is closed to readers who do not pay is taken at its word.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from pipeline.extraction import kinds as page_kinds
from pipeline.extraction import streams
from pipeline.extraction.facts import PageFacts, text_of
from pipeline.feeds.markup import plain_text
from pipeline.text.characters import storable
from pipeline.text.folding import letters

_MAX_TEXT = 300_000  # characters of a text; the longest newspaper texts have a third of it
_MAX_SCRIPT = 4_000_000  # characters of one script's data; the pages of newspapers stay below 2 million
_MAX_ASSIGNED = 10  # values assigned in one script that are tried
_MAX_NODES = 60_000  # values of a script's data that are looked at
_MAX_DEPTH = 40  # levels of objects and lists
_SHORT = 60  # words of what the page shows, below which its scripts are asked
_LEAST = 12  # words of a witness; below, it is a caption or a description
_SAME = 0.3  # share of a witness's paragraphs in the text, below which the text is another's
_PARAGRAPH = 40  # letters of a paragraph that tells two texts apart
_SENTENCE = re.compile(r"[.!?。！？…:»”\"')）]\s*$")
_TAGGED = re.compile(r"</?(?:p|br|div|h[1-6]|ul|ol|li|blockquote|strong|em|b|i|a|span)\b[^>]*>", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;/?(?:p|br|div)\b", re.IGNORECASE)
_ASSIGNED = re.compile(r"=\s{0,9}(?=[{\[])")
_TITLES = ("headline", "title", "name", "heading", "pageTitle", "displayTitle", "articleTitle")
_BODIES = ("articleBody", "body", "bodyText", "bodyHtml", "content", "contents", "text", "html", "paragraphs", "blocks",
           "content_elements", "elements", "components", "rendered", "value", "children", "nodes", "data", "richText",
           "sections", "document", "json", "processed", "fullText", "story", "article", "basic", "attributes",
           "fields", "storyBlocks", "main", "items", "entry", "result", "spans", "paragraph")  # fmt: skip
_BLOCK_TYPES = re.compile(r"paragraph|block|heading|list|quote|text|html|^p$|^h\d$|^li$|^ul$|^ol$", re.IGNORECASE)


class Witness(NamedTuple):
    """A text that the page holds elsewhere, and the code of where that is."""

    text: str
    rule: str


def better(tree: HtmlElement, facts: PageFacts, title: str, text: str) -> Witness | None:
    """What a page holds of its article's text where that is better than the text it shows; None where it is not."""
    if page_kinds.declared_closed(facts):
        return None
    stated = _of_facts(facts, title)
    if stated is not None and _tells_more(stated.text, text):
        return stated
    if page_kinds.count_words(text) >= _SHORT:
        return None
    held = _of_scripts(tree, title)
    return held if held is not None and _tells_more(held.text, text) else None


def _tells_more(witness: str, text: str) -> bool:
    """Whether a witness has much more text than the page, or a text that the page's does not hold."""
    if page_kinds.count_words(witness) < _LEAST:
        return False
    if page_kinds.count_words(text) < _LEAST or page_kinds.feed_has_more(text, witness):
        return True
    held = letters(text)
    wanted = [letters(part)[:_PARAGRAPH] for part in re.split(r"\n|(?<=[.!?。！？])\s", witness)]
    wanted = [part for part in wanted if len(part) >= _PARAGRAPH]
    return len(wanted) >= 2 and sum(part in held for part in wanted) < _SAME * len(wanted)


def _of_facts(facts: PageFacts, title: str) -> Witness | None:
    """The body that JSON-LD gives the page's own article: the one of its headline, or the only one."""
    with_body = [node for node in facts.articles if isinstance(node.get("articleBody"), str)]
    for node in with_body:
        headline = text_of(node.get("headline") or node.get("name"))
        if _agree(headline, title) or (not headline and len(facts.articles) == 1):
            return Witness("\n".join(_paragraphs(node["articleBody"])), "text-in-json-ld")
    return None


def _agree(one: str, other: str) -> bool:
    a, b = letters(one), letters(other)
    return len(a) >= 4 and len(b) >= 4 and (a in b or b in a)


def _paragraphs(value: str) -> list[str]:
    """The paragraphs of a text or of markup."""
    value = storable(value[:_MAX_TEXT])
    value = html.unescape(value) if _ESCAPED.search(value) else value
    said = plain_text(value) if _TAGGED.search(value) else value
    return [line for line in (" ".join(part.split()) for part in said.split("\n")) if line]


# --- data of scripts --------------------------------------------------------------------------------------


def _of_scripts(tree: HtmlElement, title: str) -> Witness | None:
    """The longest text that the data of the page's scripts holds under the page's headline."""
    if not letters(title):
        return None
    best: list[str] = []
    scripts = [script for script in tree.iter("script") if script.text and len(script.text) <= _MAX_SCRIPT]
    streamed = streams.next_data([script.text for script in scripts])
    for data in (*(data for script in scripts for data in _data(script)), *streamed):
        budget = [_MAX_NODES]
        for held in _under_title(data, title, budget, 0):
            found = list(dict.fromkeys(_prose(held, title, budget, 0)))
            if sum(map(len, found)) > sum(map(len, best)):
                best = found
    if not best:
        best = max((_drawn(data, title) for data in streamed), key=lambda lines: sum(map(len, lines)), default=[])
    text = "\n".join(best)[:_MAX_TEXT]
    return Witness(text, "text-in-script") if text else None


def _drawn(data: Any, title: str) -> list[str]:
    """The paragraphs that a streamed page draws below its headline, as far as the next headline of the first level."""
    lines: list[str] = []
    below = False
    for tag, said in streams.shown(data, [_MAX_NODES]):
        if tag in ("h1", "h2") and _agree(said, title):
            below = True
        elif below and tag == "h1":
            break
        elif below and tag != "figcaption" and (tag != "li" or _told(said)):
            lines.append(said)
    while lines and not _told(lines[-1]):
        lines.pop()
    return lines


def _data(script: HtmlElement) -> Iterator[Any]:
    """The JSON of a script: all of it where it says it is JSON, else what it assigns."""
    text, kind = script.text or "", (script.get("type") or "").lower()
    if not text or len(text) > _MAX_SCRIPT or "ld+json" in kind:
        return
    try:
        if "json" in kind:
            data = json.loads(text, strict=False)
            flat = streams.nuxt_list(data) if "nuxt" in f"{script.get('id')}{script.keys()}".lower() else None
            yield data if flat is None else flat
            return
        yield from streams.nuxt_state(text)
        for assigned in islice(_ASSIGNED.finditer(text), _MAX_ASSIGNED):
            yield json.JSONDecoder(strict=False).raw_decode(text, assigned.end())[0]
    except (ValueError, RecursionError):
        return


def _under_title(value: Any, title: str, budget: list[int], depth: int) -> Iterator[Mapping[str, Any]]:
    """The objects that bear the page's headline."""
    budget[0] -= 1
    if depth > _MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, Mapping):
        if _agree(_titled(value), title):
            yield value
        for inner in value.values():
            if isinstance(inner, Mapping | list):
                yield from _under_title(inner, title, budget, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, Mapping | list):
                yield from _under_title(inner, title, budget, depth + 1)


def _titled(value: Mapping[str, Any]) -> str:
    for name in _TITLES:
        named = value.get(name)
        if isinstance(named, Mapping):
            named = named.get("rendered") or named.get("basic") or named.get("text")
        if isinstance(named, str) and named.strip():
            return named
    return ""


def _prose(value: Any, title: str, budget: list[int], depth: int) -> Iterator[str]:
    """The paragraphs of an object, in their order; those of objects that bear another headline are not its own."""
    budget[0] -= 1
    if depth > _MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, str):
        yield from (line for line in _paragraphs(value) if _TAGGED.search(value) or _told(line))
    elif isinstance(value, list):
        for inner in value:
            yield from _prose(inner, title, budget, depth + 1)
    elif isinstance(value, Mapping):
        other = _titled(value)
        if other and not _agree(other, title) and not _BLOCK_TYPES.search(str(value.get("type") or "")):
            return
        run = _run(value, 0)
        if run is not None:
            yield from ([run] if len(run.split()) > 1 or len(letters(run)) > 1 else [])
            return
        for name in _BODIES:
            if name in value:
                yield from _prose(value[name], title, budget, depth + 1)


def _run(value: Mapping[str, Any], depth: int) -> str | None:
    """The line of an object whose parts are pieces of one line of rich text; None where it is not one."""
    kind = str(value.get("type") or value.get("nodeType") or value.get("_type") or value.get("tag") or "")
    parts = next((value[name] for name in ("children", "content", "nodes", "spans") if name in value), None)
    if not isinstance(parts, list) or not parts or not _BLOCK_TYPES.search(kind):
        return None
    said = [_leaf(part, depth) for part in parts]
    return None if any(part is None for part in said) else " ".join("".join(filter(None, said)).split())


def _leaf(part: Any, depth: int) -> str | None:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping) or depth > _MAX_DEPTH:
        return None
    for name in ("text", "value"):
        if isinstance(part.get(name), str):
            return str(part[name])
    kind = str(part.get("type") or part.get("nodeType") or part.get("_type") or "")
    if re.search(r"paragraph|heading|list|quote|block", kind, re.IGNORECASE):
        return None
    inner: list[Any] = next(
        (part[name] for name in ("children", "content", "nodes") if isinstance(part.get(name), list)), []
    )
    said = [_leaf(each, depth + 1) for each in inner]
    return "".join(filter(None, said))


def _told(line: str) -> bool:
    """Whether a line of data is a sentence, and no name, address or setting."""
    long = len(line.split()) >= 6 or len(letters(line)) >= 20
    return long and bool(_SENTENCE.search(line)) and not line.startswith(("http", "/", "{", "<"))
