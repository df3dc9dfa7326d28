"""The Atom feed of what was published (RFC 4287). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from pipeline.models import PublishedDigest
from pipeline.text.characters import line
from pipeline.topics import Topic

FEED = "atom.xml"
_ATOM = "http://www.w3.org/2005/Atom"


def to_atom(topic: Topic, published: Sequence[PublishedDigest], now: datetime, base: str) -> bytes:
    """An Atom feed of published digests, newest first; `now` is when the newest was published.

    `base` is the public address of the topic's folder of files, whose pages anybody can read without logging in; the
    feed names itself and its entries there. Without one its links are the files beside it.
    """
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    identity = f"urn:wirewatch:{topic.slug}"
    folder = f"{base.rstrip('/')}/" if base else ""
    for tag, text in (("id", identity), ("title", line(topic.name)), ("updated", now.isoformat())):
        ET.SubElement(feed, tag).text = text
    ET.SubElement(feed, "link", rel="self", type="application/atom+xml", href=f"{folder}{FEED}")
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=folder or "index.html")
    ET.SubElement(ET.SubElement(feed, "author"), "name").text = "Wirewatch"
    for each in published:
        entry = ET.SubElement(feed, "entry")
        updated = each.published_at.isoformat()
        for tag, text in (("id", f"{identity}:{each.day}"), ("title", line(each.title)), ("updated", updated)):
            ET.SubElement(entry, tag).text = text
        ET.SubElement(entry, "link", rel="alternate", type="text/html", href=f"{folder}{each.day}.html")
        ET.SubElement(entry, "content", type="html").text = each.html
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))
