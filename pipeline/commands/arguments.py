"""Arguments and help panels that several commands share."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from pipeline.settings import Settings

PIPELINE = "The pipeline: feeds in, digests out"
DESK = "Look and overrule"
FILES = "Files in, JSON lines out; no database"
HOUSE = "The house"

_LARGEST = 2**63 - 1  # a bigint of Postgres


def row_id(text: str) -> int:
    """The id of a row. Raises a usage error where it cannot be one."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) <= _LARGEST:
        raise typer.BadParameter(f"{text!r} is no id; ids are whole numbers from 1")
    return int(text)


def signature(settings: Settings, signed: str) -> str:
    """Who decides here: the one that the command names, else the setting's, else whoever is logged in."""
    return signed.strip() or settings.reviewer.strip() or getpass.getuser()


StoryId = Annotated[
    int, typer.Argument(help="A story's id, as in `story_overview` and the digest.", metavar="STORY", parser=row_id)
]
ArticleId = Annotated[
    int, typer.Argument(help="An article's id, as in `wirewatch story show`.", metavar="ARTICLE", parser=row_id)
]
DigestId = Annotated[
    int, typer.Argument(help="A digest's id, as in `wirewatch digest list`.", metavar="DIGEST", parser=row_id)
]
AsJson = Annotated[bool, typer.Option("--json", help="Counts as JSON, one object per step, for programs.")]
Signed = Annotated[
    str,
    typer.Option("--as", help="Who decides; WIREWATCH_REVIEWER, or whoever is logged in, by default.", metavar="NAME"),
]
