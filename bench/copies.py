"""Measure the finding of copies: ``python -m bench.copies [--documents N]`` prints the tables of two notes.

Reads the labelled sets beside the repository (../shared/data/stories) through tests/support/copy_cases.py.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
from datasketch import MinHash

from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.copies.overlap import PreparedText, is_copy, overlap, prepare, winnow
from pipeline.models import Document
from pipeline.text.words import shingle_sequence, shingles, units
from tests.support import copy_cases as cases

Keys = Callable[[np.ndarray], frozenset[object]]


def lsh_keys(bands: int, rows: int) -> Keys:
    """Band keys of a datasketch MinHash."""

    def keys(sequence: np.ndarray) -> frozenset[object]:
        minhash = MinHash(num_perm=bands * rows, seed=1)
        minhash.update_batch([value.tobytes() for value in np.unique(sequence)])
        values = minhash.hashvalues
        return frozenset((band, *values[band * rows : (band + 1) * rows].tolist()) for band in range(bands))

    return keys


def sampled_keys(one_in: int) -> Keys:
    """Every shingle whose hash falls into 1/n of the range (FracMinHash)."""
    limit = np.uint64(2**64 // one_in)
    return lambda sequence: frozenset(np.unique(sequence[sequence < limit]).tolist())


def winnowed_keys(window: int) -> Keys:
    return lambda sequence: frozenset(winnow(sequence, window).tolist())


METHODS: dict[str, Keys] = {
    "winnowing, window 8": winnowed_keys(8),
    "winnowing, window 16 (used)": winnowed_keys(16),
    "winnowing, window 24": winnowed_keys(24),
    "FracMinHash 1/8": sampled_keys(8),
    "FracMinHash 1/12": sampled_keys(12),
    "MinHash-LSH 64 bands of 1": lsh_keys(64, 1),
    "MinHash-LSH 64 bands of 2": lsh_keys(64, 2),
    "MinHash-LSH 32 bands of 4": lsh_keys(32, 4),
}


def candidates(documents: list[Document], edits: dict[str, list[tuple[Document, str]]]) -> None:
    """Recall and cost of ways to find candidates: on the set's own pairs, and on texts cut from long ones."""
    sequences = {d.id: shingle_sequence(units(d.text)) for d in documents}
    texts = {d.id: prepare(d) for d in documents}
    rows = list(texts.values())
    true = [
        (a.id, b.id) for n, a in enumerate(rows) for b in rows[n + 1 :] if overlap(a, b).share >= 0.5 and a.url != b.url
    ]
    cut = {name: [(shingle_sequence(units(d.text)), origin) for d, origin in made] for name, made in edits.items()}
    print(f"\ncandidates ({len(true)} pairs share half): keys, recall, candidates, recall on edited texts, time")
    for name, method in METHODS.items():
        started = time.process_time()
        keys = {i: method(s) for i, s in sequences.items() if len(s)}
        spent = time.process_time() - started
        where: defaultdict[object, list[str]] = defaultdict(list)
        for i, found in keys.items():
            for key in found:
                where[key].append(i)
        met = Counter((a, b) for ids in where.values() for n, a in enumerate(ids) for b in ids[n + 1 :])
        recall = np.mean([bool(keys[a] & keys[b]) for a, b in true])
        parts = [f"{np.mean([bool(method(s) & keys[o]) for s, o in made]):.4f}" for made in cut.values()]
        size = np.mean([len(found) for found in keys.values()])
        print(f"{name:30s} {size:6.0f} {recall:.4f} {len(met):6d} {' '.join(parts)}  {1e3 * spent / len(keys):.2f} ms")


def decisions(texts: dict[str, PreparedText]) -> None:
    print("\npair decision by threshold: precision and recall on the tuning half, on the half held out")
    for threshold in (0.35, 0.4, 0.45, 0.47, 0.5, 0.55, 0.6):
        parts = []
        for held in (False, True):
            counts: Counter[tuple[bool, bool]] = Counter()
            for pair in cases.pairs():
                if cases.held_out(pair) == held:
                    a, b = texts[pair[0]], texts[pair[1]]
                    counts[is_copy(a, b, overlap(a, b), threshold), pair[2]] += 1
            found, right = counts[True, True] + counts[True, False], counts[True, True]
            parts.append(f"{right / found:.4f} {right / (right + counts[False, True]):.4f}")
        print(f"{threshold:.2f}  {'   '.join(parts)}")


def written() -> None:
    print("\npairs written for this project: part, precision, recall, false ones by kind")
    for part in cases.PARTS:
        pairs = cases.written(part)
        texts = [(prepare(pair.first), prepare(pair.second)) for pair in pairs]
        found = [is_copy(a, b, overlap(a, b)) for a, b in texts]
        right = sum(yes and pair.copied for pair, yes in zip(pairs, found, strict=True))
        wrong = Counter(pair.kind for pair, yes in zip(pairs, found, strict=True) if yes and not pair.copied)
        copied = sum(pair.copied for pair in pairs)
        print(f"{part:15s} {right / sum(found):.3f} {right / copied:.3f} {dict(wrong)}")


def throughput(documents: list[Document], count: int) -> None:
    """Time to place documents, beside shingling them; words are marked by the round, so that rounds share nothing."""
    index = MemoryCopyIndex()
    started = time.process_time()
    for document in documents:
        shingles(document.text)
    bare = (time.process_time() - started) / len(documents)
    placed, wall, cpu = 0, time.perf_counter(), time.process_time()
    while placed < count:
        mark = placed // len(documents)
        for document in documents[: count - placed]:
            text = document.text if not mark else document.text.replace(" ", f"q{mark} ")
            index.place(dataclasses.replace(document, id=f"{document.id}/{mark}", url=None, text=text))
            placed += 1
            if placed % (count // 4) == 0:
                spent, used = time.perf_counter() - wall, time.process_time() - cpu
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print(
                    f"{placed:7d} done: {1e3 * spent / placed:.2f} ms, {1e3 * used / placed:.2f} CPU-ms "
                    f"({used / placed / bare:.2f} of shingling alone) {memory:.0f} MB"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="documents of the throughput run")
    options = parser.parse_args()
    documents = cases.wire()
    rng = random.Random(3)
    longer = [document for document in documents[::3] if len(document.text) > 800]
    edits = {how: [(cases.edited(d, how, documents, rng), d.id) for d in longer] for how in cases.EDITS}
    candidates(documents, edits)
    decisions({document.id: prepare(document) for document in documents})
    written()
    print("\ncopies joined to one origin, in order, precision and recall on the tuning half, on the half held out")
    origins = cases.families(documents)
    for held in (False, True):
        print(*(f"{x:.4f}" for x in cases.score(origins, (p for p in cases.pairs() if cases.held_out(p) == held))))
    print(f"\nplacing {options.documents} documents")
    throughput(documents, options.documents)


if __name__ == "__main__":
    main()
