"""The page as extraction should see it: without other articles, with tables that only place things taken apart.

Extraction takes the first or the longest piece of prose of a page. The headline says which piece is the article; a
piece that begins with a headline of its own is another one. What is changed is changed in a copy.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lxml.html import HtmlElement

from pipeline.extraction.facts import elsewhere, headline, words_of
from pipeline.text.folding import fold, letters

_HEADINGS = ("h1", "h2", "h3", "h4")
_PROSE = ("p", "li", "blockquote", "dd", "pre")
_OWN_WORDS = 25  # words of prose below the headline from which its section is the article and no mere top of one
_ENOUGH_WORDS = 40  # words from which parts beside it that begin with headings of their own may be told from it
_TEASER_WORDS = 8  # words of a teaser without a headline
_LONG_WORDS = 150  # words from which that section is the article whatever stands beside it
_STEM = 6  # letters of a word that its forms share
_BEFORE_HEADING = 15  # words that may stand above a piece's own headline: a kicker, a date, a name
_MANY_POSTS = 3  # pieces with a clock from which they are the posts of one live report
# What parts with other articles are called, beside the names that `facts` and the library know.
_RELATED = re.compile(
    r"related|recirc|recommend|next[-_]?(?:up|story|article|post|read)|(?:more|other|latest)[-_]?(?:news|stor|article|post)|"
    r"(?:read|also)[-_]?(?:also|next|read|like)|most[-_]?read|trending|popular|outbrain|taboola|mehr-zum|teaser"
)
_LONGEST_NAME = 500  # letters of a name; what is longer is none
_CLOCK = re.compile(r"(?<!\d)[0-2]?\d[:.h][0-5]\d(?!\d)")
_LAYOUT_WORDS = 60  # words of one cell, beyond which it holds a text and no value
_CELL_WORDS = 12  # words of a cell on average, from which a single column is paragraphs and no list of values
_BLOCKS = ("p", "h1", "h2", "h3", "ul", "ol", "table", "article", "section", "div", "blockquote")
_TABLE_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "center", "caption")
_LINKED = 0.8  # share of a cell's letters in links, from which it is navigation


def prepared(tree: HtmlElement, title: str, *, live: bool) -> HtmlElement:
    """The page without other articles, its layout tables as plain blocks, lists in cells as lines of their cell.

    `title` is the page's headline; the articles of a `live` report are its posts and stay. The tree itself where there
    is nothing to change.
    """
    heading = headline(tree, title)
    others = [] if live or heading is None else _others(tree, heading, title) or _below(heading, title)
    if not live and heading is not None:
        others += [piece for piece in _related(tree, heading, title) if piece not in others]
    tables = [table for table in tree.iter("table") if _places(table, heading)]
    lists = [each for each in tree.iter("ul", "ol", "dl") if _in_data_cell(each, tables)]
    changes = [*((node, _unfold) for node in tables), *((node, _as_lines) for node in lists)]
    changes += [(node, _drop) for node in others]
    if not changes:
        return tree
    places = {node: place for place, node in enumerate(tree.iter())}
    changed = copy.deepcopy(tree)
    nodes = list(changed.iter())
    for node, change in changes:
        change(nodes[places[node]])
    return changed


# --- other articles ---------------------------------------------------------------------------------------


def _others(tree: HtmlElement, heading: HtmlElement, title: str) -> list[HtmlElement]:
    """The pieces of a page that begin with a headline of their own, where the page's own has a text below it.

    A long text in an article element is the article, whatever stands beside it. Elsewhere a piece that speaks of what
    the headline does may be the article's own body, and stays.
    """
    own = letters(words_of(heading))
    if not own or (own not in letters(title) and letters(title) not in own):
        return []
    pieces = [piece for piece in dict.fromkeys(_pieces(tree, heading)) if _begins_with_another(piece, own)]
    section = _section(heading, pieces)
    if section is None or elsewhere(section):
        return []
    words = _words(section, without=pieces)
    if words < _OWN_WORDS:
        return []
    if words >= _ENOUGH_WORDS:
        pieces += [part for part in _parts(section) if _begins_with_another(part, own)]
        pieces += _row(tree, section)
    article = section if section.tag == "article" else None
    outside = [
        piece for piece in dict.fromkeys(pieces) if article not in piece.iterancestors() or _linked_heading(piece)
    ]
    if article is None or words < _LONG_WORDS:
        linked = words >= _LONG_WORDS
        outside = [piece for piece in outside if (linked and _linked_heading(piece)) or not _speaks_of(piece, title)]
    row = Counter(map(_kind, outside))
    outside = [piece for piece in outside if _linked_heading(piece) or _weighs(piece, row)]
    clocks = sum(bool(_CLOCK.search(words_of(piece)[:80])) and not _linked_heading(piece) for piece in outside)
    if clocks >= _MANY_POSTS:
        return []
    held = set(outside)
    return [piece for piece in outside if held.isdisjoint(piece.iterancestors())]


def _below(heading: HtmlElement, title: str) -> list[HtmlElement]:
    """What follows the next headline of the first level in the same part, where it does not speak of the title."""
    following = [node for node in heading.itersiblings() if isinstance(node.tag, str)]
    start = next((at for at, node in enumerate(following) if node.tag == "h1"), None)
    if heading.tag != "h1" or start is None:
        return []
    own, other = following[:start], following[start:]
    if sum(map(_words, own)) < _ENOUGH_WORDS or sum(map(_words, other)) < _OWN_WORDS:
        return []
    return [] if _speak_of(" ".join(map(words_of, other)), title) else other


def _related(tree: HtmlElement, heading: HtmlElement, title: str) -> list[HtmlElement]:
    """Parts with a headline of their own that their name or their build calls other articles', wherever they stand.

    A part named for what is related, and one around a block of the class that the article's text has. What speaks of
    the page's headline stays, and so does everything where too little would.
    """
    own = letters(words_of(heading))
    if not own or (own not in letters(title) and letters(title) not in own):
        return []
    above = {heading, *heading.iterancestors()}
    found: dict[HtmlElement, None] = {}
    for part in (*_named(tree), *_twins(heading, own)):
        if part in above or (found and not found.keys().isdisjoint((part, *part.iterancestors()))):
            continue
        if _linked_heading(part) or _count(part) < _OWN_WORDS:
            continue  # teasers, which the library and `_others` know
        if _begins_with_another(part, own) and not _speaks_of(part, title):
            found[part] = None
    outer = list(found)
    around = next((node for node in reversed(list(heading.iterancestors())) if node.tag == "body"), None)
    return outer if outer and around is not None and _words(around, without=outer) >= _ENOUGH_WORDS else []


def _named(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The outermost parts that are named so; the library leaves out asides, feet and navigation by itself."""
    for node in tree.iter("div", "section", "ul", "ol", "article"):
        name, number = node.get("class"), node.get("id")
        if (name and _is_related(name)) or (number and _is_related(number)):
            yield node


@lru_cache(maxsize=20_000)
def _is_related(called: str) -> bool:
    return len(called) < _LONGEST_NAME and _RELATED.search(called.lower()) is not None


def _twins(heading: HtmlElement, own: str) -> Iterator[HtmlElement]:
    """Parts beside the article's text that hold, under another heading, a block of the class that the text has.

    The text is the first part after the headline's without a heading of its own.
    """
    for block in (heading, *heading.iterancestors()):
        following = [node for node in block.itersiblings() if node.tag in ("div", "section", "article")]
        text = next((node for node in following if _words(node) >= _ENOUGH_WORDS), None)
        if text is None:
            continue
        kind = text.get("class")
        if kind and not _begins_with_another(text, own):
            yield from (
                part
                for part in following
                if part is not text and any(node.get("class") == kind for node in part.iterdescendants(text.tag))
            )
        return


def _speaks_of(piece: HtmlElement, title: str) -> bool:
    return _speak_of(words_of(piece), title)


def _speak_of(text: str, title: str) -> bool:
    """Whether half of a title's longer words, or pairs of letters where it has no spaces, stand in a text."""
    told = fold(text)
    stems = {word[:_STEM] for word in re.findall(r"[^\W\d_]{4,}", fold(title))}
    if len(stems) < 2 and not title.isascii():
        squeezed = letters(title)
        stems = {squeezed[at : at + 2] for at in range(len(squeezed) - 1)}
    return 2 * sum(stem in told for stem in stems) >= len(stems)


def _pieces(tree: HtmlElement, heading: HtmlElement) -> Iterator[HtmlElement]:
    """What may be another article: article elements, and what lies around a further headline of the first level."""
    above = {heading, *heading.iterancestors()}
    yield from (node for node in tree.iter("article") if node not in above)
    if heading.tag == "h1":
        for other in tree.iter("h1"):
            if other is heading:
                continue
            piece = other
            for node in other.iterancestors():
                if node in above:
                    break
                piece = node
            if piece is not other and _words(piece) >= _OWN_WORDS:
                yield piece


def _parts(section: HtmlElement) -> Iterator[HtmlElement]:
    """Other parts of the page than the headline's, and than those around it, that hold prose."""
    around = list(section.iterancestors())
    for parent in around:
        for node in parent.iterchildren("section", "div", "ul", "ol", "aside", "li", "tr"):
            if node is section or node in around:
                continue
            if next(node.iter(*_HEADINGS), None) is not None and _words(node) >= _BEFORE_HEADING:
                yield node


def _row(tree: HtmlElement, section: HtmlElement) -> list[HtmlElement]:
    """Article elements outside a section, of one class and without headings: the teasers of a list."""
    bare = [node for node in tree.iter("article") if next(node.iter(*_HEADINGS), None) is None]
    bare = [node for node in bare if section not in (node, *node.iterancestors()) and _words(node) >= _TEASER_WORDS]
    classes = Counter(node.get("class") for node in bare)
    return [node for node in bare if classes[node.get("class")] >= _MANY_POSTS]


def _begins_with_another(piece: HtmlElement, own: str) -> bool:
    """Whether a piece begins with a heading that says something else than the page's headline."""
    first = next(piece.iter(*_HEADINGS), None)
    if first is None:
        return False
    said = letters(words_of(first))
    if not said or said in own or own in said:
        return False
    before, around = 0, set(first.iterancestors())
    for node in piece.iter(*_PROSE, *_HEADINGS):
        if node is first:
            return True
        if node in around:
            continue
        before += _count(node)
        if before > _BEFORE_HEADING:
            return False
    return False


def _section(heading: HtmlElement, pieces: list[HtmlElement]) -> HtmlElement | None:
    """The largest part around the headline that holds none of the other pieces; its article element, if it has one."""
    article = next(heading.iterancestors("article"), None)
    if article is not None:
        return article
    outer = {node for piece in pieces for node in piece.iterancestors()}
    section = None
    for node in heading.iterancestors():
        if node.tag == "body" or node in outer:
            # Beside its pieces in one part: what there belongs to none of them is the headline's.
            return section if section is not None and _words(section) >= _OWN_WORDS else _rest(node, pieces)
        section = node
        if not pieces and _words(node) >= _ENOUGH_WORDS:
            return section
    return section


def _rest(node: HtmlElement, pieces: list[HtmlElement]) -> HtmlElement | None:
    return node if _words(node, without=pieces) >= _ENOUGH_WORDS else None


def _weighs(piece: HtmlElement, row: Counter[tuple[str, str | None]]) -> bool:
    """Whether a piece has a text, or is one of a row of its kind: a box of two words is no article."""
    return row[_kind(piece)] >= _MANY_POSTS or _count(piece) >= _OWN_WORDS


def _kind(piece: HtmlElement) -> tuple[str, str | None]:
    return piece.tag, piece.get("class")


def _words(section: HtmlElement, without: Sequence[HtmlElement] = ()) -> int:
    """Words of prose in a part of the page that do not stand in links, nor in the parts left out."""
    left_out = {node for part in without for node in part.iter()}
    blocks = [node for node in section.iter(*_PROSE) if node not in left_out]
    linked = sum(_count(link) for node in blocks for link in node.iter("a"))
    return sum(map(_count, blocks)) - linked


def _count(node: HtmlElement) -> int:
    return len(node.text_content().split())


def _linked_heading(piece: HtmlElement) -> bool:
    first = next(piece.iter(*_HEADINGS), None)
    if first is None:
        return False
    return next(first.iter("a"), None) is not None or first.getparent().tag == "a"


# --- tables -----------------------------------------------------------------------------------------------


def _places(table: HtmlElement, heading: HtmlElement | None) -> bool:
    """Whether a table places the parts of a page: it says so, holds the headline, or a cell holds a text."""
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return True
    if heading is not None and table in heading.iterancestors():
        return True
    if next(table.iter("th", "caption", "thead"), None) is not None:
        return False
    return any(_holds_text(cell) for cell in table.iter("td")) or _one_column(table)


def _one_column(table: HtmlElement) -> bool:
    """Whether a table is paragraphs below each other."""
    rows = [row.findall("td") for row in table.iter("tr")]
    words = sum(_count(cell) for row in rows for cell in row)
    return all(len(row) <= 1 for row in rows) and words >= _LAYOUT_WORDS and words >= _CELL_WORDS * len(rows)


def _holds_text(cell: HtmlElement) -> bool:
    words = _count(cell)
    if words < _LAYOUT_WORDS:
        return False
    return (
        sum(1 for node in cell.iterchildren(*_BLOCKS) if node.text_content().strip()) >= 2
        or len(cell.findall(".//br")) >= 2
    )


def _in_data_cell(each: HtmlElement, tables: list[HtmlElement]) -> bool:
    for node in each.iterancestors():
        if node.tag == "table":
            return node not in tables
        if node.tag in ("ul", "ol", "dl"):
            return False  # the outermost list brings its own
    return False


def _unfold(table: HtmlElement) -> None:
    """Make blocks of a table's own parts; cells that are nothing but links go, as the page's navigation."""
    inner = {node for other in table.iter("table") if other is not table for node in other.iter()}
    for node in list(table.iter(*_TABLE_PARTS)):
        if node in inner:
            continue
        if node.tag in ("td", "th") and _navigation(node):
            _drop(node)
            continue
        node.tag = "div"


def _navigation(cell: HtmlElement) -> bool:
    said = "".join(cell.text_content().split())
    linked = sum(len("".join(link.text_content().split())) for link in cell.iter("a"))
    return bool(said) and linked > _LINKED * len(said)


def _as_lines(each: HtmlElement) -> None:
    """Make inline text of a list in a cell of values, one item behind the other."""
    items = list(each.iter("li", "dt", "dd"))
    for number, node in enumerate(items):
        node.tag = "span"
        if number < len(items) - 1:
            node.tail = f"; {(node.tail or '').strip()}"
    for node in list(each.iter("ul", "ol", "dl")):
        node.tag = "span"


def _drop(node: HtmlElement) -> None:
    parent = node.getparent()
    if parent is not None:
        node.drop_tree()
