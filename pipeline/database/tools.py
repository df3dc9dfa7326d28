"""The programs of Postgres itself, each in the version that fits a server, with no password in their arguments."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pipeline.database.server_folder import BINARIES
from pipeline.errors import ConfigurationError

# Where packages of Postgres put them: Debian's, and those of postgresql.org for Red Hat.
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_PRIVATE = 0o077


def tool(name: str, major: int) -> str:
    """The program of a server's own major version, else the next newer one: an older one refuses the server.

    Looks at PATH, at where packages install, and at what the embedded Postgres brings. Raises `ConfigurationError`
    where none is new enough.
    """
    found = {version: path for path in _candidates(name) if (version := _version(path)) is not None}
    fitting = [version for version in sorted(found) if version >= major]
    if not fitting:
        there = ", ".join(f"{path} of {version}" for version, path in sorted(found.items())) or "none"
        raise ConfigurationError(f"a {name} of Postgres {major} or newer is needed (found: {there})")
    return found[fitting[0]]


def _candidates(name: str) -> Iterator[str]:
    """Every such program; of two of a version the later one counts, so that PATH's is the last."""
    for folder in sorted(BINARIES.parent.parent.glob("pginstall*/bin")):
        yield str(folder / name)
    for place in _PLACES:
        yield from map(str, sorted(Path("/").glob(f"{place[1:]}/{name}")))
    if (path := shutil.which(name)) is not None:
        yield path


@cache
def _version(path: str) -> int | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    found = _VERSION.search(said)
    return int(found[1]) if found else None


def address(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without its password, and the variable that says it: arguments are for all to see.

    Raises `ConfigurationError` where it holds the passphrase of a key, which no variable of libpq's can say.
    """
    parts = conninfo_to_dict(url)
    if parts.get("sslpassword"):
        raise ConfigurationError(
            "WIREWATCH_DATABASE_URL holds sslpassword, which every account here could read in a program's arguments; "
            "write it into a file that PGSERVICEFILE names, and name its section by ?service="
        )
    password = parts.pop("password", None)
    return make_conninfo("", **parts), {} if password is None else {"PGPASSWORD": str(password)}


def call(command: list[str], more: Mapping[str, str]) -> int:
    """The exit status of a program of Postgres, which speaks to the terminal itself; what it writes is private.

    Not exec: this process holds the embedded server, and ends it afterwards if it started it. Raises
    `ConfigurationError` where it cannot be started.
    """
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends a query, not the shell
    try:
        return subprocess.run(command, check=False, env={**os.environ, **more}, umask=_PRIVATE).returncode
    except OSError as error:
        name = Path(command[0]).name
        raise ConfigurationError(
            f"{name} cannot be started ({error.strerror}); install the postgresql-client"
        ) from error
    finally:
        signal.signal(signal.SIGINT, former)


def call_with_list(command: list[str], wanted: str, file: Path, more: Mapping[str, str]) -> int:
    """`call` of a pg_restore of those entries of a dump that are listed."""
    with tempfile.NamedTemporaryFile("w", prefix="wirewatch-", suffix=".list", encoding="utf-8") as listed:
        listed.write(wanted)
        listed.flush()
        return call([*command, f"--use-list={listed.name}", str(file)], more)
