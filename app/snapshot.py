"""All reads of one answer see the database at one moment, and only so many answers at once.

A publish changes the catalogue and the current run in one transaction. A reader that looked
up the run before it and the titles after it would mix two runs.

A database that hangs must not take all threads of the process with it: some stay free for what
needs no database, the answers that are known and the looks at health.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.db import connection

from app.problems import unavailable

WAIT_SECONDS = 0.5
BEGIN = {
    # Not Django's atomic(): it would take SQLite's write lock, and has no snapshot on MySQL.
    "sqlite": ["BEGIN DEFERRED"],
    "mysql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"],
}
_slots = BoundedSemaphore(settings.SNAPSHOTS_AT_ONCE)


@contextmanager
def one_moment() -> Iterator[None]:
    """A read-only transaction over a snapshot. Inside of another transaction it does nothing.

    Raises Problem (503) where too many are reading already.
    """
    if connection.in_atomic_block:
        yield
        return
    with _slot():
        with connection.cursor() as cursor:
            for statement in BEGIN[connection.vendor]:
                cursor.execute(statement)
        try:
            yield
        finally:
            connection.rollback()


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise unavailable("busy", "Too many answers are being put together: try again.")
    try:
        yield
    finally:
        _slots.release()
