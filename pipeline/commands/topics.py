"""``wirewatch topic``: write a topic file by five questions, and try one on what is stored."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import settings as configuration
from pipeline import topics
from pipeline.commands import console, questions, topic_answers
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.topics import writing

if TYPE_CHECKING:
    from pipeline.steps import trying

app = typer.Typer(help="Topic files: write one, and try it before it runs.", no_args_is_help=True)
_SHOWN = 10

_QUESTIONS = {
    "--name": "1 of 5. What is the topic called?",
    "--about": "2 of 5. What is it about? Two or three sentences on one line, as a newspaper would write them.\n  ",
    "--words": "3 of 5. In which languages are its words? Two letters each, as in en, pl",
    "--days": "4 of 5. From which day to which? As in 2026-11-28..2026-12-31; 2026-11-28.. goes on",
    "--digest": "5 of 5. At which hour of which zone is the digest of the day before drafted? As in 7 Europe/Warsaw",
}
_HOW = (
    "A text has to name one word of each group. Groups stand apart by ; and words by , and * takes any ending,\n"
    "   as in Russia*, Putin; North Korea*, Kim Jong Un."
)


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
    asked = questions.Questions("wirewatch topic new")
    reads = _reads(loaded)
    # What options say is read before anything is asked, so that no answer is given in vain.
    given = {"--name": name, "--about": about, "--days": days, "--digest": digest}
    known = {option: asked.take(option, text, reads[option]) for option, text in given.items() if text}
    terms = _said_words(asked, words or [])

    def answer(option: str, default: str = "") -> Any:
        if option in known:
            return known[option]
        return asked.answer(option, _QUESTIONS[option], reads[option], default=default)

    with asked.kept():
        named, said_about = answer("--name"), answer("--about")
        terms = terms or _asked_words(asked)
        first, last = answer("--days", f"{datetime.now(UTC).date()}..")
        hour, zone = answer("--digest", f"7 {topic_answers.zone_here()}")
        _write(named, writing.Wanted(named.name, said_about, terms, first, last, zone, hour))
    console.write(f"{named.path}\n{named.document}")
    console.hint(
        f"Try it on what is stored: wirewatch topic try {shlex.quote(str(named.path))}. A running Wirewatch reads it"
        " within minutes."
    )


def _reads(loaded: Settings) -> dict[str, Callable[[str], Any]]:
    """What makes something of an answer, by its option."""
    return {
        "--name": lambda given: topic_answers.named(loaded, given),
        "--about": questions.text_of,
        "--days": topic_answers.days,
        "--digest": topic_answers.digest,
    }


def _said_words(asked: questions.Questions, given: Sequence[str]) -> dict[str, writing.Groups]:
    """The terms that options give."""
    found: dict[str, writing.Groups] = {}
    for line in given:
        language, groups = asked.take("--words", line, lambda text: topic_answers.words(text, found))
        found[language] = groups
    return found


def _asked_words(asked: questions.Questions) -> dict[str, writing.Groups]:
    """The terms in each language that somebody names."""
    named = asked.answer("--words", _QUESTIONS["--words"], topic_answers.languages, default="en", kept=None)
    console.hint(f"   {_HOW}")
    found: dict[str, writing.Groups] = {}
    for language in named:
        how = ", the same groups in the same order" if found else ""
        found[language] = asked.answer(
            "--words",
            f"   Words in {language}{how}:",
            partial(topic_answers.groups, language, others=found),
            kept=f"{language}: ",
        )
    return found


def _write(named: topic_answers.Named, wanted: writing.Wanted) -> None:
    """Write both files, whole or not at all: a running Wirewatch reads them at any moment."""
    for each in (named.path, named.document):
        each.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=named.path.parent, prefix=".new-") as folder:
        path, document = Path(folder) / named.path.name, Path(folder) / named.document.name
        document.write_text(wanted.about + "\n", encoding="utf-8")
        path.write_text(writing.to_toml(wanted, document.name), encoding="utf-8")
        topics.load(path, document.parent)
        document.replace(named.document)
        path.replace(named.path)


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
    trial = trying.try_topic(loaded, subject, console.progress)
    _tell(subject, trial, time.monotonic() - began)


def _read(loaded: Settings, file: Path) -> topics.Topic:
    if file.is_dir():
        raise ConfigurationError(f"{file} is a folder; name the file of a topic")
    if not file.is_file():
        raise ConfigurationError(f"{file}: there is no such file; `wirewatch topic new` writes one")
    beside, shipped = file.resolve().parent, loaded.seeds / "documents"
    folders = list(dict.fromkeys((beside.parent / "documents", beside, shipped)))
    for folder in folders:
        try:
            return topics.load(file, folder)
        except topics.MissingDocumentError as error:
            missing = str(error)
    raise ConfigurationError(
        f"{missing.partition(' is not in ')[0]} is missing; put it into one of {', '.join(map(str, folders))}"
    )


def _tell(subject: topics.Topic, trial: trying.Trial, seconds: float) -> None:
    """The trial for people."""
    write = console.write
    write(
        f"{subject.name}, tried on {trial.entries:,} stored entries, published {trial.first:%Y-%m-%d} to"
        f" {trial.last:%Y-%m-%d} ({trial.days:.1f} days), in {seconds:.1f} s"
    )
    if trial.without_window:
        write("Nothing that is stored was published within its window, so it was tried as if it had none.")
    caught, near = trial.caught, trial.near
    write(f"\nIt would catch {len(caught):,} ({len(caught) / trial.days:.1f} a day){':' if caught else '.'}")
    if caught:
        write(
            f"  (its score, where {subject.weights.entry_threshold:.2f} is enough, and so is a word of each group; then"
            " the words that were found)"
        )
    for each in caught[:_SHOWN]:
        write(f"  {_score(each.verdict)}  {_told(each)}  [{', '.join(each.verdict.terms)}]")
    _more(len(caught))
    write(f"\nIt misses {len(near):,} by a hair{':' if near else '.'}")
    for each in near[:_SHOWN]:
        write(f"  {_score(each.verdict)}  {_told(each)}\n         {each.because}")
    _more(len(near))
    _tell_pages(trial)
    _tell_cost(trial.cost)


def _score(verdict: topics.TopicMatch) -> str:
    return f"{round(verdict.score, 2) + 0.0:5.2f}"  # no minus before a zero


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
        console.write(f"  {_score(verdict)}  {' '.join((page.title or '').split())} ({needs})")
    _more(len(off))


def _tell_cost(cost: trying.Cost) -> None:
    fetching = "" if cost.fetching is None else f", which take {cost.fetching:.0f} s from their outlets"
    console.write(
        f"\nA day costs {cost.pages:.1f} pages, {cost.new:.1f} of them fetched for no other topic{fetching}; judging"
        f" all entries takes {cost.judging:.1f} s of this machine."
    )
