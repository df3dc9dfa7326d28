"""``wirewatch cluster``, ``evaluate`` and ``calibrate``: stories from files, by the pipeline's own code."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import FILES
from pipeline.commands.lines import documents, labelled, labelled_topic
from pipeline.errors import ConfigurationError, Fault
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.copies.memory_index import MemoryCopyIndex
    from pipeline.models import Document, Placement
    from pipeline.stories.calibration import Calibration
    from pipeline.stories.evaluation import Scores
    from pipeline.stories.topic_calibration import LabelledTopic
    from pipeline.topics import TopicNumbers

Input = Annotated[Path, typer.Argument(help="JSON lines: id, title, text, published; - is stdin.", metavar="IN.jsonl")]
Inputs = Annotated[
    list[Path], typer.Argument(help="JSON lines as for `cluster`, each with its `story`.", metavar="LABELLED.jsonl")
]
Model = Annotated[str, typer.Option("--model", help="Embedding model; WIREWATCH_MODEL by default.")]
Parameters = Annotated[
    Path | None,
    typer.Option(
        "--parameters",
        help="Thresholds by `calibrate --out`; the packaged ones by default.",
        metavar="FILE",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("cluster", rich_help_panel=FILES)(cluster)
    app.command("evaluate", rich_help_panel=FILES)(evaluate)
    app.command("calibrate", rich_help_panel=FILES)(calibrate)


def cluster(
    path: Input,
    out: Annotated[Path | None, typer.Option("--out", help="Write here instead of stdout.", metavar="FILE")] = None,
    parameters: Parameters = None,
) -> None:
    """Stories and copies without a database: per line id, story_id, copy_of, score, method, in input order.

    A line that holds no document is named on stderr and left out, one whose time cannot be read counts as without; the
    others get their stories, and the exit status is 1. So it is where our own code fails on a document, whose line then
    has an `error` that begins with ``internal``.
    """
    from pipeline.steps.barrier import survivors

    loaded = configuration.load()
    _mention_left_over(loaded, parameters)
    read = list(documents(path))
    mistakes = [row for row in read if isinstance(row, ConfigurationError)]
    rows = [row for row in read if not isinstance(row, ConfigurationError)]
    for mistake in mistakes:
        console.fail(str(mistake))
    # Opened before the work, so that a path that cannot be written is known before it.
    with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as handle:
        found = survivors(rows, partial(place, loaded, parameters=parameters))
        for row, placement in zip(rows, found, strict=True):
            if isinstance(placement, Fault):
                handle.write(console.json_line({"id": row.id, "error": "internal", "detail": str(placement)}))
            else:
                handle.write(console.json_line(asdict(placement) | {"score": round(placement.score, 4)}))
    failed = any(isinstance(placement, Fault) for placement in found)
    raise typer.Exit(1 if mistakes or failed else 0)


def place(loaded: Settings, rows: Sequence[Document], *, parameters: Path | None = None) -> list[Placement]:
    """Give every document its story, as the pipeline would; ids that stand twice are told apart by their line.

    A round-up, told by its title, is in no story: its line names one of its own, which no other line has.
    """
    from pipeline.extraction.kinds import round_up
    from pipeline.models import Placement
    from pipeline.steps.checking import check_model
    from pipeline.steps.model import encoder as encoder_of
    from pipeline.stories.stream import arrival_order, cluster_stream
    from pipeline.text.languages import language_of

    model = check_model(loaded, parameters)
    if not rows:
        return []
    names = _distinct([row.id for row in rows])
    encoder = encoder_of(loaded)
    placements = []
    with console.progress("cluster", len(rows)) as advance:
        named = zip(rows, names, strict=True)
        distinct = [replace(row, id=name, language=language_of(row)) for row, name in named]
        told_apart = {row.id for row in distinct if round_up(row.title)}
        copies = _copies([distinct[number] for number in arrival_order(distinct)])

        def borrowed(ordered: Sequence[Document]) -> Mapping[str, str]:
            position = {row.id: number for number, row in enumerate(ordered)}
            # An agency's own page may be dated after its first copy, and cannot lend it a vector then.
            return {
                copy: origin
                for copy, origin in copies.origins.items()
                if copy in position and position.get(origin, len(ordered)) < position[copy]
            }

        placed = [row for row in distinct if row.id not in told_apart]
        found = cluster_stream(placed, encoder.encode_texts, model, copy_of=borrowed, apart=copies.apart)
        for row, name in zip(rows, names, strict=True):
            placement = Placement(name, name, None, 0.0, "roundup") if name in told_apart else next(found)
            placements.append(replace(placement, id=row.id, copy_of=copies.origins.get(name)))
            advance()
    return placements


def _distinct(ids: Sequence[str]) -> list[str]:
    """The ids as they are, but for those that stood on an earlier line: they get ``#`` and a number."""
    seen: Counter[str] = Counter()
    names = []
    for name in ids:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _copies(rows: Sequence[Document]) -> MemoryCopyIndex:
    """What is a copy of what, and told apart from what, of documents in order of publication."""
    from pipeline.copies.memory_index import MemoryCopyIndex

    index = MemoryCopyIndex()
    for row in rows:
        index.place(row)
    return index


def evaluate(
    paths: Inputs,
    as_json: Annotated[bool, typer.Option("--json", help="One object per set and language.")] = False,
    parameters: Parameters = None,
) -> None:
    """B-cubed, ARI, V-measure and pair F1, by set and language, with 95% confidence intervals by bootstrap."""
    from pipeline.steps.checking import check_model
    from pipeline.stories import evaluation

    loaded = configuration.load()
    _mention_left_over(loaded, parameters)
    check_model(loaded, parameters)
    found: list[tuple[str, Scores]] = []
    for path in paths:
        rows, stories = labelled(path)
        predicted = [placement.story_id for placement in place(loaded, rows, parameters=parameters)]
        found.append((path.stem, evaluation.evaluate(stories, predicted)))
        languages = [row.language or "unknown" for row in rows]
        if len(set(languages)) > 1:
            by_language = evaluation.evaluate_by(languages, stories, predicted)
            found += [(f"{path.stem} · {language}", scores) for language, scores in by_language.items()]
    if as_json:
        for name, scores in found:
            console.write_json({"set": name, **asdict(scores)})
        return
    columns = ("set", "documents", "stories", "found", "B³ P", "B³ R", "B³ F1 (95%)", "ARI", "V", "pair F1")
    console.table(columns, (_row(name, scores) for name, scores in found))


def _row(name: str, scores: Scores) -> list[str]:
    interval = scores.intervals["b_cubed_f1"]
    return [
        name,
        str(scores.documents),
        str(scores.stories),
        str(scores.clusters),
        f"{scores.b_cubed_precision:.3f}",
        f"{scores.b_cubed_recall:.3f}",
        f"{scores.b_cubed_f1:.3f} ({interval.low:.3f}–{interval.high:.3f})",
        f"{scores.ari:.3f}",
        f"{scores.v_measure:.3f}",
        f"{scores.pair_f1:.3f}",
    ]


def calibrate(
    paths: Inputs,
    model: Model = "",
    thresholds_only: Annotated[
        bool,
        typer.Option(
            "--thresholds-only", help="Fit thresholds and keep the weights: for fewer than some hundred stories."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write the numbers here instead of into the database; - prints them.",
                     metavar="FILE"),
    ] = None,
    topic_files: Annotated[
        Path | None,
        typer.Option("--topics", help="Folder of topic files and their seed documents; that of each labelled file by"
                     " default.", metavar="FOLDER"),
    ] = None,
) -> None:  # fmt: skip
    """Fit a model's weights and thresholds to labelled stories, and let every worker use them from now on.

    A file whose lines have the key `topic` (2 on it, 1 related, 0 not) also says what closeness to seed documents means
    by this model. The topic file of LABELLED.jsonl is LABELLED.toml, and its documents lie beside that.

    They go into the model's row of the database, and the curve is printed. With --out they go into a file, with the
    curve as an image beside it, and no database is asked: `wirewatch cluster --parameters FILE` reads it.
    """
    from pipeline import database, embeddings
    from pipeline.steps.model import keep_parameters
    from pipeline.stories import calibration

    loaded = configuration.load()
    if model:
        loaded = replace(loaded, model=model)
    embeddings.locate(loaded)
    sets = [labelled(path) for path in paths]
    subjects = [found for path in paths if (found := _labelled_topic(path, topic_files)) is not None]
    if out is None:
        with database.connect(loaded):
            pass  # a database that is not there is known before the work
    topical = {path.stem for path in paths if labelled_topic(path) is not None}
    fitted = _fitted(loaded, [path.stem for path in paths], sets, thresholds_only, topical)
    fitted = replace(fitted, model=replace(fitted.model, topic=_fitted_topic(loaded, subjects)))
    if fitted.model.topic is None:
        console.hint(
            f"{fitted.model.name} has no numbers for topics: no file has the key topic for enough texts; what watches"
            " topics refuses the model until one has"
        )
    if str(out) != "-":
        columns = ("rule", "threshold", "B³ P", "B³ R", "B³ F1")
        numbers = (
            (p.rule, f"{p.threshold:.2f}", f"{p.precision:.3f}", f"{p.recall:.3f}", f"{p.f1:.3f}") for p in fitted.curve
        )
        console.table(columns, numbers)
    if out is None:
        with database.connect(loaded) as connection:
            keep_parameters(connection, loaded, fitted.model)
        console.write(f"thresholds: in the database, for every worker with WIREWATCH_MODEL={fitted.model.name}")
    elif str(out) == "-":
        console.write(fitted.model.to_json().rstrip())
    else:
        out.write_text(fitted.model.to_json(), encoding="utf-8")
        calibration.plot(fitted, out.with_suffix(".png"))
        console.write(f"thresholds: {out}\ncurve: {out.with_suffix('.png')}")


def _labelled_topic(path: Path, folder: Path | None) -> LabelledTopic | None:
    """What a labelled file says of a topic; None where it says nothing, or where nobody wrote the topic's file."""
    from pipeline import topics
    from pipeline.stories.topic_calibration import LabelledTopic

    found = labelled_topic(path)
    if found is None:
        return None
    beside = path.parent if folder is None else folder
    file = beside / f"{path.stem}.toml"
    if not file.is_file():
        console.hint(f"{path}: its key topic is not used, as there is no topic file {file} (--topics FOLDER)")
        return None
    rows, labels = found
    return LabelledTopic(topics.load(file, beside), tuple(rows), tuple(labels))


def _fitted_topic(loaded: Settings, subjects: Sequence[LabelledTopic]) -> TopicNumbers | None:
    """What closeness says by the settings' model: fitted to these topics, else as the package knows it."""
    from pipeline.steps.model import encoder as encoder_of
    from pipeline.stories import model as story_model
    from pipeline.stories.topic_calibration import fit_topic, measure_topic

    encoder = encoder_of(loaded)
    fitted = fit_topic([measure_topic(each, encoder.encode, encoder.reads) for each in subjects])
    packaged = story_model.packaged(encoder.name)
    return packaged.topic if fitted is None and packaged is not None else fitted


def _fitted(
    loaded: Settings,
    names: Sequence[str],
    sets: Sequence[tuple[list[Document], list[str]]],
    thresholds_only: bool,
    topical: Collection[str],
) -> Calibration:
    """The numbers of the settings' model, fitted to labelled sets of these names, of which some are of one topic."""
    from pipeline.steps.model import encoder as encoder_of
    from pipeline.stories import calibration
    from pipeline.stories import model as story_model
    from pipeline.stories.calibration import Labelled

    encoder = encoder_of(loaded)
    # Where vectors of another model lie, and how near its stories come, says nothing of this one.
    unknown = replace(story_model.default(), centre=None, reach=math.inf)
    start = replace(
        story_model.packaged(encoder.name) or unknown,
        name=encoder.name,
        revision=encoder.revision,
        dimension=encoder.dimension,
        languages=None if "multi" in encoder.languages else frozenset(encoder.languages),
    )
    known = [
        Labelled(name, tuple(rows), tuple(stories), name in topical)
        for name, (rows, stories) in zip(names, sets, strict=True)
    ]
    return calibration.calibrate(known, encoder.encode_texts, start, thresholds_only=thresholds_only)


def _mention_left_over(loaded: Settings, parameters: Path | None) -> None:
    """Say where numbers lie that an earlier version would have read."""
    from pipeline.steps.model import left_over_file

    path = left_over_file(loaded)
    if parameters is None and path.is_file():
        console.hint(f"thresholds that an earlier version calibrated are in {path}; `--parameters {path}` uses them")
