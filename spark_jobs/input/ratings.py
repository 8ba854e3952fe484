"""Which ratings count: a block of lines in, columns of the accepted ratings out.

Nearly all blocks are converted at one go by pyarrow: those of plain numbers as such, others
(text ids, dates, quotes, columns that are not needed) as text of which each distinct value
is looked at once. Only a block that holds something unusual is taken apart line by line: a
line that can be read is put into plain form, the others are rejected, and what is left is
converted like any other block.
"""

import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from spark_jobs.input.formats import ids, times
from spark_jobs.input.formats.file_format import Shape
from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.records import records
from spark_jobs.input.rejection import YEAR_2100, as_text, readable

KIND = "ratings"
WHOLE_NUMBER = "0*[0-9]{1,18}"
DECIMAL_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
is_decimal_number = re.compile(DECIMAL_NUMBER).fullmatch
NUMBERS = {
    "user": WHOLE_NUMBER,
    "movie": WHOLE_NUMBER,
    "rating": DECIMAL_NUMBER,
    "time": WHOLE_NUMBER,
}
TYPES = {"user": pa.int64(), "movie": pa.int64(), "rating": pa.float64(), "time": pa.int64()}
NOT_RATED = (0, -1)
"""What `--zero missing` takes for no rating: 0, and MyAnimeList's -1."""
LARGEST_TABLE = 2**24
CONTROLS = bytes(set(range(32)) - set(b"\n\r")) + b"\x7f"


class Ratings(NamedTuple):
    """Columns of one length. `movie` is a position among the known movies, `rated_at` seconds."""

    user: NDArray
    movie: NDArray
    half_stars: NDArray
    rated_at: NDArray

    def where(self, mask: NDArray[np.bool_]) -> "Ratings":
        return Ratings(*(column[mask] for column in self))


class Known:
    """The accepted movies: finds the position of a movie id, or of the code of a text id."""

    def __init__(
        self, movie_ids: NDArray[np.int32], codes: NDArray[np.int64] | None = None
    ) -> None:
        """`movie_ids` is ascending; `codes`, where ids are text, has one for each of them."""
        self.movie_ids = movie_ids
        # A movie's number is the beginning of its code, so that codes ascend as well.
        self.codes: NDArray = movie_ids if codes is None else codes

    def __len__(self) -> int:
        return len(self.movie_ids)

    def positions(self, movie_ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """The position of each id, -1 where it is unknown."""
        if self._table is not None:
            return self._table.take(movie_ids, mode="clip")
        found = np.searchsorted(self.codes, movie_ids).clip(max=len(self) - 1)
        return np.where(self.codes[found] == movie_ids, found, -1).astype(np.int32)

    @cached_property
    def _table(self) -> NDArray[np.int32] | None:
        # MovieLens ids are small: a table of them all is an order faster than searching.
        largest = int(self.codes.max(initial=0))
        if largest > LARGEST_TABLE:
            return None
        table = np.full(largest + 2, -1, np.int32)
        table[self.codes] = np.arange(len(self))
        return table


class Values(NamedTuple):
    """Columns of one length as they were read; what is no such value is -1 or NaN."""

    user: NDArray
    movie: NDArray
    rating: NDArray
    time: NDArray


Fault = tuple[str, str]
"""(reason, raw text) of a line that does not count."""


class Judged(NamedTuple):
    """The ratings of a block that count, what is wrong with other lines, how many rate nothing."""

    ratings: Ratings
    rejected: list[Fault]
    not_rated: int = 0


def judge(block: bytes, shape: Shape, known: Known) -> Judged:
    """The ratings that count, and what is wrong with every other line of the block."""
    block, values, originals, rejected = _read(block, shape)
    stars = values.rating
    half_stars = shape.scale.half_stars(stars)
    position = known.positions(values.movie)
    unreadable = {
        "malformed": np.isnan(stars),
        "bad_id": _no_id(values.user, shape.text_users) | _no_id(values.movie, shape.text_movies),
        "bad_timestamp": (values.time < 0) | (values.time >= YEAR_2100),
    }
    faults = unreadable | {
        "rating_out_of_range": shape.scale.is_outside(stars),
        "not_half_star": half_stars != np.floor(half_stars),
        "unknown_movie": position < 0,
    }
    ratings = Ratings(
        values.user, position, np.nan_to_num(half_stars).clip(0, 11).astype(np.int8), values.time
    )
    faulty = np.logical_or.reduce(list(faults.values()))
    if not faulty.any():
        return Judged(ratings, rejected)
    not_rated = np.zeros(len(faulty), bool)
    if shape.zero_is_missing:
        not_rated = np.isin(stars, NOT_RATED) & ~np.logical_or.reduce(list(unreadable.values()))
    places = np.flatnonzero(faulty & ~not_rated)
    lines = records(block, shape) if len(places) else []
    for place in places:
        reason = next(name for name, mask in faults.items() if mask[place])
        line = lines[place].removesuffix(b"\r")
        rejected.append((reason, as_text(originals.get(line, line))))
    return Judged(ratings.where(~faulty), rejected, int(not_rated.sum()))


def _read(block: bytes, shape: Shape) -> tuple[bytes, Values, dict[bytes, bytes], list[Fault]]:
    """(the block, its values, how lines stood that were rewritten, the unreadable lines)."""
    try:
        convert = _convert_numbers if shape.is_numeric else _convert_text
        return block, convert(block, shape), {}, []
    except pa.ArrowInvalid:
        if not shape.is_numeric or (shape.may_span_lines and b'"' in block):
            return _read_by_record(block, shape)
    mended, originals, rejected = _mend(block, shape)
    return mended, _convert_numbers(mended, shape), originals, rejected


def _no_id(numbers: NDArray[np.int64], are_codes: bool) -> NDArray[np.bool_]:
    return numbers < 1 if are_codes else (numbers < 1) | (numbers > LARGEST_ID)


def _convert_numbers(block: bytes, shape: Shape) -> Values:
    """ArrowInvalid if any line is not plain numbers."""
    if not block:
        return Values(*(np.empty(0, type_.to_pandas_dtype()) for type_ in TYPES.values()))
    # Of numbers alone: pyarrow would take " 4.5", 1e0 and NaN for ratings, too.
    if block.translate(None, b"0123456789.\r\n" + shape.separator.encode()):
        raise pa.ArrowInvalid("more than numbers")
    places = shape.places_of(KIND)
    table = pa_csv.read_csv(pa.BufferReader(block), *_number_options(shape))
    if table.num_rows != _line_ends(block) or any(table[role].null_count for role in places):
        raise pa.ArrowInvalid("not a number in each column of each line")
    user, movie, rating = (table[role].to_numpy() for role in ("user", "movie", "rating"))
    if "time" not in places:
        return Values(user, movie, rating, np.zeros(len(user), np.int64))
    return Values(user, movie, rating, table["time"].to_numpy() // times.UNITS[shape.times])


def _line_ends(block: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


def _column_names(shape: Shape) -> list[str]:
    """A role, or a name of its own for a column that is not needed."""
    roles = {place: role for role, place in shape.places_of(KIND).items()}
    return [roles.get(place, f"column {place}") for place in range(shape.width(KIND))]


@cache
def _number_options(
    shape: Shape,
) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
    # pyarrow separates by one sign: `1::2` is 1, nothing and 2, and nothing must be null.
    gap = len(shape.separator) - 1
    types = {role: TYPES[role] for role in shape.places_of(KIND)}
    names = [name for field in _column_names(shape) for name in (field, *[f"gap {field}"] * gap)]
    names = names[: len(names) - gap]
    types |= {name: pa.null() for name in names if name.startswith("gap ")}
    return (
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=2**31 - 1),
        pa_csv.ParseOptions(
            delimiter=shape.separator[0], quote_char=False, ignore_empty_lines=False
        ),
        pa_csv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=[""], check_utf8=False
        ),
    )


def _convert_text(block: bytes, shape: Shape) -> Values:
    """ArrowInvalid for a line with another number of fields, for bytes that are no text in UTF-8
    and for control characters; all values else are looked at one by one."""
    if not block:
        return _convert_numbers(block, shape)
    is_odd = shape.is_quoted and block.count(b'"') % 2
    if is_odd or len(shape.separator) > 1 or _has_controls(block, shape) or not _is_utf_8(block):
        raise pa.ArrowInvalid("more than plain text")
    table = pa_csv.read_csv(pa.BufferReader(block), *_text_options(shape))
    if table.num_rows != _line_ends(block) and table.num_rows != len(records(block, shape)):
        raise pa.ArrowInvalid("lines that are no records")
    columns = {role: table[role].combine_chunks() for role in table.column_names}
    if shape.places and b" " in block:
        columns = {role: pc.utf8_trim(column, " ") for role, column in columns.items()}
    return _values(columns, shape)


def _has_controls(block: bytes, shape: Shape) -> bool:
    controls = CONTROLS.replace(b"\t", b"") if shape.separator == "\t" else CONTROLS
    return len(block.translate(None, controls)) < len(block)


def _is_utf_8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def _text_options(
    shape: Shape,
) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
    names = _column_names(shape)
    roles = list(shape.places_of(KIND))
    return (
        pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=2**31 - 1),
        pa_csv.ParseOptions(
            delimiter=shape.separator,
            quote_char='"' if shape.is_quoted else False,
            escape_char=shape.escape or False,
            newlines_in_values=shape.may_span_lines,
            ignore_empty_lines=False,
        ),
        pa_csv.ConvertOptions(
            column_types=dict.fromkeys(roles, pa.string()),
            include_columns=roles,
            strings_can_be_null=False,
        ),
    )


def _values(columns: dict[str, pa.Array], shape: Shape) -> Values:
    """Each distinct text of a column is converted once."""
    rows = len(columns["user"])
    at = np.zeros(rows, np.int64)
    if "time" in columns:
        at = _each(columns["time"], lambda texts: times.seconds(texts, shape.times))
    return Values(
        _each(columns["user"], lambda texts: _ids(texts, shape.text_users)),
        _each(columns["movie"], lambda texts: _ids(texts, shape.text_movies)),
        _each(columns["rating"], _ratings),
        at,
    )


def _each(column: pa.Array, convert: Callable[[pa.Array], NDArray]) -> NDArray:
    coded = pc.dictionary_encode(column)
    return convert(coded.dictionary)[coded.indices.to_numpy()]


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


def _mend(block: bytes, shape: Shape) -> tuple[bytes, dict[bytes, bytes], list[Fault]]:
    """The block in plain form, how the lines stood that were rewritten, and those rejected."""
    originals: dict[bytes, bytes] = {}
    rejected: list[Fault] = []

    def mend(match: re.Match[bytes]) -> bytes:
        line = match[0].removesuffix(b"\n").removesuffix(b"\r")
        if not line:
            return b""
        reason, fields = _fields(line, shape)
        reason = reason or _fault(fields, shape)
        if reason:
            rejected.append((reason, as_text(line)))
            return b""
        plain = _plain(fields, shape)
        originals[plain] = line
        return plain + b"\n"

    return _odd_line(shape).sub(mend, block), originals, rejected


@cache
def _odd_line(shape: Shape) -> re.Pattern[bytes]:
    separator = re.escape(shape.separator)
    names = _column_names(shape)
    plain = separator.join(NUMBERS.get(name, "[0-9.]*") for name in names)
    return re.compile(rf"^(?!{plain}\r?\n)[^\n]*\n".encode(), re.MULTILINE)


def _fields(line: bytes, shape: Shape) -> tuple[str, list[str]]:
    """("", the fields of a line), or (the reason why it cannot be taken apart, nothing)."""
    text = readable(line, shape)
    if text is None:
        return "bad_text", []
    fields = shape.fields(text)
    if fields is None or len(fields) != shape.width(KIND):
        return "malformed", []
    # MovieLens writes no blanks around its values; others do.
    return "", [field.strip(" ") for field in fields] if shape.places else fields


def _fault(fields: list[str], shape: Shape) -> str:
    """The reason why fields cannot be put into plain numbers, or nothing."""
    places = shape.places_of(KIND)
    stars = fields[places["rating"]]
    if not is_decimal_number(stars.removeprefix("-")):
        return "malformed"
    if any(ids.number_of(fields[places[role]]) is None for role in ("user", "movie")):
        return "bad_id"
    if "time" in places and times.seconds_of(fields[places["time"]], shape.times) < 0:
        return "bad_timestamp"
    if stars.startswith("-"):
        is_missing = shape.zero_is_missing and float(stars) in NOT_RATED
        return "" if is_missing else "rating_out_of_range"
    return ""


def _plain(fields: list[str], shape: Shape) -> bytes:
    """Fields without a fault as a line of plain numbers."""
    places = shape.places_of(KIND)
    plain = [""] * len(fields)
    for role, place in places.items():
        plain[place] = fields[place] if role == "rating" else fields[place].partition(".")[0]
    if fields[places["rating"]].startswith("-"):
        plain[places["rating"]] = "0"  # no rating, as 0 is
    return shape.separator.join(plain).encode()


def _read_by_record(
    block: bytes, shape: Shape
) -> tuple[bytes, Values, dict[bytes, bytes], list[Fault]]:
    """The same for any block, at the price of a look at each record."""
    rejected: list[Fault] = []
    kept: list[bytes] = []
    rows: list[list[str]] = []
    for record in records(block, shape):
        line = record.removesuffix(b"\r")
        if not line:
            continue
        reason, fields = _fields(line, shape)
        if reason:
            rejected.append((reason, as_text(line)))
        else:
            kept.append(record)
            rows.append(fields)
    columns = {
        role: pa.array([fields[place] for fields in rows], pa.string())
        for role, place in shape.places_of(KIND).items()
    }
    text = b"".join(record + b"\n" for record in kept)
    return text, _values(columns, shape), {}, rejected
