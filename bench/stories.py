"""Measure the finding of stories: ``python -m bench.stories quality|scale|cost`` prints the tables of three notes.

`quality` and `cost` read the labelled sets beside the repository (../shared/data/stories); `scale` makes its own
articles.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from zlib import crc32

import numpy as np

from pipeline import embeddings, settings
from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.models import Assignment
from pipeline.stories import model as story_model
from pipeline.stories.calibration import Labelled, fit, prepare
from pipeline.stories.decide import assign
from pipeline.stories.evaluation import Scores, evaluate
from pipeline.stories.features import Reading, article, encode_documents, terms_of, text_of
from pipeline.stories.memory_index import MemoryIndex
from pipeline.stories.orchestration import MERGE_EVERY
from pipeline.stories.stream import StoryStream, arrival_order
from pipeline.text.words import units
from tests.support import story_cases as cases

Labels = list[int]
Baseline = Callable[[str], Iterator[tuple[str, Labels]]]


def ordered(name: str) -> tuple[Labelled, np.ndarray, np.ndarray]:
    """A set in order of publication, with its days (undated: nan) and vectors of title and text."""
    each = cases.labelled(name)
    rows = arrival_order(each.documents)
    documents = tuple(each.documents[i] for i in rows)
    days = np.array([d.published.timestamp() / 86_400 if d.published else np.nan for d in documents])
    vectors = cases.encode()([text_of(d)[: 1600 + len(d.title)] for d in documents])
    return Labelled(name, documents, tuple(each.stories[i] for i in rows)), days, vectors


def single_pass(vectors: np.ndarray, days: np.ndarray, threshold: float, decay: float) -> Labels:
    """Join the nearest centroid if its cosine, less `decay` per day, passes; else open a story."""
    sums = np.zeros_like(vectors)
    unit = np.zeros_like(vectors)
    last, labels, count = np.full(len(vectors), np.nan), [], 0
    for i, vector in enumerate(vectors):
        close = unit[:count] @ vector - decay * np.nan_to_num(np.abs(days[i] - last[:count]))
        best = int(close.argmax()) if count and close.max() >= threshold else count
        count = max(count, best + 1)
        sums[best] += vector
        unit[best] = sums[best] / np.linalg.norm(sums[best])
        last[best] = days[i]
        labels.append(best)
    return labels


def minilm(decay: float) -> Baseline:
    def run(name: str) -> Iterator[tuple[str, Labels]]:
        _, days, vectors = ordered(name)
        for threshold in np.arange(0.3, 0.8, 0.04):
            yield f"{threshold:.2f}", single_pass(vectors, days, threshold, decay)

    return run


def tfidf(name: str) -> Iterator[tuple[str, Labels]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    each, days, _ = ordered(name)
    matrix = TfidfVectorizer(analyzer=terms_of, sublinear_tf=True).fit_transform(each.documents)
    dense = matrix[:, np.asarray(matrix.getnnz(axis=0)) > 1].toarray().astype(np.float32)
    for threshold in np.arange(0.1, 0.5, 0.04):
        yield f"{threshold:.2f}", single_pass(dense, days, threshold, 0.02)


def minhash(name: str) -> Iterator[tuple[str, Labels]]:
    from datasketch import MinHash, MinHashLSH

    each, _, _ = ordered(name)
    for threshold in (0.1, 0.2, 0.3, 0.5):
        index = MinHashLSH(threshold=threshold, num_perm=64)
        labels: Labels = []
        for i, document in enumerate(each.documents):
            found = units(text_of(document), document.language)
            sketch = MinHash(num_perm=64, seed=1)
            sketch.update_batch([" ".join(found[k : k + 3]).encode() for k in range(max(1, len(found) - 2))])
            near = index.query(sketch)
            labels.append(labels[min(near)] if near else i)
            index.insert(i, sketch)
        yield f"{threshold}", labels


def hdbscan_a_day(name: str) -> Iterator[tuple[str, Labels]]:
    import hdbscan

    _, days, vectors = ordered(name)
    whole = np.floor(np.nan_to_num(days))
    for epsilon in (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1):
        labels = np.arange(len(days))
        for day in np.unique(whole):
            rows = np.flatnonzero(whole == day)
            if len(rows) >= 3:
                clusterer = hdbscan.HDBSCAN(min_cluster_size=2, min_samples=1, cluster_selection_epsilon=epsilon)
                found = clusterer.fit_predict(vectors[rows].astype(np.float64))
                labels[rows] = [rows[found == c][0] if c >= 0 else row for row, c in zip(rows, found, strict=True)]
        yield f"{epsilon}", labels.tolist()


BASELINES: dict[str, Baseline] = {
    "MiniLM centroid": minilm(0.0),
    "MiniLM centroid, time decay .05": minilm(0.05),
    "TF-IDF centroid, time decay .02": tfidf,
    "MinHash-LSH": minhash,
    "HDBSCAN a day": hdbscan_a_day,
}


def line(title: str, scores: Sequence[Scores]) -> None:
    for metric in ("b_cubed_f1", "ari", "v_measure"):
        values = [getattr(score, metric) for score in scores]
        cells = " | ".join(f"{value:.3f}" for value in (*values, np.mean(values)))
        print(f"| {title} | {metric} | {cells} |", flush=True)


def baseline(title: str, run: Baseline) -> None:
    """With the one setting that is best on the mean, and left-out: with the one best on the other sets."""
    found = {
        name: {setting: evaluate(ordered(name)[0].stories, labels, rounds=0) for setting, labels in run(name)}
        for name in cases.NAMES
    }

    def best(names: Sequence[str]) -> str:
        return max(found[names[0]], key=lambda s: np.mean([found[n][s].b_cubed_f1 for n in names]))

    one = best(cases.NAMES)
    line(f"{title} ({one})", [found[name][one] for name in cases.NAMES])
    left_out = [found[n][best([o for o in cases.NAMES if o != n])] for n in cases.NAMES]
    line(f"{title}, left out", left_out)


def halves(each: Labelled) -> tuple[Labelled, Labelled]:
    """The set split by story in two."""
    side = [crc32(story.encode()) % 2 for story in each.stories]
    return tuple(  # type: ignore[return-value]
        Labelled(
            each.name,
            tuple(d for d, s in zip(each.documents, side, strict=True) if s == half),
            tuple(label for label, s in zip(each.stories, side, strict=True) if s == half),
        )
        for half in (0, 1)
    )


def quality(write: bool, baselines: bool) -> None:
    print("| method | metric | " + " | ".join(cases.NAMES) + " | mean |")
    for title, run in BASELINES.items() if baselines else ():
        baseline(title, run)
    every = fit([cases.prepared(name) for name in cases.FITTED], cases.model()).model
    if write:
        kept = cases.model()
        provenance = {**every.provenance, "command": "python -m bench.stories quality --write"}
        written = dataclasses.replace(every, topic=kept.topic, provenance=provenance)
        story_model.path_of(kept.name).write_text(written.to_json(), encoding="utf-8")

    def judge(each: Labelled, setting: story_model.StoryModel, rounds: int = 0) -> Scores:
        return evaluate(each.stories, cases.placed(each.documents, setting), rounds=rounds)

    line("Wirewatch, one setting", [judge(cases.labelled(n), every) for n in cases.NAMES])
    left_out = [judge(cases.labelled(n), cases.without(n), 1000) for n in cases.NAMES]
    line("Wirewatch, left out", left_out)
    for name, score in zip(cases.NAMES, left_out, strict=True):
        interval = score.intervals["b_cubed_f1"]
        print(
            name,
            f"P {score.b_cubed_precision:.3f} R {score.b_cubed_recall:.3f}",
            f"95% {interval.low:.3f}–{interval.high:.3f}",
        )
    parts = [halves(cases.labelled(n)) for n in cases.NAMES]
    tuned = fit([prepare(one, cases.encode(), cases.model()) for one, _ in parts], cases.model()).model
    line("Wirewatch, other half of each set", [judge(other, tuned) for _, other in parts])


def scale(sizes: Sequence[int]) -> None:
    """Time to place one article beside so many stored ones, three to a story, 10,000 per day; memory of the process."""
    model, rng = story_model.default(), np.random.default_rng(0)
    index = MemoryIndex(model)
    opened, stored = Assignment(None, 0.0, 0.0, "first", model.name), 0

    def made(day: float) -> tuple[np.ndarray, dict[str, float], float]:
        vector = rng.normal(size=model.dimension).astype(np.float32)
        terms = {f"t{n}": 0.06 for n in rng.integers(0, 200_000, 250)}
        return vector / np.linalg.norm(vector), terms, day

    for size in sizes:
        while stored < size:
            day = stored / 10_000
            vector, terms, _ = made(day)
            features = article(Reading(f"a{stored}", vector, terms, 300, day, "en"), model)
            if stored % 3 == 0:
                index.open(features, opened)
            else:
                index.join(f"a{stored - stored % 3}", features, opened)
            stored += 1
            if stored % 10_000 == 0:
                index.evict(day)
        times = []
        for _ in range(200):
            vector, terms, day = made(stored / 10_000)
            features = article(Reading("n", vector, terms, 300, day, "en"), model)
            start = time.perf_counter()
            assign(features, index.candidates(features.profile), model)
            times.append(time.perf_counter() - start)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"| {size:,} | {len(index):,} stories | {np.median(times) * 1000:.1f} ms | {memory:,.0f} MiB |", flush=True
        )


class Clock:
    """CPU seconds of this process by stage; a stage inside another counts towards the outer one alone."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inside = False

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if self._inside:
            yield
            return
        self._inside, start = True, time.process_time()
        yield
        self._inside = False
        self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - start


class ClockedStream(StoryStream):
    """A stream whose passes are timed apart from its placing."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(cases.model(), in_order=True)
        self.clock = clock

    def merge(self) -> None:
        with self.clock.stage("passes"):
            super().merge()

    def reassign(self) -> None:
        with self.clock.stage("passes"):
            super().reassign()


def stages(name: str) -> None:
    """Articles per CPU second, whole and by stage, of a labelled set as `wirewatch cluster` places it."""
    given, clock, encoder = cases.labelled(name).documents, Clock(), embeddings.load(settings.load())
    documents = [given[row] for row in arrival_order(given)]
    encoder.encode_texts(["warm"])
    with clock.stage("embed"):
        vectors = encode_documents(documents, encoder.encode_texts, cases.model())
    copies = MemoryCopyIndex()
    with clock.stage("copies"):
        for document in documents:
            copies.place(document)
    with clock.stage("tokenise"):
        for document in documents:
            terms_of(document)
    stream, start = ClockedStream(clock), time.process_time()
    for document, vector in zip(documents, vectors, strict=True):
        stream.place(document, vector, copy_of=copies.origins.get(document.id))
    stream.reassign()
    placing = time.process_time() - start
    clock.spent["place"] = placing - clock.spent["passes"] - clock.spent["tokenise"]
    clock.spent["whole"] = sum(clock.spent.values())
    for stage in ("tokenise", "embed", "copies", "place", "passes", "whole"):
        seconds = clock.spent[stage]
        print(f"| {name} | {stage} | {1000 * seconds / len(documents):.2f} ms | {len(documents) / seconds:,.0f} |")


def beside_hdbscan(name: str) -> None:
    """CPU seconds of the stream over a set, and of HDBSCAN run anew on all that came, every `MERGE_EVERY` articles."""
    import hdbscan

    each, _, _ = ordered(name)
    vectors = encode_documents(each.documents, cases.encode(), cases.model())
    stream, ours, theirs = StoryStream(cases.model(), in_order=True), 0.0, 0.0
    for begin in range(0, len(vectors), MERGE_EVERY):
        end, start = min(begin + MERGE_EVERY, len(vectors)), time.process_time()
        for row in range(begin, end):
            stream.place(each.documents[row], vectors[row])
        if end == len(vectors):
            stream.reassign()
        ours += time.process_time() - start
        start = time.process_time()
        hdbscan.HDBSCAN(min_cluster_size=2, min_samples=1).fit(vectors[:end].astype(np.float64))
        theirs += (last := time.process_time() - start)
    print(
        f"| {name} | {len(vectors):,} | {ours:.1f} s | {theirs:.1f} s | {theirs / ours:.1f} | {last:.2f} s |",
        flush=True,
    )


def cost(names: Sequence[str]) -> None:
    for name in names:
        stages(name)
    for name in names:
        beside_hdbscan(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("quality", "scale", "cost"))
    parser.add_argument("--write", action="store_true", help="store the setting fitted to all sets in the package")
    parser.add_argument("--only-ours", action="store_true", help="leave the baselines out")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--sets", nargs="+", default=["fulltext-2016", "headlines-2014"], choices=cases.NAMES)
    given = parser.parse_args()
    if given.what == "quality":
        quality(given.write, not given.only_ours)
    elif given.what == "scale":
        scale(given.sizes)
    else:
        cost(given.sets)
