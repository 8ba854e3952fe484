"""Read the splits of the ratings in parallel, on the executors. Every pass goes through here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from pyspark import RDD, Broadcast, SparkContext

from spark_jobs.input.files.splits import Split, read_blocks
from spark_jobs.input.movies.catalogue import MovieIndex
from spark_jobs.input.ratings.blocks import ParsedBlock, parse
from spark_jobs.input.rejection import RejectedRow

TASKS_PER_CORE = 2
LARGEST_TASK_BYTES = 512 * 1024**2
Result = TypeVar("Result")


class ScannedBlock(NamedTuple):
    """A parsed block and the name of its file."""

    file: str
    parsed: ParsedBlock

    def rejected_rows(self) -> list[RejectedRow]:
        """The rejected lines as rows."""
        return [(self.file, *rejection) for rejection in self.parsed.rejected]


@dataclass(frozen=True)
class Scan:
    """The ratings in their files; `index` has the accepted movies."""

    context: SparkContext
    splits: list[Split]
    index: Broadcast[MovieIndex]

    def map_tasks(
        self, task: Callable[[int, Iterator[ScannedBlock]], Iterable[Result]]
    ) -> RDD[Result]:
        """Run `task` with the number and the blocks of each task, on the executors."""
        index = self.index
        pieces = self.context.parallelize(self.splits, number_of_tasks(self.context, self.splits))
        return pieces.mapPartitionsWithIndex(
            lambda number, splits: task(number, scan_splits(splits, index.value))
        )


def scan_splits(splits: Iterable[Split], index: MovieIndex) -> Iterator[ScannedBlock]:
    """Read and parse the blocks of some splits, on this machine."""
    for split in splits:
        for block in read_blocks(split):
            yield ScannedBlock(split.file.name, parse(block, split.file.format, index))


def number_of_tasks(context: SparkContext, splits: list[Split]) -> int:
    """Enough tasks for all cores, each small enough to be retried; at most one per split."""
    size = sum(split.stop - split.start for split in splits if not split.file.gzipped)
    wanted = max(TASKS_PER_CORE * context.defaultParallelism, size // LARGEST_TASK_BYTES)
    return max(1, min(len(splits), wanted))
