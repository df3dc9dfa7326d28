"""Walls and short articles about such things, as pages: tests/unit/extraction/data/walls.tsv in four templates."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parents[1] / "unit" / "extraction" / "data" / "walls.tsv"
SHAPES = 4


@dataclass(frozen=True)
class Case:
    """A line of the table: `half` is when it was written, `kind` what it is, ``article`` or the sort of wall."""

    half: str
    kind: str
    language: str
    title: str
    heading: str
    text: str

    @property
    def is_article(self) -> bool:
        return self.kind == "article"

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.language}-{self.heading or self.text[:20]}"

    def page(self, shape: int) -> bytes:
        """The case in one of the templates, 0 to 3."""
        heading = f"<h1>{html.escape(self.heading)}</h1>" if self.heading else ""
        if self.kind == "home":
            told = "".join(f"<li><a href='/{part}'>{html.escape(part)}</a></li>" for part in self.text.split(" / "))
            return document(self.language, self.title, f"{heading}<ul>{told}</ul>")
        told = paragraphs(self.text)
        if self.is_article:
            return document(self.language, f"{self.title} - Harbour Post", _article(heading + told)[shape])
        return document(self.language, self.title, _wall(heading, told)[shape])


def cases() -> list[Case]:
    """Every line of the table."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [Case(*line.split("\t")) for line in lines if not line.startswith("#")]


def paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in text.split(" / "))


def document(language: str, title: str, body: str, head: str = "") -> bytes:
    title = html.escape(title)
    return f"<html lang={language}><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


def _article(told: str) -> tuple[str, ...]:
    return (
        f"<article>{told}</article>",
        told,
        f"<div class=story>{told}</div>",
        f"<main><article>{told}<time datetime=2024-06-19>19.6.2024</time></article></main>",
    )


def _wall(heading: str, told: str) -> tuple[str, ...]:
    return (
        f"<div>{heading}{told}</div>",
        f"<div id=wall>{heading.replace('h1', 'h2')}{told}<button>OK</button></div>",
        f"<nav><a href=/>Home</a></nav><main>{heading}{told}</main><footer>Imprint</footer>",
        f"<form>{heading}{told}<input name=x></form>",
    )
