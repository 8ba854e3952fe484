"""Spread connections over gunicorn's workers: each sees how many the others have.

The kernel wakes all workers for a connection, and the first to accept gets it. One that is
already awake would get all of a crowd's, and keep them as long as they stay open.
"""

import mmap
from collections.abc import Iterable

MOST_WORKERS = 64
"""The connections of workers beyond it are not counted."""
ABSENT = -1


class ConnectionCounts:
    """The count of each worker, in memory shared with later forks; a worker writes its own."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * MOST_WORKERS)).cast("i")
        for place in range(MOST_WORKERS):
            self._counts[place] = ABSENT

    def free_place(self, taken: Iterable[int | None]) -> int | None:
        """A place for a new worker; None if all are taken."""
        return min(set(range(MOST_WORKERS)) - set(taken), default=None)

    def put(self, place: int | None, count: int) -> None:
        """Set a count, or ABSENT for a worker that takes no more connections."""
        if place is not None:
            self._counts[place] = count

    def is_ahead(self, place: int | None) -> bool:
        """Whether another worker has fewer."""
        if place is None:
            return False
        own = self._counts[place]
        return any(ABSENT < count < own for count in self._counts)
