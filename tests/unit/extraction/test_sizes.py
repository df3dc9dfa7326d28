"""Pages made to be slow take time that grows with them, and no more than an extraction worker is given."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.settings import Settings

WORKER = """
import sys, time
from datetime import UTC, datetime
from pipeline import extraction
page = sys.stdin.buffer.read()
began = time.process_time()
url = "https://orchard.example/news/gates"
article = extraction.extract(page, url, now=datetime(2024, 7, 1, tzinfo=UTC))
print(time.process_time() - began)
print(article.text)
"""
PROSE = "".join(
    f"<p>The orchard above the village gave its {rank} harvest of pears on Sunday, and the valley came to pick.</p>"
    for rank in ("third", "fourth", "fifth")
)
ARTICLE = f"<article><h1>Orchard opens its gates</h1>{PROSE}</article>"
PARTS = {
    "rows": "<table>{}</table>".format("<tr><td>3 May 2015</td><td>b</td></tr>" * 8_000),
    "terms": "<dl>{}</dl>".format("<dt>a</dt><dd>b</dd>" * 8_000),
    "blocks": "<div>Some words</div>" * 16_000,
    "attributes": "<div {}></div>".format(" ".join(f"a{number}='1'" for number in range(50_000))),
    "items": "<ul>{}</ul>".format("<li>The cart leaves at six.</li>" * 20_000),
}


@pytest.mark.parametrize("above", [False, True], ids=["below", "above"])
@pytest.mark.parametrize("part", PARTS)
def test_a_page_ends_within_its_time(part: str, above: bool) -> None:
    """Rows, terms and blocks took from 20 s to minutes by justext's walks, and the attributes 10 s.

    In a process of its own, as a worker is: the heap of a long run of tests slows what it does.
    """
    body = f"{PARTS[part]}{ARTICLE}" if above else f"{ARTICLE}{PARTS[part]}"
    page = f"<html lang='en'><head><title>Orchard opens its gates</title></head><body>{body}</body></html>"
    ran = subprocess.run([sys.executable, "-c", WORKER], input=page, capture_output=True, text=True, check=True)
    seconds, _, text = ran.stdout.partition("\n")
    assert float(seconds) < Settings().page_timeout / 2
    assert "the valley came to pick" in text
