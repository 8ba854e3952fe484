"""Convert a block of rating lines to columns of numbers, in one go with pyarrow.

Blocks of plain numbers are converted as such; others (text ids, dates, quotes, unused columns)
as text, each distinct value once. ArrowInvalid means that the block contains something else:
`blocks.py` takes it apart line by line.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from spark_jobs.input.formats import ids, times
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.records import records

KIND = "ratings"
WHOLE_NUMBER = "0*[0-9]{1,18}"
DECIMAL_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
is_decimal_number = re.compile(DECIMAL_NUMBER).fullmatch
TYPES = {"user": pa.int64(), "movie": pa.int64(), "rating": pa.float64(), "time": pa.int64()}
CONTROLS = bytes(set(range(32)) - set(b"\n\r")) + b"\x7f"


class Values(NamedTuple):
    """Columns of one length, as read; invalid values are -1 or NaN."""

    user: NDArray[np.int64]
    movie: NDArray[np.int64]
    rating: NDArray[np.float64]
    time: NDArray[np.int64]


def convert_numbers(block: bytes, file_format: FileFormat) -> Values:
    """Convert a block of plain numbers. ArrowInvalid for any other."""
    if not block:
        return Values(*(np.empty(0, type_.to_pandas_dtype()) for type_ in TYPES.values()))
    # Numbers only: pyarrow would also accept " 4.5", 1e0 and NaN as ratings.
    if block.translate(None, b"0123456789.\r\n" + file_format.separator.encode()):
        raise pa.ArrowInvalid("more than numbers")
    places = file_format.places_of(KIND)
    table = pa_csv.read_csv(pa.BufferReader(block), *_number_options(file_format))
    # Only for pyarrow a carriage return without a line feed ends a line.
    is_torn = b"\r" in block and table.num_rows != _line_ends(block)
    if is_torn or any(table[role].null_count for role in places):
        raise pa.ArrowInvalid("not a number in each column of each line")
    user, movie, rating = (table[role].to_numpy() for role in ("user", "movie", "rating"))
    if "time" not in places:
        return Values(user, movie, rating, np.zeros(len(user), np.int64))
    return Values(user, movie, rating, table["time"].to_numpy() // times.UNITS[file_format.times])


def _line_ends(block: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


def column_names(file_format: FileFormat) -> list[str]:
    """The role of each column, or a unique name for an unused one."""
    roles = {place: role for role, place in file_format.places_of(KIND).items()}
    return [roles.get(place, f"column {place}") for place in range(file_format.width(KIND))]


@cache
def _number_options(
    file_format: FileFormat,
) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
    # pyarrow separators are one character: `1::2` is 1, nothing and 2, and nothing must be null.
    gap = len(file_format.separator) - 1
    types = {role: TYPES[role] for role in file_format.places_of(KIND)}
    names = [
        name for field in column_names(file_format) for name in (field, *[f"gap {field}"] * gap)
    ]
    names = names[: len(names) - gap]
    types |= {name: pa.null() for name in names if name.startswith("gap ")}
    return (
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=2**31 - 1),
        pa_csv.ParseOptions(
            delimiter=file_format.separator[0], quote_char=False, ignore_empty_lines=False
        ),
        pa_csv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=[""], check_utf8=False
        ),
    )


def convert_text(block: bytes, file_format: FileFormat) -> Values:
    """Convert a block of text; invalid numbers, ids and times become -1 or NaN.

    ArrowInvalid for a line with another number of fields, for bytes that are not UTF-8 and for
    control characters.
    """
    if not block:
        return convert_numbers(block, file_format)
    is_odd = file_format.is_quoted and block.count(b'"') % 2
    if (
        is_odd
        or len(file_format.separator) > 1
        or _has_controls(block, file_format)
        or not _is_utf_8(block)
    ):
        raise pa.ArrowInvalid("more than plain text")
    table = pa_csv.read_csv(pa.BufferReader(block), *_text_options(file_format))
    if table.num_rows != _line_ends(block) and table.num_rows != len(records(block, file_format)):
        raise pa.ArrowInvalid("lines that are not records")
    columns = {role: table[role].combine_chunks() for role in table.column_names}
    if file_format.places and b" " in block:
        columns = {role: pc.utf8_trim(column, " ") for role, column in columns.items()}
    return convert_columns(columns, file_format)


def _has_controls(block: bytes, file_format: FileFormat) -> bool:
    controls = CONTROLS.replace(b"\t", b"") if file_format.separator == "\t" else CONTROLS
    return len(block.translate(None, controls)) < len(block)


def _is_utf_8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def _text_options(
    file_format: FileFormat,
) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
    names = column_names(file_format)
    roles = list(file_format.places_of(KIND))
    return (
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=2**31 - 1),
        pa_csv.ParseOptions(
            delimiter=file_format.separator,
            quote_char='"' if file_format.is_quoted else False,
            escape_char=file_format.escape or False,
            newlines_in_values=file_format.may_span_lines,
            ignore_empty_lines=False,
        ),
        pa_csv.ConvertOptions(
            column_types=dict.fromkeys(roles, pa.string()),
            include_columns=roles,
            strings_can_be_null=False,
        ),
    )


def convert_columns(columns: dict[str, pa.Array], file_format: FileFormat) -> Values:
    """Convert columns of text to numbers, each distinct text of a column once."""
    rows = len(columns["user"])
    at = np.zeros(rows, np.int64)
    if "time" in columns:
        at = _each(columns["time"], lambda texts: times.seconds(texts, file_format.times))
    return Values(
        _each(columns["user"], lambda texts: _ids(texts, file_format.text_users)),
        _each(columns["movie"], lambda texts: _ids(texts, file_format.text_movies)),
        _each(columns["rating"], _ratings),
        at,
    )


def _each(column: pa.Array, convert: Callable[[pa.Array], NDArray[Any]]) -> NDArray[Any]:
    coded = pc.dictionary_encode(column)
    converted: NDArray[Any] = convert(coded.dictionary)[coded.indices.to_numpy()]
    return converted


def _ids(texts: pa.Array, are_text: bool) -> NDArray[np.int64]:
    if are_text:
        return np.array([ids.code_of(text) for text in texts.to_pylist()], np.int64)
    numbers = (ids.number_of(text) for text in texts.to_pylist())
    return np.array([-1 if number is None else number for number in numbers], np.int64)


def _ratings(texts: pa.Array) -> NDArray[np.float64]:
    plain = (
        text if is_decimal_number(text.removeprefix("-")) else "nan" for text in texts.to_pylist()
    )
    return np.array([float(text) for text in plain], np.float64)
