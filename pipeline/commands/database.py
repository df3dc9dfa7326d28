"""``wirewatch db``: the schema, its roles, a shell, the address, a dump and its restoring."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from pipeline import database
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import AsJson
from pipeline.database import backup, embedded, roles, tools

app = typer.Typer(help="The database: schema, roles, shell, address, dump.", no_args_is_help=True)


@app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring the schema up; safe to run at any time and from two places at once."""
    applied = database.migrate(configuration.load())
    console.counts("migrate", {"applied": len(applied), "migrations": applied}, as_json)


@app.command("roles")
def make_roles(
    prefix: Annotated[str, typer.Option(help="What their names begin with; the database's name by default.")] = "",
    passfile: Annotated[
        Path | None,
        typer.Option(help="Where their passwords stand, as libpq has it; PGPASSFILE or ~/.pgpass by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the owner, the writer and the reader of the database, each with no more rights than it needs.

    Their passwords come from WIREWATCH_OWNER_PASSWORD, WIREWATCH_WRITER_PASSWORD and WIREWATCH_READER_PASSWORD, or from
    a passfile. Run it as a superuser; a second time changes nothing but passwords.
    """
    console.say_database()
    done = roles.make_roles(configuration.load(), prefix=prefix, named=passfile)
    console.counts("roles", {**done.names, "made": done.made, "with_password": done.with_password}, as_json)
    if without := [name for name in done.names.values() if name not in done.with_password]:
        console.hint(f"no password was given for {', '.join(without)}; what they had stays")


@app.command()
def url() -> None:
    """Print the connection string (it holds the password)."""
    console.write(_address())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Open psql; further arguments go to it, as in `wirewatch db shell -c 'SELECT * FROM feed_health'`."""
    psql = shutil.which("psql") or str(embedded.BINARIES / "psql")
    address = _address()
    with database.connect(configuration.load()):
        pass  # what fails after that is not for want of it
    where, secret = tools.address(address)
    raise typer.Exit(tools.call([psql, where, *context.args], {"PGOPTIONS": database.SEARCH_PATH, **secret}))


@app.command()
def dump(
    file: Annotated[Path, typer.Argument(help="Where to write it; a file that is there is left alone.")],
    as_json: AsJson = False,
) -> None:
    """Write everything in the database to a file, for `wirewatch db restore` or pg_restore."""
    console.say_database()
    _say("dump", backup.dump(configuration.load(), file), as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `wirewatch db dump` wrote.")], as_json: AsJson = False
) -> None:
    """Fill the database, which must be empty, from a dump: all of it or nothing."""
    console.say_database()
    _say("restore", backup.restore(configuration.load(), file), as_json)


def _say(step: str, held: backup.Held, as_json: bool) -> None:
    console.counts(
        step, {"file": str(held.file), "bytes": held.size, "tables": held.tables, "rows": held.rows}, as_json
    )


def _address() -> str:
    console.say_database()
    return database.database_url(configuration.load())
