"""Memory of the models, known from the number of movies before anything is computed.

    driver   4 n^2           one matrix in single precision, inverted in place
    task     4 n^2           a set of tiles of the upper triangle in double precision
             + 4 n TILE      the unused half of the tiles on the diagonal
             + 20 TILE^2     a tile being computed, sparse and dense
             + 250 MB        a block of 2 million ratings, and what is computed from it
    machine  4 n^2           the item model's matrix, shared by all its workers

in bytes, for n movies. Tasks have all their tiles before the driver takes any, so on one machine
the peak is that of the tasks, or of the matrix with the workers that read it. With little data the
driver makes the tiles instead of a task. Spark itself takes about a gigabyte more. Nothing here
grows with the number of users.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from pyspark import SparkContext

from spark_jobs.errors import JobError
from spark_jobs.model.recommendations.item_model import TILE

SHARE = 0.5
"""Share of the machine's memory for the models; all of it if --max-items is given."""
BLOCK_BYTES = 250_000_000
CGROUP = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Memory:
    """Bytes that the models take, by the number of movies and of parallel tasks on a machine."""

    movies: int
    tasks: int

    def __str__(self) -> str:
        return (
            f"{self.movies:,} movies; {self.matrix / 1e9:.2f} GB on the driver, "
            f"{self.task / 1e9:.2f} GB per task"
        )

    @property
    def matrix(self) -> int:
        """One matrix of the driver."""
        return 4 * self.movies**2

    @property
    def task(self) -> int:
        """One task that makes tiles."""
        tile = min(TILE, self.movies)
        return self.matrix + 4 * self.movies * tile + 20 * tile**2 + BLOCK_BYTES

    @property
    def machine(self) -> int:
        """The driver and the tasks on one machine, at the peak."""
        return max(self.tasks * self.task, self.matrix + self.tasks * BLOCK_BYTES)


def tasks_at_once(context: SparkContext) -> int:
    """Parallel tasks on the driver's machine: none on a cluster."""
    is_local = str(context.master).split("[")[0] == "local"
    return int(context.defaultParallelism) if is_local else 0


def check_memory(movies: int, tasks: int, *, available: int, limited: bool) -> Memory:
    """The memory needed. Raises JobError if that is too much, and says what would fit.

    `available` is the machine's memory in bytes; `limited` means that the operator chose the
    number of movies.
    """
    needed = Memory(movies, tasks)
    allowed = available if limited else int(available * SHARE)
    if needed.machine <= allowed:
        return needed
    fits = next((n for n in range(movies, 0, -1) if Memory(n, tasks).machine <= allowed), 0)
    remedy = f"--max-items {fits}, a larger --min-support or --no-models" if fits else "--no-models"
    raise JobError(
        f"the models of {movies:,} movies need {needed.machine / 1e9:.2f} GB, {_where(needed)}, "
        f"and they may take {allowed / 1e9:.2f} of this machine's {available / 1e9:.2f} GB: "
        f"give {remedy}"
    )


def _where(needed: Memory) -> str:
    return f"{needed.tasks} tasks at once" if needed.tasks else "on the driver"


def machine_memory() -> int:
    """Memory of this machine, or of its container, in bytes."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(CGROUP.read_text()))
    except (OSError, ValueError):  # no such file, or "max"
        return total
