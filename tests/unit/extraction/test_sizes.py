"""Pages made to be slow take time that grows with them, and no more than an extraction worker is given."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from pipeline import extraction
from pipeline.settings import Settings

NOW = datetime(2024, 7, 1, tzinfo=UTC)
PROSE = "".join(
    f"<p>The orchard above the village gave its {rank} harvest of pears on Sunday, and the valley came to pick.</p>"
    for rank in ("third", "fourth", "fifth")
)
ARTICLE = f"<article><h1>Orchard opens its gates</h1>{PROSE}</article>"
PARTS = {
    "rows": "<table>{}</table>".format("<tr><td>3 May 2015</td><td>b</td></tr>" * 8_000),
    "terms": "<dl>{}</dl>".format("<dt>a</dt><dd>b</dd>" * 8_000),
    "blocks": "<div>Some words</div>" * 16_000,
    "items": "<ul>{}</ul>".format("<li>The cart leaves at six.</li>" * 20_000),
}


@pytest.mark.parametrize("above", [False, True], ids=["below", "above"])
@pytest.mark.parametrize("part", PARTS)
def test_a_page_ends_within_its_time(part: str, above: bool) -> None:
    """Rows, terms and blocks took from 20 s to minutes by justext's walks."""
    body = f"{PARTS[part]}{ARTICLE}" if above else f"{ARTICLE}{PARTS[part]}"
    page = f"<html lang='en'><head><title>Orchard opens its gates</title></head><body>{body}</body></html>"
    began = time.process_time()
    article = extraction.extract(page.encode(), "https://orchard.example/news/gates", now=NOW)
    assert time.process_time() - began < Settings().page_timeout / 2
    assert "the valley came to pick" in article.text
