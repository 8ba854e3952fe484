"""Making a run current in spite of others' locks, and knowing whether it is when all is lost."""

import time
from collections.abc import Callable
from contextlib import closing

from spark_jobs.console import warn
from spark_jobs.errors import JobError
from spark_jobs.store.engine import Database, DisconnectedError, LockedError

ATTEMPTS = 3
PAUSE_SECONDS = 2.0


def flip_in_spite_of_locks(database: Database, run: int, flip: Callable[[], None]) -> None:
    """Do `flip`, which is one transaction; again where somebody's lock was in its way.

    Raises JobError that says who holds the lock, or, of a lost connection, whether the run
    became current.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            flip()
            return
        except LockedError as error:
            if attempt == ATTEMPTS:
                raise LockedError(f"{error}; tried {ATTEMPTS} times, published nothing") from error
            warn(f"{error}; trying again")
            time.sleep(PAUSE_SECONDS)
        except DisconnectedError as error:
            raise JobError(f"{error}; {_what_became_of(database, run)}") from error


def _what_became_of(database: Database, run: int) -> str:
    """The server's word on the run, over a new connection."""
    try:
        with closing(database.reconnect()) as other:
            is_current = _is_current(other, run) or _became_current(other, run)
    except JobError as error:
        return (
            f"whether run {run} became current is not known ({error}): `python manage.py runs` "
            "shows it"
        )
    if is_current:
        return f"run {run} is current all the same; the next job clears previous runs away"
    return "nothing was published: run the job again"


def _became_current(database: Database, run: int) -> bool:
    # The lock is free only once the server, too, has given the lost connection up.
    with database.publish_lock():
        return _is_current(database, run)


def _is_current(database: Database, run: int) -> bool:
    return database.query("SELECT status FROM app_run WHERE id = ?", run) == [("current",)]
