"""``wirewatch topic``: write a topic file by five questions, and try one on what is stored."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from pipeline import settings as configuration
from pipeline import topics
from pipeline.commands import console
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.topics import writing

if TYPE_CHECKING:
    from pipeline.steps import trying

app = typer.Typer(help="Topic files: write one, and try it before it runs.", no_args_is_help=True)
_SHOWN = 10

_QUESTIONS = {
    "--name": "1 of 5. What is the topic called?",
    "--about": "2 of 5. What is it about? Two or three sentences, as a newspaper would write them",
    "--words": "3 of 5. In which languages are its words (as in en, pl)",
    "--days": "4 of 5. From which day to which? 2026-11-28.. goes on",
    "--digest": "5 of 5. At which hour of which zone is the digest of the day before drafted? As in 7 Europe/Warsaw",
}


@app.command()
def new(
    name: Annotated[str, typer.Option("--name", help="What it is called.")] = "",
    about: Annotated[str, typer.Option("--about", help="What it is about, in sentences: its seed document.")] = "",
    words: Annotated[
        list[str] | None,
        typer.Option(
            "--words",
            help="Its terms in a language, groups apart by ; and terms by , as in 'en: Russia*, Putin; North Korea*'.",
        ),
    ] = None,
    days: Annotated[str, typer.Option("--days", help="FROM..TO, or FROM.. without an end; today's by default.")] = "",
    digest: Annotated[str, typer.Option("--digest", help="Hour and zone, as in '7 Europe/Warsaw'.")] = "",
) -> None:
    """Write a topic file by five questions, or by options; what an option says is not asked."""
    loaded = configuration.load()
    name = name or _ask("--name")
    slug = writing.slug_of(name)
    if not slug:
        raise ConfigurationError(f"the file of a topic is named by it, and {name!r} has no Latin letter; add some")
    path, document = loaded.seeds / "topics" / f"{slug}.toml", loaded.seeds / "documents" / f"{slug}.txt"
    for each in (path, document):
        if each.exists():
            raise ConfigurationError(f"{each} is there already; choose another name, or edit it")
    about = about or _ask("--about")
    terms = _words(words) if words else _asked_words()
    first, last = _days(days or _ask("--days", f"{datetime.now(UTC).date()}.."))
    hour, zone = _digest(digest or _ask("--digest", f"7 {_zone_here()}"))
    wanted = writing.Wanted(name.strip(), about.strip(), terms, first, last, zone, hour)
    _write(path, document, wanted)
    console.write(f"{path}\n{document}")
    console.hint(f"Try it on what is stored: wirewatch topic try {path}. A running Wirewatch reads it within minutes.")


def _write(path: Path, document: Path, wanted: writing.Wanted) -> None:
    """Write both files; neither stays where the topic cannot be read."""
    for each in (path, document):
        each.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(wanted.about + "\n", encoding="utf-8")
    path.write_text(writing.to_toml(wanted, document.name), encoding="utf-8")
    try:
        topics.load(path, document.parent)
    except ConfigurationError:
        path.unlink()
        document.unlink()
        raise


def _ask(option: str, default: str = "") -> str:
    """The answer of whoever sits there. Raises `ConfigurationError` where nobody does."""
    if not sys.stdin.isatty():
        raise ConfigurationError(f"nobody is there to be asked; give {option}")
    said: str = typer.prompt(_QUESTIONS[option], default=default or None, err=True)
    return said


def _asked_words() -> dict[str, writing.Groups]:
    """The terms in each language that somebody names."""
    languages = [tag.strip() for tag in _ask("--words", "en").split(",") if tag.strip()]
    given = []
    for at, language in enumerate(languages):
        how = "; between groups and , between terms" if at == 0 else "the same groups, in the same order"
        given.append(f"{language}: {typer.prompt(f'   Words in {language}, {how}', err=True)}")
    return _words(given)


def _words(given: Sequence[str]) -> dict[str, writing.Groups]:
    """Terms by language. Raises `ConfigurationError` where a language has other groups than the first."""
    found: dict[str, writing.Groups] = {}
    for line in given:
        language, colon, listed = line.partition(":")
        groups = writing.groups_of(listed)
        if not colon or not language.strip().isascii() or not groups:
            raise ConfigurationError(f"--words {line!r}: write it like 'en: Russia*, Putin; North Korea*'")
        found[language.strip().lower()] = groups
    counts = {language: len(groups) for language, groups in found.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{language} has {count}" for language, count in counts.items())
        raise ConfigurationError(f"--words: every language needs the same groups in the same order; {said}")
    return found


def _days(text: str) -> tuple[date, date | None]:
    first, is_range, last = text.partition("..")
    start, end = topics.parse_day(first.strip()), topics.parse_day(last.strip()) if last.strip() else None
    if not is_range or (end is not None and end < start):
        raise ConfigurationError(f"--days {text}: write it like 2026-11-28.. or 2026-11-28..2026-12-31")
    return start, end


def _digest(text: str) -> tuple[int, str]:
    hour, _, zone = text.strip().partition(" ")
    try:
        ZoneInfo(zone.strip())
        if not 0 <= int(hour) <= 23:
            raise ValueError
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ConfigurationError(f"--digest {text!r}: write an hour and a zone, like '7 Europe/Warsaw'") from None
    return int(hour), zone.strip()


def _zone_here() -> str:
    """The zone of this machine by its IANA name, else UTC."""
    try:
        name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return "UTC"
    return name


@app.command("try")
def try_file(
    file: Annotated[
        Path, typer.Argument(help="A topic file; its seed documents in `documents` beside its folder, or beside it.")
    ],
) -> None:
    """What a topic would catch of what is stored, miss by a hair, and cost; nothing is written."""
    from pipeline.steps import trying

    loaded = configuration.load()
    subject = _read(loaded, file)
    began = time.monotonic()
    trial = trying.try_topic(loaded, subject)
    _tell(subject, trial, time.monotonic() - began)


def _read(loaded: Settings, file: Path) -> topics.Topic:
    if not file.is_file():
        raise ConfigurationError(f"{file}: there is no such file; `wirewatch topic new` writes one")
    folders = [file.parent.parent / "documents", loaded.seeds / "documents", file.parent]
    for folder in folders[:-1]:
        try:
            return topics.load(file, folder)
        except ConfigurationError as error:
            if "seed document" not in str(error):
                raise
    return topics.load(file, folders[-1])


def _tell(subject: topics.Topic, trial: trying.Trial, seconds: float) -> None:
    """The trial for people."""
    write = console.write
    write(
        f"{subject.name}, tried on {trial.entries:,} stored entries, published {trial.first:%Y-%m-%d} to"
        f" {trial.last:%Y-%m-%d} ({trial.days:.1f} days), in {seconds:.1f} s"
    )
    if trial.without_window:
        write("Nothing that is stored was published within its window, so it was tried as if it had none.")
    write(f"\nIt would catch {len(trial.caught):,} ({len(trial.caught) / trial.days:.1f} a day):")
    for each in trial.caught[:_SHOWN]:
        write(f"  {each.verdict.score:5.2f}  {_told(each)}  [{', '.join(each.verdict.terms)}]")
    _more(len(trial.caught))
    write(f"\nIt misses {len(trial.near):,} by a hair:")
    for each in trial.near[:_SHOWN]:
        write(f"  {each.verdict.score:5.2f}  {_told(each)}\n         {each.because}")
    _more(len(trial.near))
    _tell_pages(trial)
    _tell_cost(trial.cost)


def _told(each: trying.Judged) -> str:
    return f"{each.entry.outlet}: {' '.join(each.entry.title.split())}"


def _more(count: int) -> None:
    if count > _SHOWN:
        console.write(f"  and {count - _SHOWN:,} more")


def _tell_pages(trial: trying.Trial) -> None:
    if not trial.full:
        return
    off = [(page, verdict) for page, verdict in trial.full if not verdict.on_topic]
    console.write(
        f"\nOf their pages {len(trial.full):,} are stored; by the whole text {len(trial.full) - len(off):,} are on it"
        + (", and not:" if off else ".")
    )
    for page, verdict in off[:_SHOWN]:
        needs = "a group is missing" if verdict.rule == "groups" else f"it needs {verdict.threshold:.2f}"
        console.write(f"  {verdict.score:5.2f}  {' '.join((page.title or '').split())} ({needs})")
    _more(len(off))


def _tell_cost(cost: trying.Cost) -> None:
    fetching = "" if cost.fetching is None else f", which take {cost.fetching:.0f} s from their outlets"
    console.write(
        f"\nA day costs {cost.pages:.1f} pages, {cost.new:.1f} of them fetched for no other topic{fetching}; judging"
        f" all entries takes {cost.judging:.1f} s of this machine."
    )
