"""Many rows as one parameter: a JSON array that a query reads with ``json_to_recordset``.

A statement for many rows costs the server one parse, one plan and one round trip. Its columns' types stand in the
query.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Json


def recordset(rows: Iterable[Mapping[str, Any]]) -> Json:
    """The rows as a parameter; sequences become arrays of Postgres, times are kept to the microsecond."""
    return Json(list(rows), dumps=_dumps)


def _dumps(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a column cannot hold a {type(value).__name__}")
