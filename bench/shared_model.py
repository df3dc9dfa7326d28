"""Measure what a model takes: ``python -m bench.shared_model`` prints the memory of processes that hold or share it.

Proportional set size (PSS) by the kernel, in MB, of so many processes that have embedded some texts, with the process
that holds the model where they share one; and the processor time until the first vectors of each.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from pipeline import embeddings, inference
from pipeline.inference import place
from pipeline.settings import Settings
from pipeline.steps.model import encoder

TEXTS = [f"Article {number}: the ministers met on Thursday and signed what they had agreed." for number in range(64)]


def work(settings: Settings, told: Connection) -> None:
    """Embed, say how long it took, and stay until told to go."""
    encoder(settings).encode_texts(TEXTS)
    told.send(time.process_time())
    told.recv()


def measure(settings: Settings, count: int) -> str:
    """One line: PSS of all in MB, and of one of them, and processor seconds."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    workers = [context.Process(target=work, args=(settings, there)) for _, there in pairs]
    for worker in workers:
        worker.start()
    used = sum(here.recv() for here, _ in pairs)
    ours = [psutil.Process(worker.pid) for worker in workers]
    records = (settings.home / "model").glob("*.json")
    holders = [found for record in records if (found := place.holder(record)) is not None]
    sizes = [process.memory_full_info().pss / 1e6 for process in (*ours, *holders)]
    used += sum(sum(process.cpu_times()[:2]) for process in holders)
    for (here, _), worker in zip(pairs, workers, strict=True):
        here.send(None)
        worker.join()
    inference.end_all(settings.home)
    each, held = sizes[:count], sizes[count:]
    return f"{sum(sizes):.0f} MB in all, {max(each):.0f} in one, {sum(held):.0f} in the holder; {used:.0f} CPU seconds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=3)
    count = parser.parse_args().processes
    models = str(Path(".wirewatch/models").absolute())
    for name in (embeddings.PACKAGED, embeddings.MULTILINGUAL):
        for backend in ("auto", "torch"):
            for seconds in (0.0, 60.0):
                with tempfile.TemporaryDirectory() as home:
                    settings = Settings(
                        home=Path(home), models=models, model=name, model_seconds=seconds, backend=backend
                    )
                    said = measure(settings, count)
                print(f"{name:22s} {backend:6s} {'shared' if seconds else 'each':7s} {said}", flush=True)


if __name__ == "__main__":
    main()
