"""The files of the input: where they lie, which they are and what shape they have.

One door for the driver and the executors: `pyarrow.fs`, which knows local folders, S3
(credentials from the standard AWS chain) and, where libhdfs is installed, HDFS.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from spark_jobs import shapes
from spark_jobs.errors import JobError
from spark_jobs.shapes import COLUMNS, Shape

SYNTHETIC_MARKER = "SYNTHETIC.txt"
"""A folder of generated data holds this file, so that nobody takes it for MovieLens."""
ENDINGS = r"(?:csv|csv\.gz|dat|dat\.gz|parquet)"
NAMES = {
    "movies": (rf"movies\.{ENDINGS}|u\.item", rf"movies[-_.][^/]*\.{ENDINGS}|movies[^/]*/[^_.].*"),
    "ratings": (
        rf"ratings\.{ENDINGS}|u\.data",
        rf"ratings[-_.][^/]*\.{ENDINGS}|ratings[^/]*/[^_.].*",
    ),
}
"""Kind -> the names of a file that holds all, and of the parts that are taken without one."""
HEAD_BYTES = 64 * 1024
MAX_FIELD_SHOWN = 80
GZIP_MAGIC = b"\x1f\x8b"
S3_SCHEMES = ("s3", "s3a", "s3n")
SECONDS_TO_CONNECT, SECONDS_TO_ANSWER = 10, 60


@dataclass(frozen=True)
class InputFile:
    """One file as it was found; `version` is the ETag on S3, else the time it was modified."""

    address: str
    name: str
    size: int
    version: str
    shape: Shape
    gzipped: bool = False

    @contextmanager
    def open(self) -> Iterator[pa.NativeFile]:
        """The file from its first byte; JobError if it was replaced before or meanwhile."""
        with reading(self.address), _open(self.address) as stream:
            self._check_unchanged()
            yield stream
            self._check_unchanged()

    def _check_unchanged(self) -> None:
        if version_of(self.address) != self.version:
            raise JobError(f"{self.address} changed while it was read: run the job again")


@dataclass(frozen=True)
class Input:
    """A checked input: at least one file of movies and one of ratings."""

    prefix: str
    movies: tuple[InputFile, ...]
    ratings: tuple[InputFile, ...]
    synthetic: bool

    @property
    def files(self) -> tuple[InputFile, ...]:
        return self.movies + self.ratings

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over names, sizes and versions: changes when a file is replaced."""
        parts = sorted(f"{file.name}:{file.size}:{file.version}" for file in self.files)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def find_input(prefix: str, *, movies: str | None = None, ratings: str | None = None) -> Input:
    """Look at the files under `prefix` without reading them; the patterns pick others by name.

    Raises JobError for a file that is missing, empty, unreadable or of no known shape.
    """
    folder = prefix.rstrip("/") or "/"
    with reading(folder):
        found = _listing(folder)
        return Input(
            prefix=folder,
            movies=_files(folder, found, "movies", movies),
            ratings=_files(folder, found, "ratings", ratings),
            synthetic=SYNTHETIC_MARKER in found,
        )


@contextmanager
def reading(address: str) -> Iterator[None]:
    """Turns what a file system complains about into one clear JobError."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        reason = str(error).strip().splitlines()[0]
        raise JobError(
            f"cannot read {address}: {reason} (check the address, the rights and the region)"
        ) from error


@cache
def file_system(address: str) -> tuple[fs.FileSystem, str]:
    """The file system of an address, and the path in it."""
    scheme, mark, path = address.partition("://")
    if not mark:
        return fs.LocalFileSystem(), str(Path(address).absolute())
    if scheme in S3_SCHEMES:
        return _s3(path.split("/")[0]), path
    system, path = fs.FileSystem.from_uri(address)
    return system, path


def version_of(address: str) -> str:
    """What changes when the file is replaced."""
    system, path = file_system(address)
    if isinstance(system, fs.S3FileSystem):
        with system.open_input_file(path) as stream:
            return stream.metadata()["ETag"].decode().strip('"')
    return str(system.get_file_info(path).mtime_ns)


@cache
def _s3(bucket: str) -> fs.S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region and not endpoint:
        region = fs.resolve_s3_region(bucket)
    return fs.S3FileSystem(
        region=region,
        endpoint_override=endpoint,
        connect_timeout=SECONDS_TO_CONNECT,
        request_timeout=SECONDS_TO_ANSWER,
    )


@contextmanager
def writing(address: str) -> Iterator[pa.NativeFile]:
    """A new file; JobError where it cannot be written."""
    system, path = file_system(address)
    try:
        if isinstance(system, fs.LocalFileSystem):
            system.create_dir(str(Path(path).parent))
        with system.open_output_stream(path) as stream:
            yield stream
    except (OSError, pa.ArrowException) as error:
        raise JobError(f"cannot write {address}: {str(error).splitlines()[0]}") from error


def exists(address: str) -> bool:
    """Whether a file or a folder lies there."""
    with reading(address):
        system, path = file_system(address)
        return bool(system.get_file_info(path).type != fs.FileType.NotFound)


def _open(address: str) -> pa.NativeFile:
    system, path = file_system(address)
    return system.open_input_file(path)


def _listing(folder: str) -> dict[str, fs.FileInfo]:
    """Name below the folder -> file, one folder deep; empty folders and markers left out."""
    system, root = file_system(folder)
    try:
        infos = system.get_file_info(fs.FileSelector(root))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise JobError(f"{folder} is a file: --input must name the folder that holds it") from None
    subfolders = [info.path for info in infos if info.type == fs.FileType.Directory]
    for path in subfolders:
        if Path(path).name.startswith(tuple(NAMES)):
            infos += system.get_file_info(fs.FileSelector(path))
    return {
        info.path.removeprefix(root).lstrip("/"): info
        for info in infos
        if info.type == fs.FileType.File
    }


def _files(
    folder: str, found: dict[str, fs.FileInfo], kind: str, pattern: str | None
) -> tuple[InputFile, ...]:
    names = _matching(found, pattern) if pattern else _by_name(folder, found, kind)
    if not names:
        wanted = f"no file {pattern}" if pattern else f"{folder}/{kind}.csv does not exist"
        raise JobError(
            f"{wanted}: --input must name a folder that holds it, or --{kind} the names in there"
        )
    return tuple(_describe(folder, found[name], name, kind) for name in sorted(names))


def _matching(found: dict[str, fs.FileInfo], pattern: str) -> list[str]:
    return [name for name in found if fnmatch(name, pattern)]


def _by_name(folder: str, found: dict[str, fs.FileInfo], kind: str) -> list[str]:
    whole, parts = NAMES[kind]
    names = [name for name in found if re.fullmatch(whole, name)]
    if len(names) > 1:
        raise JobError(
            f"{folder} holds {' and '.join(sorted(names))}: say which with --{kind} NAME"
        )
    return names or [name for name in found if re.fullmatch(parts, name)]


def _describe(folder: str, info: fs.FileInfo, name: str, kind: str) -> InputFile:
    address = f"{folder.rstrip('/')}/{name}"
    with reading(address):
        head, gzipped, version = *_head(address), version_of(address)
    shape = shapes.recognise(kind, head)
    if shape is None:
        raise JobError(_of_no_shape(address, kind, head))
    return InputFile(address, name, info.size, version, shape, gzipped)


def _head(address: str) -> tuple[bytes, bool]:
    """The first bytes of the text, and whether they had to be unpacked."""
    with _open(address) as stream:
        head = stream.read(HEAD_BYTES)
        if not head.startswith(GZIP_MAGIC):
            return head, False
        stream.seek(0)
        with pa.CompressedInputStream(stream, "gzip") as plain:
            return plain.read(HEAD_BYTES), True


def _of_no_shape(address: str, kind: str, head: bytes) -> str:
    expected = f"its first line must be {','.join(COLUMNS[kind])}"
    if not head:
        return f"{address} is empty: {expected}"
    shown = shapes.first_line(head).decode(errors="backslashreplace")[:MAX_FIELD_SHOWN]
    return f"{address} begins with {shown!r}: {expected} (or the rows those of ml-1m or ml-100k)"
