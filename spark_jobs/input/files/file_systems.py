"""Open the input files, wherever they are.

One entry point for the driver and the executors: `pyarrow.fs` supports local folders, S3
(credentials from the standard AWS chain) and, where libhdfs is installed, HDFS.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import fs

from spark_jobs.errors import JobError

S3_SCHEMES = ("s3", "s3a", "s3n")
SCHEMES = ("file", *S3_SCHEMES, "hdfs")
SUPPORTED = "a folder, file:///..., s3://..., s3a://... or hdfs://..."
SECONDS_TO_CONNECT, SECONDS_TO_ANSWER, ATTEMPTS = 10, 20, 3
REMEDIES = {
    r"zlib|gzip|[Tt]runcated compressed": "the gzip file is corrupt or cut short: gzip -t checks "
    "it; copy or download it again",
    r"[Pp]arquet|[Tt]hrift|footer|Snappy|[Cc]orrupt": "the Parquet file is corrupt or cut short: "
    "copy or write it again",
    r"NETWORK_CONNECTION|curlCode|[Tt]imeout": "gave up after {attempts} attempts of at most "
    "{connect} s to connect and {answer} s without a byte; check the endpoint, the network and "
    "the region",
    r"libhdfs|libjvm": "hdfs:// works on a cluster's own nodes, which have Hadoop; elsewhere "
    "copy the files",
    r"[Pp]ermission denied": "give the job's user the right to read it",
}
"""Error of a file system or reader -> what to do."""
ELSE = "check the address, the rights and the region"


def check_scheme(address: str) -> None:
    """Raise JobError early for an address that no file system supports."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):(/*)", address)
    if re.match(r"[A-Za-z]:[\\/]", address):
        raise JobError(f"cannot read {address}: a Windows path; in WSL it is under /mnt/c/")
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


def plain_path(address: str) -> str:
    """The path of a local address; any other unchanged."""
    return unquote(address.removeprefix("file://")) if address.startswith("file:") else address


@contextmanager
def reading(address: str) -> Iterator[None]:
    """Turn a file system's error into one clear JobError."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise JobError(f"cannot read {address}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The first line of the error, and what to do."""
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
        return fs.LocalFileSystem(), str(Path(plain_path(address)).absolute())
    if scheme in S3_SCHEMES:
        return _s3(path.split("/")[0]), path
    host, _, path = path.partition("/")
    return _hdfs(host), f"/{path}"


def version_of(address: str) -> str:
    """A value that changes when the file is replaced."""
    system, path = file_system(address)
    if isinstance(system, fs.S3FileSystem):
        with system.open_input_file(path) as stream:
            return str(stream.metadata()["ETag"].decode().strip('"'))
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
        extra_conf={  # Hadoop's defaults are a quarter of an hour
            "ipc.client.connect.timeout": str(1000 * SECONDS_TO_CONNECT),
            "ipc.client.connect.max.retries": str(ATTEMPTS),
            "ipc.client.connect.max.retries.on.timeouts": str(ATTEMPTS),
        },
    )


@contextmanager
def writing(address: str) -> Iterator[pa.NativeFile]:
    """Open a new file for writing. JobError if it cannot be written."""
    system, path = file_system(address)
    try:
        if isinstance(system, fs.LocalFileSystem):
            system.create_dir(str(Path(path).parent))
        with system.open_output_stream(path) as stream:
            yield stream
    except (OSError, pa.ArrowException) as error:
        raise JobError(f"cannot write {address}: {_reason(error)}") from error


def exists(address: str) -> bool:
    """Whether a file or folder exists."""
    with reading(address):
        system, path = file_system(address)
        return bool(system.get_file_info(path).type != fs.FileType.NotFound)


def open_file(address: str) -> pa.NativeFile:
    """The file as a seekable stream."""
    system, path = file_system(address)
    return system.open_input_file(path)
