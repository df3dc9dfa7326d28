"""What every page is made with: its template, its connection that only reads, and the way that addresses are built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.portal import words

if TYPE_CHECKING:
    from pipeline.database import Connection

PREFIX = "/wirewatch"
FOLDER = Path(__file__).parent

_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_templates.filters |= {
    name: getattr(words, name)
    for name in ("moment", "published", "state", "why", "compares", "language", "country", "sent", "is_web")
}


def _pair(value: str, named_by: str = "") -> tuple[str, str]:
    """A choice of a form: its value, and how the filter `named_by` says it."""
    return value, str(_templates.filters[named_by](value)) if named_by else value


def _address(asked: Any, at: int) -> str:
    """The question of a form as part of an address, from the article at a place on; empty fields are left out."""
    return urlencode({name: value for name, value in asdict(asked).items() if value} | {"at": at})


_templates.filters |= {"pair": _pair, "address": _address}


@contextmanager
def reading() -> Iterator[Connection]:
    """The connection of one page. A link that somebody follows, or is made to follow, changes nothing."""
    from pipeline import database, settings
    from pipeline.store import reports

    with database.connect(settings.load()) as connection:
        reports.only_read(connection)
        yield connection


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of a template; `section` among the values marks the entry of the navigation that it belongs to."""
    values = {"prefix": PREFIX, "section": ""} | values
    return HTMLResponse(_templates.get_template(template).render(values), status_code=status)
