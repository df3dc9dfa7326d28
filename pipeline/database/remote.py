"""A Postgres of one's own in place of the embedded one: the databases beside the one that the settings name."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from pipeline.errors import ConfigurationError, InfrastructureError


@dataclass(frozen=True, slots=True)
class RemoteServer:
    """The server of a connection string, which is ``WIREWATCH_DATABASE_URL``; it is neither started nor stopped."""

    address: str = field(repr=False)

    @property
    def database(self) -> str:
        """The database that the address names; the user's own where it names none, as libpq has it."""
        parts = urlsplit(self.address)
        return unquote(parts.path.strip("/")) or unquote(parts.username or "") or "postgres"

    def url(self, database: str) -> str:
        """The same address with another database."""
        parts = urlsplit(self.address)
        # not `_replace(path=…).geturl()`: it drops the empty host of an address that names a Unix socket
        query = f"?{parts.query}" if parts.query else ""
        return f"postgresql://{parts.netloc}/{quote(database, safe='')}{query}"

    def ensure_itself(self) -> bool:
        """Create the database that the address names where it is missing; True when this call created it.

        Raises what `ensure_database` raises.
        """
        try:
            psycopg.connect(self.address, connect_timeout=10).close()
        except psycopg.OperationalError:
            return RemoteServer(self.url("postgres")).ensure_database(self.database)
        return False

    def ensure_database(self, name: str) -> bool:
        """Create a database where it is missing; True when this call created it.

        Raises `InfrastructureError` where the server cannot be reached, `ConfigurationError` where the account may not
        create one.
        """
        try:
            with psycopg.connect(self.address, autocommit=True, connect_timeout=10) as connection:
                if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                    return False
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return False
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(
                f"the database {name} is needed beside {self.database!r}, and the account may not create it; "
                f"have it created: CREATE DATABASE {name}"
            ) from error
        except psycopg.OperationalError as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise InfrastructureError(f"Postgres cannot be reached ({said}); check WIREWATCH_DATABASE_URL") from error
        return True
