"""Detect the format of a file of movies or ratings from its first bytes.

For any other file the error says what it is and what would help.
"""

import pyarrow as pa

from spark_jobs.errors import JobError
from spark_jobs.input.formats import other_files, parquet
from spark_jobs.input.formats.columns import MOVIELENS, MissingColumns
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.input_options import InputOptions
from spark_jobs.input.formats.recognise import first_line, header_of, of_columns, recognise
from spark_jobs.input.formats.sample import Head, by_sample

HEAD_BYTES = 64 * 1024
MAX_FIELD_SHOWN = 80
GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"


def detect(
    stream: pa.NativeFile, address: str, kind: str, options: InputOptions
) -> tuple[FileFormat, bool]:
    """The format of a file of `kind`, and whether it is gzipped. JobError if it has none."""
    head, gzipped = read_head(stream)
    if not gzipped and head.text.startswith(PARQUET_MAGIC):
        return _format_of_parquet(stream, address, kind, options), gzipped
    return _format_of_text(address, kind, head, options), gzipped


def read_head(stream: pa.NativeFile) -> tuple[Head, bool]:
    """The first bytes of the text, and whether they were gzipped."""
    head = stream.read(HEAD_BYTES)
    if not head.startswith(GZIP_MAGIC):
        return Head(head, is_cut=len(head) == HEAD_BYTES), False
    stream.seek(0)
    with pa.CompressedInputStream(stream, "gzip") as plain:
        head = plain.read(HEAD_BYTES)
        return Head(head, is_cut=len(head) == HEAD_BYTES), True


def _format_of_text(address: str, kind: str, head: Head, options: InputOptions) -> FileFormat:
    if what := other_files.describe(address, head.text):
        raise JobError(f"{address} is {what}")
    try:
        file_format = recognise(kind, head, options)
    except (MissingColumns, KeyError) as error:
        names = header_of(head.text)
        raise JobError(_lacks_columns(address, kind, names, error)) from None
    if file_format is None:
        raise JobError(_of_no_format(address, kind, head.text))
    return file_format


def _format_of_parquet(
    stream: pa.NativeFile, address: str, kind: str, options: InputOptions
) -> FileFormat:
    names = parquet.column_names(stream)
    try:
        file_format = of_columns(kind, names, options)
    except (MissingColumns, KeyError) as error:
        raise JobError(_lacks_columns(address, kind, names, error)) from None
    first_rows = parquet.first_rows(stream, file_format.columns)
    return by_sample(kind, file_format, Head(first_rows), options)


def _lacks_columns(
    address: str, kind: str, names: list[str], error: MissingColumns | KeyError
) -> str:
    has = f"{address} has the columns {', '.join(names)}"
    option = "--columns" if kind == "ratings" else "--movie-columns"
    if isinstance(error, KeyError):
        return f"{has}: none is named {error.args[0]}, see {option}"
    example = ",".join(f"{role}=NAME" for role in error.roles)
    return f"{has}: {', '.join(error.roles)} is missing; name the column with {option} {example}"


def _of_no_format(address: str, kind: str, head: bytes) -> str:
    expected = f"its first line must be {','.join(MOVIELENS[kind])}"
    if not head:
        return f"{address} is empty: {expected}"
    shown = first_line(head).decode(errors="backslashreplace")[:MAX_FIELD_SHOWN]
    option, example = {
        "ratings": ("--columns", "user=1,movie=2,rating=3,time=4"),
        "movies": ("--movie-columns", "movie=1,title=2,genres=3"),
    }[kind]
    return (
        f"{address} begins with {shown!r}: {expected}, or give the columns as described in "
        f"docs/your-own-ratings.md; without a header number them, such as {option} {example}"
    )
