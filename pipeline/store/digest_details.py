"""What a digest says beyond its columns, as the JSON of its row and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from psycopg.types.json import Jsonb

from pipeline.models.details import Changes, Cited, Correction, Details, Ended, First, Gloss, OldCopy, Since

_dumps = partial(json.dumps, default=datetime.isoformat)


def as_json(said: Details | Changes) -> Jsonb:
    """What was said, for a column; times are ISO 8601."""
    return Jsonb(asdict(said), dumps=_dumps)


def details(row: Mapping[str, Any]) -> Details:
    """The details of a story; an empty row, of a digest drafted before there were any, has none."""
    first, grown, gloss = row.get("first"), row.get("grown"), row.get("gloss")
    return Details(
        sentences=tuple(Cited(**sentence) for sentence in row.get("sentences", ())),
        first=First(**first | {"published": datetime.fromisoformat(first["published"])}) if first else None,
        grown=Cited(**grown) if grown else None,
        gloss=Gloss(**gloss) if gloss else None,
    )


def changes(row: Mapping[str, Any]) -> Changes:
    """The changes of a digest; an empty row has none."""
    since = row.get("since")
    return Changes(
        since=Since(**since | {"as_of": datetime.fromisoformat(since["as_of"])}) if since else None,
        ended=tuple(Ended(**each) for each in row.get("ended", ())),
        corrections=tuple(map(_correction, row.get("corrections", ()))),
    )


def _correction(row: Mapping[str, Any]) -> Correction:
    copies = tuple(OldCopy(**copy) for copy in row["copies"])
    return Correction(**{**row, "at": datetime.fromisoformat(row["at"]), "copies": copies})
