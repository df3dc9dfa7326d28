"""``wirewatch db``: the schema, a shell, the address."""

from __future__ import annotations

import os
import shutil
from typing import Annotated

import typer

from pipeline import db, postgres
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.errors import ConfigurationError

app = typer.Typer(help="The database: schema, shell, address.", no_args_is_help=True)


@app.command()
def migrate(as_json: Annotated[bool, typer.Option("--json", help="Counts as JSON.")] = False) -> None:
    """Bring the schema up; safe to run at any time and from two places at once."""
    applied = db.migrate(configuration.load())
    console.counts("migrate", {"applied": len(applied), "migrations": applied}, as_json)


@app.command()
def url() -> None:
    """Print the connection string (it holds the password)."""
    console.out.print(db.database_url(configuration.load()), markup=False, highlight=False, soft_wrap=True)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Open psql; further arguments go to it, as in `wirewatch db shell -c 'SELECT * FROM feed_health'`."""
    psql = shutil.which("psql") or str(postgres.BINARIES / "psql")
    address = db.database_url(configuration.load())
    try:
        os.execv(psql, [psql, address, *context.args])  # noqa: S606 - psql takes this process's place and terminal
    except OSError as error:
        raise ConfigurationError(f"psql cannot be started ({error.strerror}); install the postgresql-client") from error
