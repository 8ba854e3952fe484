"""All rejected rows, for whoever mends the input: CSV files of (file, reason, raw)."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from pyspark import Broadcast, SparkContext

from spark_jobs.errors import JobError
from spark_jobs.input.files import exists, writing
from spark_jobs.input.ratings import Known
from spark_jobs.input.rejection import Row
from spark_jobs.input.splits import Split
from spark_jobs.model.aggregate import judged, number_of_tasks, rows_of

HEADER = ("file", "reason", "raw")


def check_free(prefix: str) -> None:
    """Raise JobError where something lies there already: nothing is overwritten."""
    if exists(prefix):
        raise JobError(f"--rejects {prefix} exists already: name a folder that does not")


def write_rejected_movies(prefix: str, rows: list[Row]) -> None:
    """One file, or none where no movie was rejected."""
    _write(f"{prefix.rstrip('/')}/movies.csv", iter(rows))


def write_rejected_ratings(
    context: SparkContext, prefix: str, splits: list[Split], known: Broadcast[Known]
) -> None:
    """One file for each task that finds any; the ratings are read once more to look for them."""

    def write(task: int, some: Iterable[Split]) -> Iterator[None]:
        rows = chain.from_iterable(
            rows_of(split, block) for split in some for block in judged(split, known.value)
        )
        _write(f"{prefix.rstrip('/')}/ratings-{task:05}.csv", rows)
        return iter(())

    pieces = context.parallelize(splits, number_of_tasks(context, splits))
    pieces.mapPartitionsWithIndex(write).count()


def _write(address: str, rows: Iterator[Row]) -> None:
    first = next(rows, None)
    if first is None:
        return
    with writing(address) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        csv.writer(text).writerows([HEADER, first])
        csv.writer(text).writerows(rows)
        text.flush()
        text.detach()
