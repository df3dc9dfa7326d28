"""JSON lines in: documents to cluster, labelled or not, each mistake named with file and line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.models import Document

YEARS = (1900, 2100)  # words weigh less by the day that passed; the years of placeholders such as 9999 are no days


def json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a JSON-lines file (``-`` is stdin) with its place. Raises `ConfigurationError` naming it."""
    for place, row in tried_lines(path):
        if isinstance(row, ConfigurationError):
            raise row
        yield place, row


def tried_lines(path: Path) -> Iterator[tuple[str, dict[str, Any] | ConfigurationError]]:
    """As `json_lines`, with the mistake in the place of a line that holds no object, so that the rest can go on.

    Raises `ConfigurationError` where there is no file.
    """
    try:
        handle = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name a file of JSON lines, or - for stdin") from error
    with handle:
        for number, line in enumerate(handle, 1):
            place = f"{'stdin' if str(path) == '-' else path}:{number}"
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if not text:
                    continue
                row = json.loads(text)
            except UnicodeDecodeError as error:
                yield place, ConfigurationError(f"{place}: not UTF-8 ({error.reason})")
            except json.JSONDecodeError as error:
                yield place, ConfigurationError(f"{place}: not JSON ({error.msg}); write one object per line")
            except ValueError as error:  # a number of more digits than Python reads
                yield place, ConfigurationError(f"{place}: cannot be read ({error}); write long numbers as text")
            except RecursionError:
                yield place, ConfigurationError(f"{place}: nested too deep to be a document")
            else:
                wrong = ConfigurationError(f"{place}: each line must be a JSON object")
                yield place, row if isinstance(row, dict) else wrong


def documents(path: Path) -> Iterator[Document | ConfigurationError]:
    """The documents of a file in the input format of ``cluster``; a time without a zone is UTC.

    A mistake stands in the place of a line that holds no document. A document whose time cannot be read comes after
    its mistake, without a time. Raises `ConfigurationError` where there is no file.
    """
    for place, row in tried_lines(path):
        try:
            if isinstance(row, ConfigurationError):
                raise row
            _demand_keys(place, row)
        except ConfigurationError as error:
            yield error
            continue
        published = None
        try:
            published = _published(place, row)
        except ConfigurationError as error:
            yield error
        yield _document(row, published)


def labelled(path: Path) -> tuple[list[Document], list[str]]:
    """The documents of a labelled file and the story of each; lines whose story is null belong to none."""
    rows, stories = [], []
    for place, row in json_lines(path):
        if "story" not in row:
            raise ConfigurationError(f"{place}: the key 'story' is missing; a labelled file names each line's story")
        _demand_keys(place, row)
        if row["story"] is None:
            continue
        rows.append(_document(row, _published(place, row)))
        stories.append(str(row["story"]))
    if not rows:
        raise ConfigurationError(f"{path}: holds no line to learn from")
    return rows, stories


def labelled_topic(path: Path) -> tuple[list[Document], list[int]] | None:
    """The documents of a file and the label of each by the key `topic`; None where its lines have no such key."""
    rows, labels = [], []
    for place, row in json_lines(path):
        if "topic" not in row:
            continue
        _demand_keys(place, row)
        if row["topic"] not in (0, 1, 2):
            raise ConfigurationError(f"{place}: topic must be 2 (on it), 1 (related) or 0 (not)")
        rows.append(_document(row, _published(place, row)))
        labels.append(int(row["topic"]))
    return (rows, labels) if rows else None


def _demand_keys(place: str, row: dict[str, Any]) -> None:
    for name in ("id", "title", "text"):
        if name not in row:
            raise ConfigurationError(f"{place}: the key {name!r} is missing")


def _published(place: str, row: dict[str, Any]) -> datetime | None:
    try:
        published = datetime.fromisoformat(str(row["published"])) if row.get("published") else None
    except ValueError as error:
        raise ConfigurationError(f"{place}: published must be ISO 8601 or null ({error})") from error
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    if published is not None and not YEARS[0] <= published.year < YEARS[1]:
        raise ConfigurationError(f"{place}: published is in the year {published.year}; write null where it is unknown")
    return published


def _document(row: dict[str, Any], published: datetime | None) -> Document:
    url, source, language = (
        None if row.get(name) is None else str(row[name]) for name in ("url", "source", "language")
    )
    return Document(
        id=str(row["id"]),
        title=_whole(row["title"]),
        text=_whole(row["text"]),
        published=published,
        url=url,
        source=source,
        language=language,
    )


def _whole(value: Any) -> str:
    """A text without half surrogate pairs, which JSON can write and no tokenizer can read."""
    return str(value or "").encode("utf-8", "replace").decode("utf-8")
