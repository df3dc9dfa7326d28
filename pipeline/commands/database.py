"""``wirewatch db``: the schema, a shell, the address."""

from __future__ import annotations

import shutil
import signal
import subprocess

import typer

from pipeline import database
from pipeline import settings as configuration
from pipeline.commands import console
from pipeline.commands.arguments import AsJson
from pipeline.database import embedded
from pipeline.errors import ConfigurationError

app = typer.Typer(help="The database: schema, shell, address.", no_args_is_help=True)


@app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring the schema up; safe to run at any time and from two places at once."""
    applied = database.migrate(configuration.load())
    console.counts("migrate", {"applied": len(applied), "migrations": applied}, as_json)


@app.command()
def url() -> None:
    """Print the connection string (it holds the password)."""
    console.write(database.database_url(configuration.load()))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Open psql; further arguments go to it, as in `wirewatch db shell -c 'SELECT * FROM feed_health'`."""
    psql = shutil.which("psql") or str(embedded.BINARIES / "psql")
    address = database.database_url(configuration.load())
    # Not exec: this process holds the embedded server, and ends it afterwards if it started it.
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends a query, not the shell
    try:
        status = subprocess.run([psql, address, *context.args], check=False).returncode
    except OSError as error:
        raise ConfigurationError(f"psql cannot be started ({error.strerror}); install the postgresql-client") from error
    finally:
        signal.signal(signal.SIGINT, former)
    raise typer.Exit(status)
