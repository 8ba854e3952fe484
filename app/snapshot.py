"""All reads of one answer see the database at one moment.

A publish changes the catalogue and the current run in one transaction. A reader that looked
up the run before it and the titles after it would mix two runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

BEGIN = {
    # Not Django's atomic(): it would take SQLite's write lock, and has no snapshot on MySQL.
    "sqlite": ["BEGIN DEFERRED"],
    "mysql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"],
}


@contextmanager
def one_moment() -> Iterator[None]:
    """A read-only transaction over a snapshot. Inside of another transaction it does nothing."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        for statement in BEGIN[connection.vendor]:
            cursor.execute(statement)
    try:
        yield
    finally:
        connection.rollback()
