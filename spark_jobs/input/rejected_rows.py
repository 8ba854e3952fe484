"""Write all rejected rows, for fixing the input: CSV files of (file, reason, raw)."""

import csv
import io
from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from spark_jobs.errors import JobError
from spark_jobs.input.files.file_systems import exists, writing
from spark_jobs.input.files.input_files import Input
from spark_jobs.input.movies.details import rejected_details
from spark_jobs.input.ratings.scan import Scan, ScannedBlock
from spark_jobs.input.rejection import RejectedRow

HEADER = ("file", "reason", "raw")


def check_free(prefix: str) -> None:
    """Raise JobError if something exists there: nothing is overwritten."""
    if exists(prefix):
        raise JobError(f"--rejects {prefix} already exists: name a folder that does not")


def write_rejected_movies(prefix: str, rows: list[RejectedRow]) -> None:
    """Write one file, or none if no movie was rejected."""
    _write(f"{prefix.rstrip('/')}/movies.csv", iter(rows))


def write_rejected_details(prefix: str, source: Input, movies: pa.Table) -> None:
    """Write a file for links and one for tags, if any were rejected."""
    for kind, rows in rejected_details(source, movies).items():
        _write(f"{prefix.rstrip('/')}/{kind}.csv", rows)


def write_rejected_ratings(prefix: str, scan: Scan) -> None:
    """Write one file per task that finds any; this reads the ratings again."""

    def write(task: int, blocks: Iterator[ScannedBlock]) -> Iterator[None]:
        rows = chain.from_iterable(block.rejected_rows() for block in blocks)
        _write(f"{prefix.rstrip('/')}/ratings-{task:05}.csv", rows)
        return iter(())

    scan.map_tasks(write).count()


def _write(address: str, rows: Iterator[RejectedRow]) -> None:
    first = next(rows, None)
    if first is None:
        return
    with writing(address) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        csv.writer(text).writerows([HEADER, first])
        csv.writer(text).writerows(rows)
        text.flush()
        text.detach()
