"""Parse a block of lines into columns of the accepted ratings.

Nearly all blocks are converted in one go (`columns.py`). Only a block with something unusual in
it is taken apart line by line: readable lines are put into plain form, the others are rejected,
and the rest is converted like any other block.
"""

import re
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STARS
from spark_jobs.input.formats import ids, times
from spark_jobs.input.formats.file_format import FileFormat
from spark_jobs.input.formats.ids import LARGEST_ID
from spark_jobs.input.formats.records import records
from spark_jobs.input.formats.scale import Scale
from spark_jobs.input.movies.catalogue import MovieIndex
from spark_jobs.input.ratings.columns import (
    DECIMAL_NUMBER,
    KIND,
    WHOLE_NUMBER,
    Values,
    column_names,
    convert_columns,
    convert_numbers,
    convert_text,
    is_decimal_number,
)
from spark_jobs.input.rejection import YEAR_2100, Reason, as_text, readable

NUMBERS = {
    "user": WHOLE_NUMBER,
    "movie": WHOLE_NUMBER,
    "rating": DECIMAL_NUMBER,
    "time": WHOLE_NUMBER,
}
MOST = max(HALF_STARS)
NOT_RATED = (0, -1)
"""What `--zero missing` treats as not rated: 0, and MyAnimeList's -1."""


class Ratings(NamedTuple):
    """Columns of one length. `movie_index` is a position in a `MovieIndex`, `rated_at` seconds."""

    user: NDArray[np.int64]
    movie_index: NDArray[np.int32]
    half_stars: NDArray[np.int8]
    rated_at: NDArray[np.int64]

    def where(self, rows: NDArray[Any]) -> "Ratings":
        """The ratings selected by a mask or by positions."""
        return Ratings(*(column[rows] for column in self))


Rejection = tuple[Reason, str]
"""(reason, raw text) of a rejected line."""


class ParsedBlock(NamedTuple):
    """The accepted ratings of a block, its rejected lines, and its number of unrated rows."""

    ratings: Ratings
    rejected: list[Rejection]
    not_rated: int = 0


class _ReadBlock(NamedTuple):
    """A block as columns. `originals` are the lines that were rewritten, as they were."""

    text: bytes
    values: Values
    originals: dict[bytes, bytes]
    rejected: list[Rejection]


def parse(block: bytes, file_format: FileFormat, index: MovieIndex) -> ParsedBlock:
    """Parse a block into the accepted ratings and the reason against every other line."""
    read = _read(block, file_format)
    stars = read.values.rating
    half_stars = to_half_stars(stars, file_format.scale)
    positions = index.positions(read.values.movie)
    unreadable = _unreadable(read.values, file_format)
    reasons: dict[Reason, NDArray[np.bool_]] = unreadable | {
        "rating_out_of_range": _is_outside(stars, file_format.scale),
        "not_half_star": half_stars != np.floor(half_stars),
        "unknown_movie": positions < 0,
    }
    with np.errstate(invalid="ignore"):  # values that are not numbers are rejected below
        whole = half_stars.astype(np.int8)
    ratings = Ratings(read.values.user, positions, whole, read.values.time)
    bad = np.logical_or.reduce(list(reasons.values()))
    if not bad.any():
        return ParsedBlock(ratings, read.rejected)
    not_rated = np.zeros(len(bad), bool)
    if file_format.zero_is_missing:
        not_rated = np.isin(stars, NOT_RATED) & ~np.logical_or.reduce(list(unreadable.values()))
    rejected = read.rejected + _rejections(read, file_format, reasons, bad & ~not_rated)
    return ParsedBlock(ratings.where(~bad), rejected, int(not_rated.sum()))


def _read(block: bytes, file_format: FileFormat) -> _ReadBlock:
    try:
        convert = convert_numbers if file_format.is_numeric else convert_text
        return _ReadBlock(block, convert(block, file_format), {}, [])
    except pa.ArrowInvalid:
        if not file_format.is_numeric or (file_format.may_span_lines and b'"' in block):
            return _read_by_record(block, file_format)
    mended, originals, rejected = _mend(block, file_format)
    return _ReadBlock(mended, convert_numbers(mended, file_format), originals, rejected)


def to_half_stars(ratings: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """The half-stars of each rating; arbitrary outside the scale."""
    factor = MOST / scale.high  # a whole number is exact, and saves a division
    share = ratings * factor if factor.is_integer() else ratings * MOST / scale.high
    return np.maximum(np.floor(share + 0.5), 1) if scale.rounded else share


def _is_outside(ratings: NDArray[np.float64], scale: Scale) -> NDArray[np.bool_]:
    return (ratings < scale.low) | (ratings > scale.high)


def _unreadable(values: Values, file_format: FileFormat) -> dict[Reason, NDArray[np.bool_]]:
    """Reason -> the rows with a value that is unreadable for it."""
    bad_user = _no_id(values.user, file_format.text_users)
    return {
        "malformed": np.isnan(values.rating),
        "bad_id": bad_user | _no_id(values.movie, file_format.text_movies),
        "bad_timestamp": (values.time < 0) | (values.time >= YEAR_2100),
    }


def _rejections(
    read: _ReadBlock,
    file_format: FileFormat,
    reasons: dict[Reason, NDArray[np.bool_]],
    rejected: NDArray[np.bool_],
) -> list[Rejection]:
    """The first reason against each rejected row, with its original text."""
    places = np.flatnonzero(rejected)
    lines = records(read.text, file_format) if len(places) else []
    found: list[Rejection] = []
    for place in places:
        reason = next(name for name, mask in reasons.items() if mask[place])
        line = lines[place].removesuffix(b"\r")
        found.append((reason, as_text(read.originals.get(line, line))))
    return found


def _no_id(numbers: NDArray[np.int64], are_codes: bool) -> NDArray[np.bool_]:
    return numbers < 1 if are_codes else (numbers < 1) | (numbers > LARGEST_ID)


def _mend(
    block: bytes, file_format: FileFormat
) -> tuple[bytes, dict[bytes, bytes], list[Rejection]]:
    """The block in plain form, the originals of rewritten lines, and the rejected lines."""
    originals: dict[bytes, bytes] = {}
    rejected: list[Rejection] = []

    def mend(match: re.Match[bytes]) -> bytes:
        line = match[0].removesuffix(b"\n").removesuffix(b"\r")
        if not line:
            return b""
        reason, fields = _fields(line, file_format)
        reason = reason or _reason_against(fields, file_format)
        if reason:
            rejected.append((reason, as_text(line)))
            return b""
        plain = _plain(fields, file_format)
        originals[plain] = line
        return plain + b"\n"

    return _odd_line(file_format).sub(mend, block), originals, rejected


@cache
def _odd_line(file_format: FileFormat) -> re.Pattern[bytes]:
    separator = re.escape(file_format.separator)
    names = column_names(file_format)
    plain = separator.join(NUMBERS.get(name, "[0-9.]*") for name in names)
    return re.compile(rf"^(?!{plain}\r?\n)[^\n]*\n".encode(), re.MULTILINE)


def _fields(line: bytes, file_format: FileFormat) -> tuple[Reason | None, list[str]]:
    """(None, the fields of a line), or (the reason why it cannot be split, nothing)."""
    text = readable(line, file_format)
    if text is None:
        return "bad_text", []
    fields = file_format.fields(text)
    if fields is None or len(fields) != file_format.width(KIND):
        return "malformed", []
    # MovieLens has no blanks around its values; others do.
    return None, [field.strip(" ") for field in fields] if file_format.places else fields


def _reason_against(fields: list[str], file_format: FileFormat) -> Reason | None:
    """The reason why fields cannot be converted to plain numbers."""
    places = file_format.places_of(KIND)
    stars = fields[places["rating"]]
    if not is_decimal_number(stars.removeprefix("-")):
        return "malformed"
    if any(ids.number_of(fields[places[role]]) is None for role in ("user", "movie")):
        return "bad_id"
    if "time" in places and times.seconds_of(fields[places["time"]], file_format.times) < 0:
        return "bad_timestamp"
    if stars.startswith("-"):
        is_missing = file_format.zero_is_missing and float(stars) in NOT_RATED
        return None if is_missing else "rating_out_of_range"
    return None


def _plain(fields: list[str], file_format: FileFormat) -> bytes:
    """Readable fields as a line of plain numbers."""
    places = file_format.places_of(KIND)
    plain = [""] * len(fields)
    for role, place in places.items():
        plain[place] = fields[place] if role == "rating" else fields[place].partition(".")[0]
    if fields[places["rating"]].startswith("-"):
        plain[places["rating"]] = "0"  # not rated, like 0
    return file_format.separator.join(plain).encode()


def _read_by_record(block: bytes, file_format: FileFormat) -> _ReadBlock:
    """Read any block, at the cost of parsing each record."""
    rejected: list[Rejection] = []
    kept: list[bytes] = []
    rows: list[list[str]] = []
    for record in records(block, file_format):
        line = record.removesuffix(b"\r")
        if not line:
            continue
        reason, fields = _fields(line, file_format)
        if reason:
            rejected.append((reason, as_text(line)))
        else:
            kept.append(record)
            rows.append(fields)
    columns = {
        role: pa.array([fields[place] for fields in rows], pa.string())
        for role, place in file_format.places_of(KIND).items()
    }
    text = b"".join(record + b"\n" for record in kept)
    return _ReadBlock(text, convert_columns(columns, file_format), {}, rejected)
