"""The tree of a page, parsed as trafilatura parses it, with the one class of elements that extraction needs.

lxml's own parser of HTML asks Python for the class of every element each time that the element is looked at, so that
forms have methods of their own. Nothing here fills in a form, and asking took a tenth of the time of a page.
"""

from __future__ import annotations

from lxml.etree import ElementDefaultClassLookup, XPath
from lxml.etree import HTMLParser as EtreeParser
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction, fromstring
from trafilatura.utils import is_dubious_html, repair_faulty_html

_PARSER = EtreeParser(collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True)
_PARSER.set_element_class_lookup(
    ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity)
)
# More than any element has that people write; of 990 real pages the most is 38. Beyond, work grows with the square.
_MAX_ATTRIBUTES = 500
_CROWDED = XPath(f"//*[@*[{_MAX_ATTRIBUTES + 1}]]")


def page(text: str) -> HtmlElement | None:
    """The root of a decoded page, without comments; None where the parser finds no document.

    The same tree as `trafilatura.load_html` makes, but for an element with more than 500 attributes, which has none.
    """
    beginning = text[:50].lower()
    repaired = repair_faulty_html(text, beginning)
    try:
        tree = fromstring(repaired, parser=_PARSER)
    except ValueError:  # a declaration of an encoding, which lxml takes in bytes only
        tree = _from_bytes(repaired)
    except Exception:  # whatever lxml stumbles over in a stranger's markup, it may not in bytes
        tree = None
    if tree is None or len(tree) < 1:
        tree = _from_bytes(repaired)
    if tree is None or (is_dubious_html(beginning) and len(tree) < 2):
        return None
    for element in _CROWDED(tree):
        element.attrib.clear()
    return tree


def _from_bytes(text: str) -> HtmlElement | None:
    try:
        return fromstring(text.encode("utf-8", "surrogatepass"), parser=_PARSER)
    except Exception:  # as above; the page then is no HTML
        return None
