"""The headline is the heading that readers see, without the outlet's name."""

from __future__ import annotations

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import facts as page_facts
from pipeline.extraction import titles

OG = '<meta property="og:title" content="{}"><meta property="og:site_name" content="The Courier">'


def choose(title: str = "", h1: tuple[str, ...] = (), og: str = "", fallback: str = "") -> str:
    head = f"<title>{title}</title>" + (OG.format(og) if og else "")
    body = "".join(f"<h1>{h}</h1>" for h in h1)
    tree = load_html(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    return titles.choose(page_facts.read(tree, "https://www.courier.example/a"), "courier.example", fallback)


@pytest.mark.parametrize(
    ("title", "h1", "og", "fallback", "expected"),
    [
        (
            "Summit ends | The Courier",
            ("Summit ends with treaty",),
            "Summit ends | The Courier",
            "",
            "Summit ends with treaty",
        ),
        ("Summit ends - courier.example", (), "", "", "Summit ends"),
        ("The Courier: Summit ends – The Courier", (), "Summit ends – The Courier", "", "Summit ends"),
        ("x", ("The Courier",), "Summit ends", "", "Summit ends"),
        ("x", ("The Courier", "Summit ends"), "Summit ends", "", "Summit ends"),
        ("", ("Treaty signed",), "", "", "Treaty signed"),
        ("", ("News", "Sport"), "", "Summit ends", "Summit ends"),
        ("Kim - Putin: what was agreed", (), "", "", "Kim - Putin: what was agreed"),
        ("", (), "", "Summit ends", "Summit ends"),
        ("", (), "", "", ""),
    ],
)
def test_choose(title: str, h1: tuple[str, ...], og: str, fallback: str, expected: str) -> None:
    assert choose(title, h1, og, fallback) == expected
