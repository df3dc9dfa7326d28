"""The bench on rules splits pages by publisher, and names only rules that are there to be left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bench import page_rules
from bench.extraction import Labelled
from pipeline import extraction

PAGE = (
    "<html><head><title>Summit ends | Courier</title><meta property='og:site_name' content='Courier'>"
    "<meta property='og:title' content='Summit ends'><meta name='author' content='Ana Lima'></head>"
    "<body><h1>Summit ends with a treaty</h1>"
    + "<p>The two leaders signed the treaty on Wednesday, the agency said.</p>" * 5
    + "</body></html>"
).encode()


@pytest.mark.parametrize(
    ("url", "publisher"),
    [
        ("https://news.outlet.co.uk/a", "outlet.co.uk"),
        ("https://web.archive.org/web/20160526181643/http://blog.outlet.com/a", "outlet.com"),
        ("hard::outlet.com.pa-slug-of-a-page.html", "outlet.com.pa"),
        ("hard::outlet.de.A-slug.html", "outlet.de"),
        ("no address", "page.html"),
    ],
)
def test_a_page_belongs_to_its_publisher(url: str, publisher: str) -> None:
    page = Labelled(url, "page.html", b"", {})
    assert page.publisher == publisher
    assert page.half == Labelled(url, "another.html" if publisher != "page.html" else "page.html", b"", {}).half


@pytest.mark.parametrize("rule", sorted(page_rules.RULES))
def test_every_rule_can_be_left_out(rule: str) -> None:
    with page_rules.without(rule):
        found = extraction.extract(PAGE, "https://courier.example/a", now=datetime(2024, 6, 21, tzinfo=UTC))
    assert "signed the treaty" in found.text


def test_what_is_left_out_is_missed() -> None:
    now = datetime(2024, 6, 21, tzinfo=UTC)
    with page_rules.without("title-h1", "author-meta"):
        found = extraction.extract(PAGE, "https://courier.example/a", now=now)
    whole = extraction.extract(PAGE, "https://courier.example/a", now=now)
    assert (found.title, found.authors) == ("Summit ends", ())
    assert (whole.title, whole.authors) == ("Summit ends with a treaty", ("Ana Lima",))
    with pytest.raises(KeyError, match="no-rule"):
        page_rules.without("no-rule").__enter__()
