"""The embedding model before anything starts: made by a process of its own, whose memory is free again at its end."""

from __future__ import annotations

import os
import subprocess
import sys

from pipeline import embeddings
from pipeline.local.show import Show
from pipeline.settings import Settings


def prepare(settings: Settings, show: Show) -> None:
    """Make the folder of multilingual-e5-small where that is the model and it is not there yet.

    What stands in the way is said by whoever asks for the model next.
    """
    if embeddings.name_of(settings) != embeddings.MULTILINGUAL or embeddings.is_made(settings):
        return
    place = {"WIREWATCH_HOME": str(settings.home), "WIREWATCH_MODELS": str(settings.models_folder.absolute())}
    with show.step("Language model", takes="some 15 s, once") as said:
        command = [sys.executable, "-P", "-m", "pipeline", "model", "fetch"]
        made = subprocess.run(command, env=os.environ | place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        said.append(f"made from {embeddings.source(settings)}" if made.returncode == 0 else "not made")
