"""The one place that opens a folder by sentence-transformers."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Literal


def wait_passively() -> None:
    """Let OpenMP's threads wait without spinning, which doubles processor time on a busy machine.

    It is heard where torch was not loaded yet.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def opened(folder: Path, device: str = "cpu", backend: Literal["onnx", "torch"] = "torch") -> Any:
    """The model in a folder, without a look at the network. Raises whatever the missing or broken part raises."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else forks of a worker warn, and may hang
    wait_passively()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    theirs = logging.getLogger("sentence_transformers")
    before = theirs.level
    theirs.setLevel(logging.ERROR)  # it warns of each prompt that a model has, which is as it should be
    try:
        return SentenceTransformer(str(folder), device=device, backend=backend, local_files_only=True)
    finally:
        theirs.setLevel(before)
