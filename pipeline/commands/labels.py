"""``wirewatch labels``: draw addresses for a person to label, and load what they said."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import database, topics
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import Signed, signature
from pipeline.errors import ConfigurationError
from pipeline.store import labels as store

app = typer.Typer(
    help="What people say of addresses, by which `wirewatch.recall` in SQL judges a topic.", no_args_is_help=True
)
_COLUMNS = ("url", "outlet", "title", "weight", "on_topic", "development")
_TRUE, _FALSE = ("true", "yes", "y", "1", "t"), ("false", "no", "n", "0", "f")

TopicName = Annotated[str, typer.Argument(help="The topic's name, as in `seeds/topics`.", metavar="TOPIC")]
Day = Annotated[datetime, typer.Argument(help="A day, 2024-06-19, in the topic's zone.", formats=["%Y-%m-%d"])]


@app.command()
def sample(
    topic: TopicName,
    first: Day,
    last: Day,
    size: Annotated[int, typer.Option("--size", min=2, max=100_000, help="How many addresses.")] = 200,
    seed: Annotated[str, typer.Option("--seed", help="Another word draws another sample.")] = "1",
) -> None:
    """Draw addresses at random, as CSV: fill the column on_topic with yes or no, and give the file to `labels load`.

    Half are of those that the pipeline found on topic, which it does not say of any.
    """
    with database.connect(configuration.load()) as connection:
        drawn = store.draw(connection, topic, first.date(), last.date(), size, seed)
    if drawn is None:
        raise ConfigurationError(f"there is no topic {topic!r} in the database")
    if not drawn:
        raise ConfigurationError(f"no entry was judged for {topic!r} on these days")
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows((each.url, each.outlet, each.title, round(each.weight, 6), "", "") for each in drawn)
    typer.echo(written.getvalue(), nl=False)


@app.command()
def load(
    topic: TopicName,
    file: Annotated[
        Path, typer.Argument(help="CSV as `sample` writes it, or JSON lines.", exists=True, dir_okay=False)
    ],
    signed: Signed = "",
) -> None:
    """Keep what the file says: url and on_topic of each row, with development and weight where they are there."""
    settings = configuration.load()
    rows = _rows(file)
    said = [found for number, row in rows if (found := _said(file, number, row)) is not None]
    with database.connect(settings) as connection:
        topics.find(settings, topic)
        store.keep(connection, topic, said, signature(settings, signed), datetime.now(UTC))
    console.hint(f"{len(said)} labels kept, {len(rows) - len(said)} rows without one")


def _rows(file: Path) -> list[tuple[int, dict[str, Any]]]:
    """Each row of a file with its line."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: {error.reason}; it must be UTF-8") from error
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        return [
            (number, _object(file, number, line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        ]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = {"url", "on_topic"} - set(reader.fieldnames or ())
    if missing:
        raise ConfigurationError(f"{file}: there is no column {' and no column '.join(sorted(missing))}")
    return [(reader.line_num, row) for row in reader]


def _object(file: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise ConfigurationError(f"{file}:{number}: no JSON ({error})") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{file}:{number}: no object")
    return found


def _said(file: Path, number: int, row: dict[str, Any]) -> store.Said | None:
    """What a row says; None where nobody has said anything yet."""
    verdict = str(row.get("on_topic") if row.get("on_topic") is not None else "").strip().lower()
    url = str(row.get("url") or "").strip()
    if not verdict:
        return None
    if verdict not in (*_TRUE, *_FALSE) or not url:
        raise ConfigurationError(f"{file}:{number}: needs an address in url, and yes or no in on_topic")
    try:
        weight = float(row.get("weight") or 1)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{file}:{number}: weight is no number") from error
    if not 0 < weight < float("inf"):
        raise ConfigurationError(f"{file}:{number}: weight must be above 0")
    return store.Said(url, verdict in _TRUE, str(row.get("development") or "").strip() or None, weight)
