"""What a stranger or a reviewer writes stays text in every shape of a digest, as the readers' own parsers find."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.policy import default
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from lxml import html as lxml_html
from rich.console import Console

from pipeline import digests
from pipeline.commands import console
from pipeline.models import PublishedDigest
from pipeline.settings import Settings
from pipeline.text import characters
from pipeline.web import mail
from tests.support import commonmark, receivers
from tests.support.digest_cases import DAY, NOON, summit
from tests.support.hostile_words import WORDS, hostile

ATOM = {"a": "http://www.w3.org/2005/Atom"}
# What acts by itself or leads away, whatever its attributes.
ACTING = "script|iframe|object|embed|form|input|img|image|video|audio|link|meta|base|style|foreignobject|math"
# Controls but the line break, directional formatting, and what other programs take for the end of a line.
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

every = pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())


def harmless(html: str) -> lxml_html.HtmlElement:
    """The parsed HTML, once nothing in it acts and every link leads to the web or within the page."""
    tree = lxml_html.document_fromstring(html)
    for node in tree.iter():
        if not isinstance(node.tag, str):
            pytest.fail(f"a comment or an instruction: {node}")
        assert not re.fullmatch(ACTING, node.tag.lower()), node.tag
        for name, value in node.attrib.items():
            assert not re.match(r"on|style$|srcset$|formaction$|src$", name.lower()), (node.tag, name)
            if name.lower().endswith("href"):
                assert re.match(r"https?://|#", value), value
    assert not UNSEEN.search(html)
    return tree


@every
def test_page(words: str) -> None:
    body = digests.to_body(hostile(words), summit(), words)
    tree = harmless(body)
    assert len(tree.findall(".//h1")) == 1
    page = digests.to_page(words, body)
    assert page.count("<script") == 0
    assert lxml_html.document_fromstring(page).findtext(".//main//h1") == summit().name


@every
def test_markdown(words: str) -> None:
    """Rendered by CommonMark with raw HTML let through: the Markdown alone must keep it out."""
    text = digests.to_markdown(hostile(words), summit(), words)
    tree = harmless(commonmark.rendered(text))
    assert (len(tree.findall(".//h1")), len(tree.findall(".//h2"))) == (1, 1)
    assert not tree.findall(".//ol")
    assert not tree.findall(".//pre")
    assert not UNSEEN.search(text)


@every
def test_plain_text(words: str) -> None:
    text = digests.to_text(hostile(words), summit(), words)
    assert not UNSEEN.search(text)
    assert "1 story from 1 article at 1 outlet" in text.splitlines()


@every
def test_mail(words: str) -> None:
    """Sent and received: no header comes of a headline, and both parts are harmless."""
    digest, topic = hostile(words), summit()
    body = digests.to_mail_body(digest, topic, words)
    harmless(body)
    with receivers.box() as box:
        settings = Settings(smtp_url=box.address, mail_from="desk@wirewatch.example")
        message = mail.Message(words, digests.to_text(digest, topic, words), digests.to_page(words, body), "k")
        mail.send(settings, "a@reader.example", message)
    (got,) = box.messages
    got = message_from_bytes(got.as_bytes(), policy=default)
    assert box.recipients == [["a@reader.example"]]
    assert {name.lower() for name in got} <= {
        *("subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type", "x-peer"),
        *("x-mailfrom", "x-rcptto", "content-transfer-encoding"),
    }
    assert got["To"] == "a@reader.example"
    assert not UNSEEN.search(str(got["Subject"]))
    assert [part.get_content_type() for part in got.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]


@every
def test_atom(words: str) -> None:
    body = digests.to_mail_body(hostile(words), summit(), words)
    row = PublishedDigest(7, DAY, words, body, NOON)
    written = digests.to_atom(summit(), [row], NOON, "https://news.example/summit")
    feed = ET.fromstring(written)
    assert len(feed.findall("a:entry", ATOM)) == 1
    harmless(feed.findtext("a:entry/a:content", "", ATOM))
    assert feed.findtext("a:entry/a:title", "", ATOM) == characters.line(words)
    assert not UNSEEN.search(written.decode())


@every
def test_json(words: str) -> None:
    written = digests.to_json(hostile(words), summit(), words)
    assert written.isascii(), "no line separator that a script would stop at"
    found: dict[str, Any] = json.loads(written)
    links = [
        str(value) for story in found["stories"] for each in [*story["articles"], *story["sentences"]]
        for name, value in each.items() if name == "url"
    ]  # fmt: skip
    assert links
    assert all(re.match(r"https?://|$", link) for link in links), links


@every
def test_terminal(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal gets no sequence but the colours of rich, and a table is one whatever stands in it."""
    monkeypatch.setattr(console, "out", Console(force_terminal=True, width=100))
    console.markdown(digests.to_markdown(hostile(words), summit(), words))
    console.table(("headline",), [[words]])
    text = capsys.readouterr().out
    # Select graphic rendition, and the links that rich makes of a checked address (OSC 8).
    text = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;[^;]*;(?:https?://[^\x1b\x07]*)?\x1b\\", "", text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), re.findall(r".{0,20}\x1b.{0,20}", text)
    assert "\u202e" not in text
