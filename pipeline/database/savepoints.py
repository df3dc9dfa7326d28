"""Part of a transaction that can fail alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.pq import PipelineStatus

from pipeline.database.queries import Connection


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
