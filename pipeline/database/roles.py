"""Three accounts of a database: its owner, who migrates it, the writer that the pipeline runs as, and the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pipeline.database.connection import open_session
from pipeline.database.passwords import passfile, password_of
from pipeline.database.queries import Connection, run
from pipeline.database.schema import settle_rights
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

KINDS = ("owner", "writer", "reader")


@dataclass(frozen=True, slots=True)
class Roles:
    """What was done: the roles by kind, those that were made now, and those that got a password."""

    names: Mapping[str, str]
    made: list[str]
    with_password: list[str]


def make_roles(settings: Settings, *, prefix: str = "", named: Path | None = None) -> Roles:
    """Make or bring up the roles of the database: all of it or nothing; a second time changes nothing but passwords.

    They are called like the database unless `prefix` says otherwise: ``wirewatch_owner`` and so on. A password comes
    from the settings, else from the passfile (`named`, or where libpq looks), and leaves this process as a SCRAM
    verifier alone. Raises `ConfigurationError` where the account may not do this, or a role of that name may do more.
    """
    file = passfile(named)
    connection = open_session(settings, "wirewatch db roles")
    try:
        return _make(connection, settings, prefix, file)
    except psycopg.errors.FeatureNotSupported as error:
        raise ConfigurationError("this Postgres lacks the pgvector extension; install it on the server") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            f"the account may not make these roles ({error.diag.message_primary}); run this as a superuser"
        ) from error
    finally:
        connection.close()


def _make(connection: Connection, settings: Settings, prefix: str, file: Path) -> Roles:
    here = run(connection, "roles.here").fetchone()
    assert here is not None
    names = {kind: f"{prefix or here['database']}_{kind}" for kind in KINDS}
    _check(connection, here, names)
    owner = names["owner"]
    missing = [row["role"] for row in run(connection, "roles.missing", roles=list(names.values()))]
    with connection.transaction():
        _execute(connection, "roles.prepare", missing=missing, owner=owner)
        _execute(connection, "roles.give", owner=owner)
        _execute(connection, "roles.allow", **names)
        settle_rights(connection)
        given = [name for kind, name in names.items() if _set_password(connection, settings, kind, name, file)]
    return Roles(names, missing, given)


def _check(connection: Connection, here: Mapping[str, object], names: Mapping[str, str]) -> None:
    if here["account"] in (names["writer"], names["reader"]) or not (here["may_make_roles"] and here["may_give_away"]):
        raise ConfigurationError(
            f"the account {here['account']} may not make roles and give them this database; run this as a superuser, "
            "or as the owner of the database with CREATEROLE and CREATEDB"
        )
    for row in run(connection, "roles.too_mighty", roles=list(names.values())):
        raise ConfigurationError(
            f"the role {row['role']} is there and {row['may']}; take that from it, or name others with --prefix"
        )


def _execute(connection: Connection, query: str, **named: Any) -> None:
    """Run the statements that a query gives."""
    for row in run(connection, query, **named).fetchall():
        connection.execute(row["statement"].encode())


def _set_password(connection: Connection, settings: Settings, kind: str, name: str, file: Path) -> bool:
    """Store the verifier of a role's password where there is one; the server's log never has the password itself."""
    info = connection.info
    given: str = getattr(settings, f"{kind}_password")
    password = given or password_of(file, info.host, str(info.port), info.dbname, name)
    if not password:
        return False
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    said = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier.decode()))
    connection.execute(said)
    return True
