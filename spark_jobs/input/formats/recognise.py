"""Recognise the format of a text by its header or its first row."""

import re
from dataclasses import replace

from spark_jobs.input.formats.columns import (
    MOVIELENS,
    MissingColumns,
    by_position,
    find_columns,
)
from spark_jobs.input.formats.file_format import (
    BARS,
    BYTE_ORDER_MARK,
    CSV,
    DAT,
    PARQUET,
    TABS,
    FileFormat,
)
from spark_jobs.input.formats.input_options import InputOptions
from spark_jobs.input.formats.sample import Head, by_sample

SEPARATORS = (",", ";", "\t", "|")
WINDOWS = ("utf-8", "cp1252", "latin-1")
FIRST_LINES = {
    "movies": {DAT: rb"\d+::", BARS: rb"\d+\|(?:[^|]*\|){22}[01]$"},
    "ratings": {DAT: rb"\d+::\d+::", TABS: rb"\d+\t\d+\t"},
}


def recognise(kind: str, head: Head, options: InputOptions) -> FileFormat | None:
    """The format of a text of `movies` or `ratings` with this beginning; None if unknown.

    Raises MissingColumns for a header without a required column, and KeyError for a
    column that the operator named but that does not exist.
    """
    file_format = _by_rows(kind, head.text, options) or _by_header(kind, head.text, options)
    return file_format and by_sample(kind, file_format, head, options)


def of_columns(kind: str, names: list[str], options: InputOptions) -> FileFormat:
    """The format of a Parquet file with these columns, of which only the required ones are read.

    Raises as `recognise` does.
    """
    found = find_columns(kind, names, options.of(kind))
    places = tuple((role, i) for i, role in enumerate(found))
    columns = tuple(names[place] for place in found.values())
    return replace(PARQUET, columns=columns, places=places)


def first_line(head: bytes) -> bytes:
    """The first line, without its end and without a byte order mark."""
    return head.removeprefix(BYTE_ORDER_MARK).split(b"\n", 1)[0].strip(b"\r\n")


def header_of(head: bytes) -> list[str]:
    """The names in the first line, split by the separator that gives the most."""
    line = first_line(head).decode("utf-8", errors="replace")
    split = [FileFormat("csv", separator).fields(line) or [] for separator in SEPARATORS]
    return max(split, key=len)


def _by_rows(kind: str, head: bytes, options: InputOptions) -> FileFormat | None:
    """Formats without a header."""
    places = by_position(kind, options.of(kind))
    if places is None:
        first = first_line(head).strip()
        formats = FIRST_LINES[kind].items()
        return next(
            (file_format for file_format, pattern in formats if re.match(pattern, first)), None
        )
    line = first_line(head).decode("utf-8", errors="replace")
    separator = "::" if "::" in line else max(SEPARATORS, key=line.count)
    file_format = FileFormat("dat" if separator == "::" else "plain", separator, encodings=WINDOWS)
    columns = tuple(str(i + 1) for i in range(len(file_format.fields(line) or [])))
    if absent := [place for place in places.values() if place >= len(columns)]:
        raise KeyError(str(absent[0] + 1))
    return replace(file_format, columns=columns, places=tuple(places.items()))


def _by_header(kind: str, head: bytes, options: InputOptions) -> FileFormat | None:
    line = first_line(head).decode("utf-8", errors="replace")
    failed: MissingColumns | KeyError | None = None
    for separator in sorted(SEPARATORS, key=line.count, reverse=True):
        file_format = FileFormat("csv", separator, has_header=True)
        names = file_format.fields(line) or []
        try:
            places = find_columns(kind, names, options.of(kind))
        except (MissingColumns, KeyError) as error:
            failed = failed or error
            continue
        columns = tuple(name.strip() for name in names)
        if tuple(names) == MOVIELENS[kind] and not options.of(kind):
            return replace(CSV, separator=separator)
        return replace(
            file_format, columns=columns, places=tuple(places.items()), encodings=WINDOWS
        )
    if failed and (len(header_of(head)) > 1 or options.of(kind)) and not _is_data(line):
        raise failed
    return None


def _is_data(line: str) -> bool:
    """A first row with numbers is not a header."""
    return any(re.fullmatch(r'"?[0-9.]+"?', part) for part in re.split(r"[,;\t|]", line))
