"""The files of a checked input: what is known about each, and about all together."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from spark_jobs.errors import JobError
from spark_jobs.input.files.file_systems import open_file, reading, version_of
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.times import NO_TIMES


@dataclass(frozen=True)
class InputFile:
    """One file as it was found; `version` is the ETag on S3, else the modification time."""

    address: str
    name: str
    size: int
    version: str
    format: FileFormat
    gzipped: bool = False

    @contextmanager
    def open(self) -> Iterator[pa.NativeFile]:
        """Open the file at its first byte. JobError if it has been replaced."""
        with reading(self.address), open_file(self.address) as stream:
            self._check_unchanged()
            yield stream
            self._check_unchanged()

    def _check_unchanged(self) -> None:
        if version_of(self.address) != self.version:
            raise JobError(f"{self.address} changed while it was read: run the job again")


@dataclass(frozen=True)
class Input:
    """A checked input: at least one file of movies and of ratings, at most one of the others.

    `unread` says why a file of links or tags is not read.
    """

    prefix: str
    movies: tuple[InputFile, ...]
    ratings: tuple[InputFile, ...]
    synthetic: bool
    links: tuple[InputFile, ...] = ()
    tags: tuple[InputFile, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[InputFile, ...]:
        """The files of all kinds."""
        return self.movies + self.ratings + self.links + self.tags

    @property
    def size(self) -> int:
        """Size of all files as stored, in bytes."""
        return sum(file.size for file in self.files)

    @property
    def has_times(self) -> bool:
        """Whether all ratings have times."""
        return all(file.format.times != NO_TIMES for file in self.ratings)

    def descriptions(self) -> list[str]:
        """How files in other than MovieLens' formats are read; one line for several alike."""
        kinds = {"movies": self.movies, "ratings": self.ratings}
        names = {
            file.format.description(kind): file.name
            for kind, files in kinds.items()
            for file in reversed(files)
            if file.format.places or file.format.scale.rounded
        }
        return [f"{name}: {description}" for description, name in names.items()]

    def facts(self, not_rated: int) -> dict[str, Any]:
        """How the files were read, for the run's row: what differs from MovieLens' own."""
        formats = [file.format for file in self.files]
        facts = {
            "times": "" if self.has_times else NO_TIMES,
            "text_ids": any(
                file_format.text_movies or file_format.text_users for file_format in formats
            ),
            "not_rated": not_rated,
        }
        return {name: value for name, value in facts.items() if value}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over names, sizes and versions: changes when a file is replaced."""
        parts = sorted(f"{file.name}:{file.size}:{file.version}" for file in self.files)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
