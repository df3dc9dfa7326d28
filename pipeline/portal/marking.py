"""What two texts share, and what changed from one wording to the next, as pieces that a page can mark (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from pipeline.text.folding import fold

_PIECE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|\w+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_WORDS, _CHARACTERS = 5, 8
"""How long a run must be to count as shared: the shingles by which `pipeline.copies` compares texts."""
_MAX_CHARACTERS = 200_000
"""Of a text, what is looked at; `pipeline.text.words` reads as much. What follows is shown unmarked."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `shared` where the other text has it too."""

    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a change: `kind` is ``added``, ``gone`` or ``kept``."""

    kind: str
    text: str


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a stored text."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def marked(text: str, other: str) -> list[list[Piece]]:
    """The paragraphs of a text in pieces: which runs of words stand in the other text as well, in whatever order."""
    wanted, length = _runs(other)
    return [list(_pieces(paragraph, spans)) for paragraph, spans in _spans(text, wanted, length)]


def changes(diff: str | None) -> list[list[Line]]:
    """The places of a unified difference by paragraphs, each as its lines; none where there is no difference."""
    kinds = {"+": "added", "-": "gone", " ": "kept"}
    places: list[list[Line]] = []
    for line in (diff or "").splitlines():
        if line.startswith("@@"):
            places.append([])
        elif not line.startswith(("+++", "---")) and line[:1] in kinds and line[1:].strip():
            if not places:
                places.append([])
            places[-1].append(Line(kinds[line[:1]], line[1:].strip()))
    return [place for place in places if place]


def _tokens(text: str) -> list[tuple[str, int, int]]:
    return [(fold(match.group()), *match.span()) for match in _PIECE.finditer(text)]


def _length(tokens: list[tuple[str, int, int]]) -> int:
    unspaced = sum(1 for word, _, _ in tokens if _UNSPACED.match(word))
    return _CHARACTERS if 2 * unspaced > len(tokens) else _WORDS


def _runs(text: str) -> tuple[set[tuple[str, ...]], int]:
    tokens = _tokens(" ".join(paragraphs(text[:_MAX_CHARACTERS])))
    length = _length(tokens)
    words = [word for word, _, _ in tokens]
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}, length


def _spans(text: str, wanted: set[tuple[str, ...]], length: int) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each paragraph with the stretches of it that are shared. A run may go on from one paragraph to the next."""
    parts = paragraphs(text)
    tokens: list[tuple[str, int, int, int]] = []
    read = 0
    for number, part in enumerate(parts):
        if read < _MAX_CHARACTERS:
            tokens += [(word, start, end, number) for word, start, end in _tokens(part)]
        read += len(part)
    words = [word for word, *_ in tokens]
    shared = bytearray(len(words))
    for at in range(len(words) - length + 1):
        if tuple(words[at : at + length]) in wanted:
            shared[at : at + length] = b"\1" * length
    spans: list[list[tuple[int, int]]] = [[] for _ in parts]
    for at, (_, start, end, number) in enumerate(tokens):
        if not shared[at]:
            continue
        if at and shared[at - 1] and tokens[at - 1][3] == number:
            start = spans[number].pop()[0]
        spans[number].append((start, end))
    yield from zip(parts, spans, strict=True)


def _pieces(paragraph: str, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    at = 0
    for start, end in spans:
        if start > at:
            yield Piece(paragraph[at:start], False)
        yield Piece(paragraph[start:end], True)
        at = end
    if at < len(paragraph):
        yield Piece(paragraph[at:], False)
