"""All reads of one answer see the database at one moment, so many answers at once, so long.

A publish changes the catalogue and the current run in one transaction. A reader that looked
up the run before it and the titles after it would mix two runs.

A database that hangs must not take all threads of the process with it: some stay free for what
needs no database, the answers that are known and the looks at health. One that is slow bounds
each statement; the answer as a whole has a bound here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.db import connection

from app.ops.metrics import count_cache
from app.problems import Problem, unavailable

WAIT_SECONDS = 0.5
RETRY_SECONDS = 2
MOST_SECONDS = 3.0
"""After so long an answer begins no further statement."""
BEGIN = {
    # Not Django's atomic(): it would take SQLite's write lock, and has no snapshot on MySQL.
    "sqlite": ["BEGIN DEFERRED"],
    "mysql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"],
}
_slots = BoundedSemaphore(settings.SNAPSHOTS_AT_ONCE)


@contextmanager
def one_moment() -> Iterator[None]:
    """A read-only transaction over a snapshot. Inside of another transaction it does nothing.

    Raises Problem (503) where too many are reading already, or reading takes too long.
    """
    if connection.in_atomic_block:
        yield
        return
    over = time.monotonic() + MOST_SECONDS
    with _slot(), connection.execute_wrapper(_until(over)):
        try:
            with connection.cursor() as cursor:
                for statement in BEGIN[connection.vendor]:
                    cursor.execute(statement)
            yield
        finally:
            _end(over)


def _until(over: float) -> Callable[..., Any]:
    """What Django runs around each statement."""

    def execute_in_time(execute: Callable[..., Any], *statement: Any) -> Any:
        if time.monotonic() > over:
            raise _shed("slow", "The database takes too long: try again.")
        return execute(*statement)

    return execute_in_time


def _end(over: float) -> None:
    if time.monotonic() > over:
        connection.close()  # to roll back is one more thing to wait for
    else:
        connection.rollback()


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise _shed("busy", "Too many answers are being put together: try again.")
    try:
        yield
    finally:
        _slots.release()


def _shed(reason: str, detail: str) -> Problem:
    count_cache("shed")
    return unavailable(reason, detail, retry=RETRY_SECONDS)
