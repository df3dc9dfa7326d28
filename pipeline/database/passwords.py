"""Passwords of accounts, out of a passfile as libpq has it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import ConfigurationError

# https://www.postgresql.org/docs/current/libpq-pgpass.html: five fields between colons; a backslash before a colon or
# a backslash means it as it is.
_FIELD = re.compile(r"((?:\\.|[^:\\])*)(?::|$)")
_PATTERN = 4  # host, port, database, user; then the password


def passfile(named: Path | None) -> Path:
    """The file that is named, else that of PGPASSFILE, else `~/.pgpass`.

    Raises `ConfigurationError` where one that is named is missing or may be read by others, whom libpq would ignore it
    for.
    """
    path = named or Path(os.environ.get("PGPASSFILE") or Path.home() / ".pgpass")
    if named is not None and not path.is_file():
        raise ConfigurationError(f"the passfile {path} does not exist")
    if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"the passfile {path} may be read by others; chmod 0600 {path}")
    return path


def password_of(path: Path, *address: str) -> str:
    """The password of the first line that fits host, port, database and user; empty where none does."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ""
    for line in lines:
        fields = list(_fields(line))
        if len(fields) > _PATTERN and not line.startswith("#"):
            pairs = zip(fields, address, strict=False)
            if all(field in ("*", asked) for field, asked in pairs):
                return fields[_PATTERN]
    return ""


def _fields(line: str) -> Iterator[str]:
    for _ in range(_PATTERN):
        found = _FIELD.match(line)
        if found is None or found.end() == 0:
            return
        yield re.sub(r"\\(.)", r"\1", found[1])
        line = line[found.end() :]
    yield re.sub(r"\\(.)", r"\1", line)
