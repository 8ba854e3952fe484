"""Which ratings count: a block of lines in, columns of the accepted ratings out.

Nearly all blocks are converted at one go by pyarrow. Only a block that holds something
unusual is taken apart line by line: a line that can be read is put into plain form, the
others are rejected, and what is left is converted like any other block.
"""

import re
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from spark_jobs.shapes import Shape
from spark_jobs.validate import LARGEST_ID, YEAR_2100, as_text, readable

WHOLE_NUMBER = "0*[0-9]{1,18}"
DECIMAL_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
is_whole_number = re.compile(WHOLE_NUMBER).fullmatch
is_decimal_number = re.compile(DECIMAL_NUMBER).fullmatch
NUMBERS = {"user": WHOLE_NUMBER, "movie": WHOLE_NUMBER, "stars": DECIMAL_NUMBER, "at": WHOLE_NUMBER}
TYPES = {"user": pa.int64(), "movie": pa.int64(), "stars": pa.float64(), "at": pa.int64()}
LARGEST_TABLE = 2**24


class Ratings(NamedTuple):
    """Columns of one length. `movie` is a position among the known movies, `rated_at` seconds."""

    user: NDArray
    movie: NDArray
    half_stars: NDArray
    rated_at: NDArray

    def where(self, mask: NDArray[np.bool_]) -> "Ratings":
        return Ratings(*(column[mask] for column in self))


class Known:
    """The accepted movies: finds the position of a movie id."""

    def __init__(self, movie_ids: NDArray[np.int32]) -> None:
        """`movie_ids` is ascending."""
        self.movie_ids = movie_ids

    def __len__(self) -> int:
        return len(self.movie_ids)

    def positions(self, movie_ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """The position of each id, -1 where it is unknown."""
        if self._table is not None:
            return self._table.take(movie_ids, mode="clip")
        found = np.searchsorted(self.movie_ids, movie_ids).clip(max=len(self) - 1)
        return np.where(self.movie_ids[found] == movie_ids, found, -1).astype(np.int32)

    @cached_property
    def _table(self) -> NDArray[np.int32] | None:
        # MovieLens ids are small: a table of them all is an order faster than searching.
        largest = int(self.movie_ids.max(initial=0))
        if largest > LARGEST_TABLE:
            return None
        table = np.full(largest + 2, -1, np.int32)
        table[self.movie_ids] = np.arange(len(self))
        return table


Fault = tuple[str, str]
"""(reason, raw text) of a line that does not count."""


def judge(block: bytes, shape: Shape, known: Known) -> tuple[Ratings, list[Fault]]:
    """The ratings that count, and what is wrong with every other line of the block."""
    rejected: list[Fault] = []
    originals: dict[bytes, bytes] = {}
    try:
        user, movie, stars, rated_at = _convert(block, shape)
    except pa.ArrowInvalid:
        block, originals, rejected = _mend(block, shape)
        user, movie, stars, rated_at = _convert(block, shape)
    doubled = stars * 2
    half_stars = doubled.clip(0, 11).astype(np.int8)
    position = known.positions(movie)
    faults = {
        "bad_id": _no_id(user) | _no_id(movie),
        "bad_timestamp": rated_at >= YEAR_2100,
        "rating_out_of_range": (doubled < 1) | (doubled > 10),
        "not_half_star": doubled != np.floor(doubled),
        "unknown_movie": position < 0,
    }
    ratings = Ratings(user, position, half_stars, rated_at)
    faulty = np.logical_or.reduce(list(faults.values()))
    if not faulty.any():
        return ratings, rejected
    lines = block.split(b"\n")
    for place in np.flatnonzero(faulty):
        reason = next(name for name, mask in faults.items() if mask[place])
        line = lines[place].removesuffix(b"\r")
        rejected.append((reason, as_text(originals.get(line, line))))
    return ratings.where(~faulty), rejected


def _no_id(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (numbers < 1) | (numbers > LARGEST_ID)


def _convert(block: bytes, shape: Shape) -> list[NDArray]:
    """(user, movie, stars, rated_at); ArrowInvalid if any line is not four plain numbers."""
    if not block:
        return [np.empty(0, type_.to_pandas_dtype()) for type_ in TYPES.values()]
    # Of numbers alone: pyarrow would take " 4.5", 1e0 and NaN for ratings, too.
    if block.translate(None, b"0123456789.\r\n" + shape.separator.encode()):
        raise pa.ArrowInvalid("more than numbers")
    read, parse, convert = _csv_options(shape.separator)
    table = pa_csv.read_csv(pa.BufferReader(block), read, parse, convert)
    if table.num_rows != _line_ends(block) or any(table[name].null_count for name in TYPES):
        raise pa.ArrowInvalid("not four numbers in each line")
    return [table[name].to_numpy() for name in TYPES]


def _line_ends(block: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


@cache
def _csv_options(
    separator: str,
) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
    # pyarrow separates by one sign: `1::2` is 1, nothing and 2, and nothing must be null.
    gap = len(separator) - 1
    types = dict(TYPES)
    names = [name for field in TYPES for name in (field, *[f"gap {field}"] * gap)]
    names = names[: len(names) - gap]
    types |= {name: pa.null() for name in names if name not in types}
    return (
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=2**31 - 1),
        pa_csv.ParseOptions(delimiter=separator[0], quote_char=False, ignore_empty_lines=False),
        pa_csv.ConvertOptions(column_types=types, null_values=[""], check_utf8=False),
    )


def _mend(block: bytes, shape: Shape) -> tuple[bytes, dict[bytes, bytes], list[Fault]]:
    """The block in plain form, how the lines stood that were rewritten, and those rejected."""
    originals: dict[bytes, bytes] = {}
    rejected: list[Fault] = []

    def mend(match: re.Match[bytes]) -> bytes:
        line = match[0].removesuffix(b"\n").removesuffix(b"\r")
        if not line:
            return b""
        reason, plain = _read_line(line, shape)
        if reason:
            rejected.append((reason, as_text(line)))
            return b""
        originals[plain] = line
        return plain + b"\n"

    return _odd_line(shape.separator).sub(mend, block), originals, rejected


@cache
def _odd_line(separator: str) -> re.Pattern[bytes]:
    plain = re.escape(separator).join(NUMBERS.values())
    return re.compile(rf"^(?!{plain}\r?\n)[^\n]*\n".encode(), re.MULTILINE)


def _read_line(line: bytes, shape: Shape) -> tuple[str, bytes]:
    """("", the line in plain form), or (the reason why it cannot be read, nothing)."""
    text = readable(line, shape)
    if text is None:
        return "bad_text", b""
    fields = shape.fields(text)
    if fields is None or len(fields) != len(NUMBERS):
        return "malformed", b""
    user, movie, stars, rated_at = fields
    if not is_decimal_number(stars.removeprefix("-")):
        return "malformed", b""
    if not is_whole_number(user) or not is_whole_number(movie):
        return "bad_id", b""
    if not is_whole_number(rated_at):
        return "bad_timestamp", b""
    if stars.startswith("-"):
        return "rating_out_of_range", b""
    return "", shape.separator.join(fields).encode()
