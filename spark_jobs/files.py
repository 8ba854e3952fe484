"""The input folder: which files it holds, how large they are and what their headers say.

Goes through Hadoop's file systems, so local folders, HDFS and S3 are one and the same.
"""

import hashlib
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from spark_jobs.errors import JobError

MOVIE_COLUMNS = ("movieId", "title", "genres")
RATING_COLUMNS = ("userId", "movieId", "rating", "timestamp")
SYNTHETIC_MARKER = "SYNTHETIC.txt"
"""A folder of generated data holds this file, so that nobody takes it for MovieLens."""


@dataclass(frozen=True)
class InputFile:
    """One file as it was found; `modified` is in milliseconds since 1970."""

    path: str
    name: str
    size: int
    modified: int


@dataclass(frozen=True)
class Input:
    """A checked input folder."""

    prefix: str
    movies: InputFile
    ratings: InputFile
    synthetic: bool

    @property
    def size(self) -> int:
        return self.movies.size + self.ratings.size

    @property
    def fingerprint(self) -> str:
        """SHA-256 over name, size and modification time: changes when a file is replaced."""
        parts = [f"{f.name}:{f.size}:{f.modified}" for f in (self.movies, self.ratings)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def find_input(spark: SparkSession, prefix: str) -> Input:
    """Look at `movies.csv` and `ratings.csv` under `prefix` without reading them.

    Raises JobError for a file that is missing, empty, unreadable or has the wrong header.
    """
    folder = prefix.rstrip("/") or "/"
    try:
        return Input(
            prefix=folder,
            movies=_find(spark, f"{folder}/movies.csv", MOVIE_COLUMNS),
            ratings=_find(spark, f"{folder}/ratings.csv", RATING_COLUMNS),
            synthetic=_status(spark, f"{folder}/{SYNTHETIC_MARKER}") is not None,
        )
    except Py4JJavaError as error:
        cause = error.java_exception
        raise JobError(
            f"cannot read {folder}: {cause.getClass().getSimpleName()}: {cause.getMessage()} "
            "(check the address, the rights, and that this Spark knows the file system)"
        ) from error


def _find(spark: SparkSession, path: str, columns: tuple[str, ...]) -> InputFile:
    status = _status(spark, path)
    if status is None or status.isDirectory():
        raise JobError(f"{path} does not exist: --input must name a folder that holds it")
    file = InputFile(
        path, status.getPath().getName(), status.getLen(), status.getModificationTime()
    )
    _check_header(path, _first_line(spark, path), columns)
    return file


def _status(spark: SparkSession, path: str) -> Any:
    hadoop_path, file_system = _open(spark, path)
    return file_system.getFileStatus(hadoop_path) if file_system.exists(hadoop_path) else None


def _first_line(spark: SparkSession, path: str) -> str | None:
    hadoop_path, file_system = _open(spark, path)
    java: Any = spark._jvm
    stream = file_system.open(hadoop_path)
    with closing(java.java.io.InputStreamReader(stream, "UTF-8")) as reader:
        line = java.java.io.BufferedReader(reader).readLine()
    return None if line is None else str(line)


def _open(spark: SparkSession, path: str) -> tuple[Any, Any]:
    java: Any = spark._jvm
    hadoop_path = java.org.apache.hadoop.fs.Path(path)
    return hadoop_path, hadoop_path.getFileSystem(spark._jsc.hadoopConfiguration())


def _check_header(path: str, line: str | None, columns: tuple[str, ...]) -> None:
    expected = ",".join(columns)
    if line is None:
        raise JobError(f"{path} is empty: its first line must be {expected}")
    if line.removeprefix("\ufeff").strip() != expected:
        raise JobError(f"{path} begins with {line[:80]!r}: its first line must be {expected}")
