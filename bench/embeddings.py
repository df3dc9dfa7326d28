"""Measure embedding: ``python -m bench.embeddings`` prints the tables of the notes on embeddings in docs/notes.

Speed by backend and cut, in texts per second and per CPU second (a shared machine only makes the former worse), and how
well vectors of different inputs tell stories apart, on the labelled sets in ../shared/data/stories.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import lzma
import random
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import roc_auc_score

from pipeline import embeddings
from pipeline.models import Document
from pipeline.settings import Settings
from tests.support import labelled
from tests.support import story_cases as cases

SETS = ("wire-2025", "excerpts-2026", "triples-2010", "confusable", "fulltext-2016")
SPEED_SETS = ("wire-2025", "topic-karabakh-2023")
ARITHMETICS: dict[str, dict[str, Any]] = {
    "e5, float32": {"backend": "torch"},
    "e5, int8": {"backend": "int8"},
    "MiniLM, float32": {"model": embeddings.PACKAGED},
}
CUTS = np.arange(0.2, 0.75, 0.025)
INPUTS: dict[str, tuple[int, Callable[[Document], str]]] = {
    "title and text, 256 tokens": (256, lambda d: embeddings.compose(d, 256)),
    "title and text, 128 tokens (used)": (128, lambda d: embeddings.compose(d, 128)),
    "title and text, 64 tokens": (64, lambda d: embeddings.compose(d, 64)),
    "title twice and text, 128 tokens": (128, lambda d: f"{d.title}\n{embeddings.compose(d, 128)}"),
    "text, 128 tokens": (128, lambda d: d.text[:1024] or d.title),
    "title": (64, lambda d: d.title or d.text[:200]),
}


def sample(name: str, size: int) -> tuple[list[Document], list[str]]:
    """Whole stories of a set, drawn until they hold `size` documents."""
    with lzma.open(labelled.path(f"stories/{name}.jsonl.xz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        row["story"] = row["story"] or row["id"]  # an article of no story is one by itself
    stories = sorted({row["story"] for row in rows})
    random.Random(0).shuffle(stories)
    kept: list[dict[str, str]] = []
    for story in stories:
        kept += [row for row in rows if row["story"] == story]
        if len(kept) >= size:
            break
    return [Document(row["id"], row["title"], row["text"]) for row in kept], [row["story"] for row in kept]


def b_cubed(labels: np.ndarray, clusters: np.ndarray) -> float:
    same, together = labels[:, None] == labels[None], clusters[:, None] == clusters[None]
    both = (same & together).sum(1)
    precision, recall = (both / together.sum(1)).mean(), (both / same.sum(1)).mean()
    return float(2 * precision * recall / (precision + recall))


def separation(vectors: np.ndarray, stories: list[str], cuts: np.ndarray = CUTS) -> tuple[float, float]:
    """AUC of cosine over pairs, and B-cubed F1 of average linkage at the set's own best threshold."""
    labels = np.unique(stories, return_inverse=True)[1]
    cosine = np.clip(vectors @ vectors.T, -1, 1)
    above = np.triu_indices(len(labels), 1)
    auc = float(roc_auc_score(labels[above[0]] == labels[above[1]], cosine[above]))
    tree = linkage(squareform(1 - cosine, checks=False), "average")
    return auc, max(b_cubed(labels, fcluster(tree, cut, "distance")) for cut in cuts)


def quality(encoder: embeddings.Encoder, size: int) -> None:
    drawn = {name: sample(name, size) for name in SETS}
    print(f"\npair AUC and best B-cubed F1 on {', '.join(SETS)}; means; texts per CPU second")
    for name, (tokens, feed) in INPUTS.items():
        encoder._model.max_seq_length = tokens
        cut = dataclasses.replace(encoder, max_tokens=tokens)
        used, scores = 0.0, []
        for documents, stories in drawn.values():
            started = time.process_time()
            vectors = cut.encode_texts([feed(document) for document in documents])
            used += time.process_time() - started
            scores.append(separation(vectors, stories))
        means = np.mean(scores, axis=0)
        rate = sum(len(documents) for documents, _ in drawn.values()) / used
        parts = " ".join(f"{auc:.3f}/{b3:.3f}" for auc, b3 in scores)
        print(f"{name:34s} {parts}  {means[0]:.4f} {means[1]:.4f}  {rate:.1f}", flush=True)


def speed(size: int) -> None:
    documents, _ = sample("wire-2025", size)
    reference = None
    print(f"\n{len(documents)} texts of wire-2025: texts per second, per CPU second, least cosine to torch")
    backends = ["torch", *(["openvino"] if find_spec("openvino") else [])]
    with tempfile.TemporaryDirectory() as home:
        for backend in backends:
            encoder = embeddings.load(Settings(backend=backend, home=Path(home)))
            encoder.encode(documents[:32])
            wall, cpu = time.perf_counter(), time.process_time()
            vectors = encoder.encode(documents)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            reference = vectors if reference is None else reference
            least = float((vectors * reference).sum(1).min())
            print(f"{backend:10s} {len(documents) / wall:.1f} {len(documents) / cpu:.1f} {least:.5f}", flush=True)


def arithmetics(size: int) -> None:
    """The multilingual model in float32 and int8 beside MiniLM, in turns; then what int8 costs."""
    documents = [document for name in SPEED_SETS for document in sample(name, size // len(SPEED_SETS))[0]]
    settings = Settings(home=Path(".wirewatch"), model=embeddings.MULTILINGUAL)
    loaded, least = {}, dict.fromkeys(ARITHMETICS, float("inf"))
    print(f"\n{len(documents)} texts of {', '.join(SPEED_SETS)}, the best of three turns")
    for name, changes in ARITHMETICS.items():
        started = time.process_time()
        loaded[name] = embeddings.load(dataclasses.replace(settings, **changes))
        print(f"{name:14s} loaded in {time.process_time() - started:.1f} CPU seconds", flush=True)
    for _ in range(3):
        for name, encoder in loaded.items():
            started = time.process_time()
            encoder.encode(documents)
            least[name] = min(least[name], time.process_time() - started)
    base = least["e5, float32"]
    for name, used in least.items():
        print(f"{name:14s} {len(documents) / used:.1f} texts per CPU second, {base / used:.2f} of float32", flush=True)
    vectors = [loaded[name].encode(documents) for name in ("e5, float32", "e5, int8")]
    cosines = (vectors[0] * vectors[1]).sum(axis=1)
    print(f"cosine of int8 to float32: {cosines.min():.4f} at least, {np.median(cosines):.4f} in the middle")
    told_alike()


def told_alike() -> None:
    """What int8 costs in telling stories: whole labelled sets by the pipeline's own decisions; a quarter of an hour."""
    print("\nset: B-cubed F1 by the shipped numbers in float32; what int8 adds, and what a mixture of both adds")
    added = []
    for name in cases.FITTED:
        float32, int8, mixed = cases.told_alike(name)
        added.append((int8 - float32, mixed - float32))
        print(f"{name:22s} {float32:.4f} {added[-1][0]:+.4f} {added[-1][1]:+.4f}", flush=True)
    for label, rows in (("mean of all sets", added), ("mean of the general news", added[: len(cases.GENERAL)])):
        print(f"{label:22s}        " + " ".join(f"{mean:+.4f}" for mean in np.mean(rows, axis=0)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=350, help="documents drawn of each set")
    parser.add_argument("--arithmetics", action="store_true", help="only the multilingual model in float32 and int8")
    options = parser.parse_args()
    if options.arithmetics:
        arithmetics(options.size)
        return
    speed(options.size)
    quality(embeddings.load(Settings()), options.size)


if __name__ == "__main__":
    main()
