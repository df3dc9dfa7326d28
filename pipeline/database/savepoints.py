"""Part of a transaction that can fail alone, and which of its failures are the database's."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.pq import PipelineStatus

from pipeline.database.connection import Connection

# The account, the schema or the server's own files are wrong: any other item would meet the same.
# https://www.postgresql.org/docs/18/errcodes-appendix.html: syntax error or access rule violation, data corrupted,
# index corrupted.
_SET_UP = ("42", "XX001", "XX002")
_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Within a transaction: what the block wrote is taken back where it raises, and the rest of the transaction stays.

    On a connection in pipeline mode the block's statements are answered before it ends, so that a refused one is
    raised here and not in what follows.
    """
    with connection.transaction():
        if connection.pgconn.pipeline_status == PipelineStatus.OFF:
            yield
        else:
            with connection.pipeline():
                yield


def is_the_worlds(error: BaseException) -> bool:
    """Whether an exception says that the database, its schema or the disk is unfit, whatever was asked of it."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return True
    if isinstance(error, psycopg.Error):
        return (error.sqlstate or "").startswith(_SET_UP)
    return isinstance(error, OSError) and error.errno in _DISK
