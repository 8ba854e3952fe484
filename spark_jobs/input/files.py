"""The files of the input: where they lie, which they are and what shape they have.

One door for the driver and the executors: `pyarrow.fs`, which knows local folders, S3
(credentials from the standard AWS chain) and, where libhdfs is installed, HDFS.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import fs

from spark_jobs.errors import JobError
from spark_jobs.input import parquet
from spark_jobs.input.formats import file_format, other_files
from spark_jobs.input.formats.columns import MOVIELENS, MissingColumns
from spark_jobs.input.formats.file_format import Head, Shape, Told
from spark_jobs.input.formats.times import NO_TIMES

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
NAMES_SHOWN = 10
GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"
S3_SCHEMES = ("s3", "s3a", "s3n")
SCHEMES = ("file", *S3_SCHEMES, "hdfs")
SUPPORTED = "a folder, file:///..., s3://..., s3a://... or hdfs://..."
SECONDS_TO_CONNECT, SECONDS_TO_ANSWER, ATTEMPTS = 10, 20, 3
REMEDIES = {
    r"zlib|gzip|[Tt]runcated compressed": "the gzip file is corrupt or cut short: gzip -t tells; "
    "copy or download it again",
    r"[Pp]arquet|[Tt]hrift|footer|Snappy|[Cc]orrupt": "the Parquet file is corrupt or cut short: "
    "copy or write it again",
    r"NETWORK_CONNECTION|curlCode|[Tt]imeout": "given up after {attempts} attempts of at most "
    "{connect} s to connect and {answer} s without a byte; check the endpoint, the network and "
    "the region",
    r"libhdfs|libjvm": "hdfs:// is for a cluster's own nodes, which have Hadoop; elsewhere "
    "copy the files",
    r"[Pp]ermission denied": "give the job's user the right to read it",
}
"""What a file system or a reader complains about -> what to do."""
ELSE = "check the address, the rights and the region"


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
    def has_times(self) -> bool:
        return all(file.shape.times != NO_TIMES for file in self.ratings)

    def descriptions(self) -> list[str]:
        """How the files that are not MovieLens' own are read; one of several alike is named."""
        kinds = {"movies": self.movies, "ratings": self.ratings}
        names = {
            file.shape.description(kind): file.name
            for kind, files in kinds.items()
            for file in reversed(files)
            if file.shape.places or file.shape.scale.rounded
        }
        return [f"{name}: {description}" for description, name in names.items()]

    def facts(self, not_rated: int) -> dict[str, Any]:
        """How the files were read, for the run's row: what is not so in MovieLens' own."""
        shapes = [file.shape for file in self.files]
        facts = {
            "times": "" if self.has_times else NO_TIMES,
            "text_ids": any(shape.text_movies or shape.text_users for shape in shapes),
            "not_rated": not_rated,
        }
        return {name: value for name, value in facts.items() if value}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over names, sizes and versions: changes when a file is replaced."""
        parts = sorted(f"{file.name}:{file.size}:{file.version}" for file in self.files)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def find_input(
    prefix: str,
    *,
    movies: str | None = None,
    ratings: str | None = None,
    told: Told | None = None,
) -> Input:
    """Look at the files under `prefix` without reading them; the patterns pick others by name.

    Raises JobError for a file that is missing, empty, unreadable or of no known shape.
    """
    told = told or Told()
    check_scheme(prefix)
    folder = _plain_path(prefix).rstrip("/") or "/"
    with reading(prefix):
        found = _listing(folder, *filter(None, (movies, ratings)))
        of_movies = _files(folder, found, "movies", movies, told)
        of_ratings = _files(folder, found, "ratings", ratings, told)
        text_movies = any(file.shape.text_movies for file in of_movies)
        text_users = any(file.shape.text_users for file in of_ratings)
        return Input(
            prefix=prefix.rstrip("/") or "/",
            movies=_with_ids(of_movies, text_movies=text_movies, text_users=False),
            ratings=_with_ids(of_ratings, text_movies=text_movies, text_users=text_users),
            synthetic=SYNTHETIC_MARKER in found,
        )


def check_scheme(address: str) -> None:
    """Raise JobError, before anybody waits for it, where no file system has such addresses."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):(/*)", address)
    if re.match(r"[A-Za-z]:[\\/]", address):
        raise JobError(f"cannot read {address}: a Windows path; in WSL it lies under /mnt/c/")
    if not found or (not found[2] and found[1].lower() not in SCHEMES):
        return
    scheme, slashes = found.groups()
    rest = address[found.end() :]
    if scheme not in SCHEMES:
        raise JobError(f"cannot read {address}: {scheme} is not supported; give {SUPPORTED}")
    expected = {"file": ("///",), "hdfs": ("//", "///")}.get(scheme, ("//",))
    if slashes not in expected or not rest:
        form = f"{scheme}:{expected[0]}{rest or 'BUCKET/FOLDER'}"
        raise JobError(f"cannot read {address}: it must have the form {form}")


def _plain_path(address: str) -> str:
    return unquote(address.removeprefix("file://")) if address.startswith("file:") else address


def _with_ids(
    files: tuple[InputFile, ...], *, text_movies: bool, text_users: bool
) -> tuple[InputFile, ...]:
    """Ids are of one kind in all files: the catalogue decides how ratings name movies."""

    def agreed(shape: Shape) -> Shape:
        is_numeric = shape.is_numeric and not (text_movies or text_users)
        return replace(
            shape, text_movies=text_movies, text_users=text_users, is_numeric=is_numeric
        )  # fmt: skip

    return tuple(replace(file, shape=agreed(file.shape)) for file in files)


@contextmanager
def reading(address: str) -> Iterator[None]:
    """Turns what a file system complains about into one clear JobError."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise JobError(f"cannot read {address}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The first line of what is wrong, and what to do."""
    reason = str(error).strip().splitlines()[0]
    fits = (remedy for pattern, remedy in REMEDIES.items() if re.search(pattern, reason))
    remedy = next(fits, ELSE).format(
        attempts=ATTEMPTS, connect=SECONDS_TO_CONNECT, answer=SECONDS_TO_ANSWER
    )
    return f"{reason} ({remedy})"


@cache
def file_system(address: str) -> tuple[fs.FileSystem, str]:
    """The file system of an address, and the path in it."""
    check_scheme(address)
    scheme, mark, path = address.partition("://")
    if not mark or scheme == "file":
        return fs.LocalFileSystem(), str(Path(_plain_path(address)).absolute())
    if scheme in S3_SCHEMES:
        return _s3(path.split("/")[0]), path
    host, _, path = path.partition("/")
    return _hdfs(host), f"/{path}"


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
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


@cache
def _hdfs(host: str) -> fs.FileSystem:
    name, _, port = host.partition(":")
    return fs.HadoopFileSystem(
        f"hdfs://{name}" if name else "default",
        int(port or 0),
        extra_conf={  # Hadoop's own are a quarter of an hour
            "ipc.client.connect.timeout": str(1000 * SECONDS_TO_CONNECT),
            "ipc.client.connect.max.retries": str(ATTEMPTS),
            "ipc.client.connect.max.retries.on.timeouts": str(ATTEMPTS),
        },
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
        raise JobError(f"cannot write {address}: {_reason(error)}") from error


def exists(address: str) -> bool:
    """Whether a file or a folder lies there."""
    with reading(address):
        system, path = file_system(address)
        return bool(system.get_file_info(path).type != fs.FileType.NotFound)


def _open(address: str) -> pa.NativeFile:
    system, path = file_system(address)
    return system.open_input_file(path)


def _listing(folder: str, *patterns: str) -> dict[str, fs.FileInfo]:
    """Name below the folder -> file, one folder deep where a pattern or a kind leads there.

    Empty folders and markers are left out.
    """
    looked_into = (*NAMES, *(pattern.partition("/")[0] for pattern in patterns))
    system, root = file_system(folder)
    try:
        infos = system.get_file_info(fs.FileSelector(root))
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise JobError(_file_for_folder(folder)) from None
    subfolders = [info.path for info in infos if info.type == fs.FileType.Directory]
    for path in subfolders:
        if Path(path).name.startswith(looked_into):
            infos += system.get_file_info(fs.FileSelector(path))
    return {
        info.path.removeprefix(root).lstrip("/"): info
        for info in infos
        if info.type == fs.FileType.File
    }


def _file_for_folder(address: str) -> str:
    what = other_files.describe(address, _head(address)[0].text)
    if what:
        return f"{address} is {what}"
    return f"{address} is a file: --input must name the folder that holds it"


def _files(
    folder: str, found: dict[str, fs.FileInfo], kind: str, pattern: str | None, told: Told
) -> tuple[InputFile, ...]:
    names = _matching(found, pattern) if pattern else _by_name(folder, found, kind)
    if not names:
        raise JobError(_missing(folder, found, kind, pattern, told))
    return tuple(_describe(folder, found[name], name, kind, told) for name in sorted(names))


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


def _missing(
    folder: str, found: dict[str, fs.FileInfo], kind: str, pattern: str | None, told: Told
) -> str:
    """Which file is missing, what lies there instead, and what may be meant."""
    wanted = f"no file {pattern}" if pattern else f"{folder.rstrip('/')}/{kind}.csv does not exist"
    wanted += f": --input must name a folder that holds it, or --{kind} the names in there"
    if not found:
        system, root = file_system(folder)
        is_there = system.get_file_info(root).type == fs.FileType.Directory
        return f"{wanted} ({folder} {'holds no files' if is_there else 'does not exist'})"
    if pattern and (
        inside := [name for name in found if name.startswith(f"{pattern.strip('/')}/")]
    ):
        return (
            f"{pattern} is a folder: name the files in it, --{kind} '{inside[0].split('/')[0]}/*'"
        )
    if pattern and pattern.startswith(("/", "s3:", "s3a:")):
        wanted = f"{wanted}; the names are relative to --input"
    if fitting := [name for name in sorted(found) if _may_be(folder, found, name, kind, told)]:
        return f"{wanted}; {fitting[0]} looks like it: --{kind} '{fitting[0]}'"
    held = f"{folder} holds {_listed(sorted(found))}"
    if kind == "movies":
        held += "; a file with the columns movieId,title is enough"
    packed = next((name for name in found if name.endswith((".zip", ".rar", ".7z", ".tar"))), None)
    return f"{wanted}; {held}" + (f"; {packed} must be unpacked first" if packed else "")


def _listed(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _may_be(folder: str, found: dict[str, fs.FileInfo], name: str, kind: str, told: Told) -> bool:
    """Whether a file of another name would do."""
    if list(found).index(name) >= NAMES_SHOWN or Path(name).name.startswith((".", "_")):
        return False
    if kind == "movies" and _may_be(folder, found, name, "ratings", told):
        return False  # a row a rating, though it may hold titles
    try:
        _describe(folder, found[name], name, kind, told)
    except JobError:
        return False
    return True


def _describe(folder: str, info: fs.FileInfo, name: str, kind: str, told: Told) -> InputFile:
    address = f"{folder.rstrip('/')}/{name}"
    with reading(address):
        head, gzipped, version = *_head(address), version_of(address)
        if not gzipped and head.text.startswith(PARQUET_MAGIC):
            shape = _shape_of_parquet(address, kind, told)
        else:
            shape = _shape_of_text(address, kind, head, told)
    return InputFile(address, name, info.size, version, shape, gzipped)


def _head(address: str) -> tuple[Head, bool]:
    """The first bytes of the text, and whether they had to be unpacked."""
    with _open(address) as stream:
        head = stream.read(HEAD_BYTES)
        if not head.startswith(GZIP_MAGIC):
            return Head(head, is_cut=len(head) == HEAD_BYTES), False
        stream.seek(0)
        with pa.CompressedInputStream(stream, "gzip") as plain:
            head = plain.read(HEAD_BYTES)
            return Head(head, is_cut=len(head) == HEAD_BYTES), True


def _shape_of_text(address: str, kind: str, head: Head, told: Told) -> Shape:
    if what := other_files.describe(address, head.text):
        raise JobError(f"{address} is {what}")
    try:
        shape = file_format.recognise(kind, head, told)
    except (MissingColumns, KeyError) as error:
        names = file_format.header_of(head.text)
        raise JobError(_lacks_columns(address, kind, names, error)) from None
    if shape is None:
        raise JobError(_of_no_shape(address, kind, head.text))
    return shape


def _shape_of_parquet(address: str, kind: str, told: Told) -> Shape:
    with _open(address) as stream:
        names = parquet.column_names(stream)
        try:
            shape = file_format.of_columns(kind, names, told)
        except (MissingColumns, KeyError) as error:
            raise JobError(_lacks_columns(address, kind, names, error)) from None
        return file_format.by_sample(
            kind, shape, Head(parquet.first_rows(stream, shape.columns)), told
        )


def _lacks_columns(
    address: str, kind: str, names: list[str], error: MissingColumns | KeyError
) -> str:
    has = f"{address} has the columns {', '.join(names)}"
    option = "--columns" if kind == "ratings" else "--movie-columns"
    if isinstance(error, KeyError):
        return f"{has}: there is none named {error.args[0]}, see {option}"
    example = ",".join(f"{role}=NAME" for role in error.roles)
    return (
        f"{has}: {', '.join(error.roles)} is missing; "
        f"name the column that holds it with {option} {example}"
    )


def _of_no_shape(address: str, kind: str, head: bytes) -> str:
    expected = f"its first line must be {','.join(MOVIELENS[kind])}"
    if not head:
        return f"{address} is empty: {expected}"
    shown = file_format.first_line(head).decode(errors="backslashreplace")[:MAX_FIELD_SHOWN]
    option, example = {
        "ratings": ("--columns", "user=1,movie=2,rating=3,time=4"),
        "movies": ("--movie-columns", "movie=1,title=2,genres=3"),
    }[kind]
    return (
        f"{address} begins with {shown!r}: {expected}, or name the columns in another way "
        f"(docs/your-own-ratings.md); without a header number them, such as {option} {example}"
    )
