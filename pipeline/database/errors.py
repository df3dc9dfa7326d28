"""What Postgres and psycopg raise, in the project's own classes and words: the one table for all of them.

Classes: https://www.postgresql.org/docs/current/errcodes-appendix.html, by psycopg's names for them. What is not in
the table is raised as it is: a value that Postgres cannot store, or SQL that is wrong, is no fault of the world, and
becomes the outcome of the item that it happened to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict

from pipeline.database.queries import Connection
from pipeline.database.schema import is_behind
from pipeline.errors import DISK, ConfigurationError, ContendedError, InfrastructureError, WirewatchError


@dataclass(frozen=True, slots=True)
class Rule:
    """An error of one of the classes `errors` becomes ``becomes(says)``, None leaves it as it is.

    `says` is a line for people; ``{said}`` in it stands for the first line of what Postgres said.
    """

    errors: tuple[type[psycopg.Error], ...]
    becomes: Callable[[str], WirewatchError] | None
    says: str = "{said}"


_AWAY = "Postgres went away"
_PORTS = 65535
_AGAIN = "run it again when it is back ({said})"

#: The first rule that fits counts, so that narrow classes stand before wide ones.
RULES = (
    Rule((pg.DeadlockDetected,), ContendedError, "two transactions waited for each other; run it again ({said})"),
    Rule((pg.SerializationFailure,), ContendedError, "another transaction was faster; run it again ({said})"),
    Rule((pg.LockNotAvailable,), ContendedError, "another transaction holds the rows; run it again ({said})"),
    Rule((pg.QueryCanceled,), InfrastructureError, "Postgres broke a statement off; run it again ({said})"),
    Rule(
        (pg.IdleInTransactionSessionTimeout, pg.TransactionTimeout, pg.IdleSessionTimeout),
        InfrastructureError,
        "Postgres ended a connection that took too long ({said})",
    ),
    Rule((pg.DiskFull,), InfrastructureError, "the disk of Postgres is full; free some space ({said})"),
    Rule((pg.OutOfMemory,), InfrastructureError, "Postgres is out of memory ({said})"),
    Rule((pg.TooManyConnections,), InfrastructureError, "Postgres takes no more connections ({said})"),
    Rule((pg.ReadOnlySqlTransaction,), InfrastructureError, "this Postgres only reads; name the primary ({said})"),
    # A row that is too large for an index, a statement too complex: the contents are at fault, not the server. What is
    # not in the state that a statement asks for, a rollback that a constraint forced: our own SQL is.
    Rule((pg.ProgramLimitExceeded, pg.StatementTooComplex, pg.TooManyColumns, pg.TooManyArguments), None),
    Rule((pg.TransactionIntegrityConstraintViolation, pg.UnsafeNewEnumValueUsage), None),
    Rule((pg.ObjectInUse,), InfrastructureError, "another session is in the way; run it again ({said})"),
    Rule((pg.CantChangeRuntimeParam, pg.ObjectNotInPrerequisiteState), None),
    Rule(
        (pg.InvalidPassword, pg.InvalidAuthorizationSpecification, pg.ConfigFileError),
        ConfigurationError,
        "Postgres refuses the account: {said}",
    ),
    Rule((pg.CrashShutdown,), InfrastructureError, f"{_AWAY}: it lost a process and starts anew; {_AGAIN}"),
    Rule((pg.AdminShutdown,), InfrastructureError, f"{_AWAY}: it was stopped, or ended this connection; {_AGAIN}"),
    Rule((pg.CannotConnectNow,), InfrastructureError, f"{_AWAY}: it is starting or stopping; {_AGAIN}"),
    Rule((pg.DatabaseDropped,), InfrastructureError, f"{_AWAY}: the database was dropped ({{said}})"),
    Rule(
        (pg.IoError, pg.SystemError, pg.UndefinedFile, pg.DuplicateFile, pg.FileNameTooLong, pg.LockFileExists),
        InfrastructureError,
        "Postgres cannot read or write its own files; see its log ({said})",
    ),
    Rule(
        (pg.InsufficientResources, pg.ConfigurationLimitExceeded),
        InfrastructureError,
        "Postgres has met a limit that it was given; see its log ({said})",
    ),
    Rule((pg.TransactionRollback, pg.StatementCompletionUnknown), InfrastructureError, "run it again ({said})"),
    Rule((psycopg.OperationalError,), InfrastructureError, f"{_AWAY}; {_AGAIN}"),
    Rule((pg.InsufficientPrivilege,), ConfigurationError, "the account may not do this in Postgres: {said}"),
)

# Where no rule says it: the account, the schema or the server's own files are wrong, and any other item would meet the
# same: syntax error or access rule violation, data corrupted, index corrupted.
_SET_UP = ("42", "XX001", "XX002")
# psycopg calls these operational too, though no server goes away in them: routines, savepoints, triggers, foreign data.
_NEVER_AWAY = ("27", "2F", "38", "39", "3B", "HV")
_BEHIND = "the database's schema is not that of this Wirewatch; run `wirewatch db migrate`"


def translate(error: psycopg.Error, connection: Connection) -> WirewatchError | None:
    """The error to raise in place of one that a statement on `connection` ended with; None for the same again.

    Asks the database whether its schema is behind where a statement names what is not there, so that the transaction
    must be over.
    """
    rule = _rule(error)
    if rule is not None:
        return rule.becomes(rule.says.format(said=first_line(error))) if rule.becomes else None
    if isinstance(error, psycopg.ProgrammingError) and is_behind(connection):
        return ConfigurationError(_BEHIND)
    return None


def translate_connecting(error: psycopg.Error, url: str, *, embedded: bool = False) -> WirewatchError:
    """The error to raise where no connection to `url` came about; never names its password.

    `embedded` says that it is the address of the embedded server, which nobody sets.
    """
    if embedded:
        return InfrastructureError(
            f"the embedded Postgres at {where(url)} cannot be reached ({first_line(error)}); "
            "`wirewatch run` starts it, and every other command"
        )
    return InfrastructureError(
        f"Postgres at {where(url)} cannot be reached ({first_line(error)}); check WIREWATCH_DATABASE_URL"
    )


def where(url: str) -> str:
    """Host, port and database of an address as libpq reads it, without the account and its password; of what is none
    that it is."""
    if wrong_in(url):
        return "an address that cannot be read"
    parts = conninfo_to_dict(url)
    return f"{parts.get('host') or 'local socket'}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


def wrong_in(url: str) -> str:
    """Why ``WIREWATCH_DATABASE_URL`` is no address of Postgres, in one line; empty where it is one.

    A password with a sign like ``@``, ``/`` or ``%`` in it that is not percent-encoded is read as host, port or
    database. No part of it is said.
    """
    try:
        right = url.startswith(("postgresql://", "postgres://"))
        parts = conninfo_to_dict(url) if right else {}
        ports = [int(port) for port in str(parts.get("port") or 1).split(",")]
    except ValueError:
        right, ports = False, []
    except psycopg.ProgrammingError as error:
        account, _, rest = url.rpartition("@")
        quoted = re.findall(r'"(.*?)"', first_line(error))
        if "password=" not in url and all(each in rest and each not in account for each in quoted):
            return f"WIREWATCH_DATABASE_URL: {first_line(error)}"
        right, ports = False, []
    if right and all(0 < port <= _PORTS for port in ports) and "@" not in f"{parts.get('host')}{parts.get('dbname')}":
        return ""
    return (
        "WIREWATCH_DATABASE_URL must look like postgresql://user:password@host:5432/wirewatch; signs of a password "
        "other than letters and digits are percent-encoded there (%40 is @)"
    )


def is_the_worlds(error: BaseException) -> bool:
    """Whether an exception says that the database, its schema or the disk is unfit, whatever was asked of it."""
    if isinstance(error, psycopg.Error):
        rule = _rule(error)
        if rule is not None:
            return rule.becomes is not None
        return isinstance(error, psycopg.InterfaceError) or (error.sqlstate or "").startswith(_SET_UP)
    return isinstance(error, OSError) and error.errno in DISK


def _rule(error: psycopg.Error) -> Rule | None:
    if (error.sqlstate or "")[:2] in _NEVER_AWAY:
        return None
    return next((rule for rule in RULES if isinstance(error, rule.errors)), None)


def in_one_line(error: BaseException) -> str | None:
    """What to tell a person of an error of the database's side that nobody has caught; None where it is no such."""
    if isinstance(error, psycopg.Error):
        rule = _rule(error)
        if rule is not None and rule.becomes is not None:
            return rule.says.format(said=first_line(error))
        if isinstance(error, psycopg.InterfaceError):
            return f"the connection to Postgres was lost; run it again ({first_line(error)})"
    return None


def first_line(error: Exception) -> str:
    """The first line of what an error says; its class where it says nothing."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
