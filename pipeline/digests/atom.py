"""The Atom feed of what was published (RFC 4287). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from pipeline.models import PublishedDigest
from pipeline.topics import Topic

_ATOM = "http://www.w3.org/2005/Atom"


def to_atom(topic: Topic, published: Sequence[PublishedDigest], now: datetime, base: str) -> bytes:
    """An Atom feed of published digests, newest first.

    An entry links to the digest's page in the Airflow UI at `base`, or, without one, to the file beside the feed.
    """
    feed = ET.Element("feed", xmlns=_ATOM)
    identity = f"urn:wirewatch:{topic.slug}"
    for tag, text in (("id", identity), ("title", topic.name), ("updated", now.isoformat())):
        ET.SubElement(feed, tag).text = text
    ET.SubElement(ET.SubElement(feed, "author"), "name").text = "Wirewatch"
    for each in published:
        entry = ET.SubElement(feed, "entry")
        updated = each.published_at.isoformat()
        for tag, text in (("id", f"{identity}:{each.day}"), ("title", each.title), ("updated", updated)):
            ET.SubElement(entry, tag).text = text
        ET.SubElement(entry, "link", href=f"{base}/wirewatch/digests/{each.id}" if base else f"{each.day}.html")
        ET.SubElement(entry, "content", type="html").text = each.html
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))
