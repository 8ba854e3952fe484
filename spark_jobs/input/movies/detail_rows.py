"""Parse rows of links and tags about movies of the catalogue, or reject them with a reason."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from spark_jobs.input.files.input_files import InputFile
from spark_jobs.input.files.splits import plan_splits, read_blocks
from spark_jobs.input.formats import ids
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.records import records
from spark_jobs.input.rejection import Reason, RejectedRow, as_text, readable

Known = frozenset[int]
"""The ids of the catalogue."""
Fields = dict[str, str]
Value = TypeVar("Value", bound=tuple[object, ...])
Parse = Callable[[Fields], Value | Reason]
"""The parsed value of a row, or the reason to reject it."""


def blocks(files: Iterable[InputFile]) -> Iterator[tuple[InputFile, bytes, list[bytes]]]:
    """Read some megabytes at a time: the file, the text, and its rows without line ends."""
    for split in plan_splits("details", files):
        for block in read_blocks(split):
            rows = (row.removesuffix(b"\r") for row in records(block, split.file.format))
            yield split.file, block, list(filter(None, rows))


def parse_rows(
    rows: Iterable[bytes], file: InputFile, parse: Parse[Value]
) -> tuple[list[tuple[Value, bytes]], list[RejectedRow]]:
    """The values, each with its row, and the rejected rows."""
    values, rejected = [], []
    for row in rows:
        value = _value(row, file.format, parse)
        if isinstance(value, str):
            rejected.append((file.name, value, as_text(row)))
        else:
            values.append((value, row))
    return values, rejected


def id_of(text: str) -> int | None:
    """The id of a movie or user; None if invalid."""
    number = ids.number_of(text) or 0
    return number if 0 < number <= ids.LARGEST_ID else None


def _value(row: bytes, file_format: FileFormat, parse: Parse[Value]) -> Value | Reason:
    text = readable(row, file_format)
    if text is None:
        return "bad_text"
    fields = file_format.fields(text)
    if fields is None or len(fields) != len(file_format.columns):
        return "malformed"
    return parse({name: fields[place] for name, place in file_format.places})
