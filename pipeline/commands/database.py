"""``wirewatch db``: the schema, a shell, the address, a dump and its restoring."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pipeline import database
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import AsJson
from pipeline.database import embedded
from pipeline.errors import ConfigurationError

app = typer.Typer(help="The database: schema, shell, address, dump.", no_args_is_help=True)


@app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring the schema up; safe to run at any time and from two places at once."""
    applied = database.migrate(configuration.load())
    console.counts("migrate", {"applied": len(applied), "migrations": applied}, as_json)


@app.command()
def url() -> None:
    """Print the connection string (it holds the password)."""
    console.write(_address())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Open psql; further arguments go to it, as in `wirewatch db shell -c 'SELECT * FROM feed_health'`."""
    psql = shutil.which("psql") or str(embedded.BINARIES / "psql")
    raise typer.Exit(_run([psql, _answering(), *context.args], {"PGOPTIONS": database.SEARCH_PATH}))


@app.command()
def dump(file: Annotated[Path, typer.Argument(help="Where to write it.")]) -> None:
    """Write everything in the database to a file, for `wirewatch db restore` or pg_restore."""
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise ConfigurationError(f"{file} cannot be written; name a file in a folder that exists")
    partial = file.with_name(f"{file.name}.part")
    command = [str(embedded.BINARIES / "pg_dump"), _answering(), "--format=custom", "--no-owner", f"--file={partial}"]
    if status := _run(command):
        partial.unlink(missing_ok=True)
        raise typer.Exit(status)
    partial.replace(file)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="What `wirewatch db dump` wrote.")]) -> None:
    """Fill the database, which must be empty, from a dump: all of it or nothing."""
    if not file.is_file():
        raise ConfigurationError(f"{file} does not exist; `wirewatch db dump {file}` writes one")
    loaded = configuration.load()
    address = _address()
    if not database.is_empty(loaded):
        raise ConfigurationError(
            "the database is not empty, and a dump would be mixed into it; name a new one with "
            "WIREWATCH_DATABASE_NAME or WIREWATCH_DATABASE_URL"
        )
    command = [str(embedded.BINARIES / "pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"]
    raise typer.Exit(_run([*command, f"--dbname={address}", str(file)]))


def _answering() -> str:
    """The address, once the database there has answered: what fails after that is not for want of it."""
    address = _address()
    with database.connect(configuration.load()):
        return address


def _address() -> str:
    console.say_database()
    return database.database_url(configuration.load())


def _run(command: list[str], more: Mapping[str, str] | None = None) -> int:
    """The exit status of a program of Postgres.

    Not exec: this process holds the embedded server, and ends it afterwards if it started it.
    """
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends a query, not the shell
    try:
        return subprocess.run(command, check=False, env={**os.environ, **(more or {})}).returncode
    except OSError as error:
        name = Path(command[0]).name
        raise ConfigurationError(
            f"{name} cannot be started ({error.strerror}); install the postgresql-client"
        ) from error
    finally:
        signal.signal(signal.SIGINT, former)
