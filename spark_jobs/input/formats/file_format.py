"""How the rows of a file are written and what its values mean: told by its first bytes.

csv       a header, and one separator (`,` `;` `|` or a tab): ml-latest, ml-20m and later, and
          what other people have; the columns are found by their names
plain     the same without a header: the operator counted the columns
dat       ml-1m, ml-10m: `::` between the fields, no quotes, Latin-1 or UTF-8
tabs      ml-100k, u.data
bars      ml-100k, u.item: 24 fields, the last 19 say which genres, Latin-1
parquet   the columns of csv
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from spark_jobs.input.formats import ids, times
from spark_jobs.input.formats.columns import (
    MOVIELENS,
    ROLES,
    MissingColumns,
    by_position,
    find_columns,
)
from spark_jobs.input.formats.scale import STARS, Scale

SEPARATORS = (",", ";", "\t", "|")
BARS_GENRES = (
    "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy "
    "Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western"
).split()
LIST_SEPARATOR = "\ue000"
"""Behind each element of a Parquet list: a sign that nobody writes, so that all others survive."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LATIN_1 = ("utf-8", "latin-1")
WINDOWS = ("utf-8", "cp1252", "latin-1")
SAMPLE_ROWS = 2_000
END_IN_QUOTES = "unexpected end of data"
MOVIELENS_PLACES = {
    kind: {role: i for i, role in enumerate(ROLES[kind][: len(MOVIELENS[kind])])} for kind in ROLES
}
FEW, MOST = 0.01, 0.9
"""As long as less than FEW of the ids are text, they are numbers and the text is dirt."""


@dataclass(frozen=True)
class Shape:
    """One way to write rows; `encodings` are tried in turn on each line.

    `columns` are those of the header (or only how many there are), `places` say which of them
    hold what; without these a row is MovieLens' own. `may_span_lines`: a quoted field may hold
    a line break. `is_numeric`: most rows are plain numbers and nothing else.
    """

    name: str
    separator: str = ","
    has_header: bool = False
    encodings: tuple[str, ...] = ("utf-8",)
    columns: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    escape: str = ""
    may_span_lines: bool = False
    is_numeric: bool = True
    times: str = "seconds"
    text_users: bool = False
    text_movies: bool = False
    scale: Scale = STARS
    zero_is_missing: bool = False

    @cached_property
    def is_movielens(self) -> bool:
        """Whether the columns bear MovieLens' own names, which promise numeric ids."""
        names = {self.columns[place] for role, place in self.places if role in ("user", "movie")}
        return not self.places or names <= {"userId", "movieId"}

    def places_of(self, kind: str) -> dict[str, int]:
        """What a column holds -> its position in a row."""
        return self._places or MOVIELENS_PLACES[kind]

    @cached_property
    def _places(self) -> dict[str, int]:
        return dict(self.places)

    def width(self, kind: str) -> int:
        """Fields in a row."""
        return len(self.columns) or len(MOVIELENS[kind])

    def fields(self, line: str) -> list[str] | None:
        """The fields of a row without its end; None where its quotes do not match."""
        if self.name == "bars":
            return _movie_of_bars(line.split("|"))
        if self.is_quoted and ('"' in line or (self.escape and self.escape in line)):
            return self._unquoted(line)
        return line.split(self.separator)

    def description(self, kind: str) -> str:
        """Which columns are read and how, for the operator to check."""
        names = self.columns or MOVIELENS[kind]
        columns = ", ".join(f"{role} = {names[i]}" for role, i in self.places_of(kind).items())
        if kind == "movies":
            return columns + ("; text ids" if self.text_movies else "")
        kinds = {"users": self.text_users, "movies": self.text_movies}
        text = " and ".join(name for name, is_text in kinds.items() if is_text)
        ids = f"text ids of {text}" if text else "numeric ids"
        return f"{columns}; times: {self.times}; {ids}; scale {self.scale}"

    @cached_property
    def is_quoted(self) -> bool:
        """Whether fields may stand in quotes."""
        return self.name in ("csv", "parquet", "plain")

    def is_cut_within_quotes(self, text: str) -> bool:
        """Whether a quoted field of the text is still open at its end."""
        try:
            list(self._reader(text, strict=True))
        except csv.Error as error:
            return END_IN_QUOTES in str(error)
        return False

    def is_one_record(self, text: str) -> bool:
        """Whether the quotes of some lines together match by the letter."""
        try:
            return len(list(self._reader(text, strict=True))) == 1
        except csv.Error:
            return False

    def _unquoted(self, line: str) -> list[str] | None:
        # In other people's files `"a"b` is ab, as pyarrow has it, too.
        for strict in (True, False) if self.places else (True,):
            try:
                (fields,) = self._reader(line, strict)
            except (csv.Error, ValueError) as error:
                if END_IN_QUOTES in str(error):
                    return None
            else:
                return fields
        return None

    def _reader(self, text: str, strict: bool) -> Iterator[list[str]]:
        escape = self.escape or None
        return csv.reader([text], delimiter=self.separator, escapechar=escape, strict=strict)


@dataclass(frozen=True)
class Told:
    """What the operator said about the files: names or numbers of columns, and the rest.

    `ids` is `text` or `numbers`, or nothing where the files shall tell.
    """

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ids: str | None = None
    scale: Scale = STARS
    zero_is_missing: bool = False

    def of(self, kind: str) -> Mapping[str, str]:
        return self.columns.get(kind, {})


class Head(NamedTuple):
    """The beginning of a file: its text, and whether it goes on behind that."""

    text: bytes
    is_cut: bool = False


CSV = Shape("csv", has_header=True)
DAT = Shape("dat", "::", encodings=LATIN_1)
TABS = Shape("tabs", "\t")
BARS = Shape("bars", "|", encodings=LATIN_1)
PARQUET = Shape("parquet")
FIRST_LINES = {
    "movies": {DAT: rb"\d+::", BARS: rb"\d+\|(?:[^|]*\|){22}[01]$"},
    "ratings": {DAT: rb"\d+::\d+::", TABS: rb"\d+\t\d+\t"},
}


def recognise(kind: str, head: Head, told: Told) -> Shape | None:
    """The shape of a text of `movies` or `ratings` that begins so; None for no known one.

    Raises MissingColumns for a header without a column that is needed, and KeyError for a
    column that the operator named but that is not there.
    """
    shape = _by_rows(kind, head.text, told) or _by_header(kind, head.text, told)
    return shape and by_sample(kind, shape, head, told)


def of_columns(kind: str, names: list[str], told: Told) -> Shape:
    """The shape of a Parquet file with these columns: of its rows those that are needed are read.

    Raises as `recognise` does.
    """
    found = find_columns(kind, names, told.of(kind))
    places = tuple((role, i) for i, role in enumerate(found))
    columns = tuple(names[place] for place in found.values())
    return replace(PARQUET, columns=columns, places=places)


def first_line(head: bytes) -> bytes:
    return head.removeprefix(BYTE_ORDER_MARK).split(b"\n", 1)[0].strip(b"\r\n")


def header_of(head: bytes) -> list[str]:
    """The names in the first line, by the separator that makes the most of it."""
    line = first_line(head).decode("utf-8", errors="replace")
    split = [Shape("csv", separator).fields(line) or [] for separator in SEPARATORS]
    return max(split, key=len)


def _by_rows(kind: str, head: bytes, told: Told) -> Shape | None:
    """Shapes without a header."""
    places = by_position(kind, told.of(kind))
    if places is None:
        first = first_line(head).strip()
        shapes = FIRST_LINES[kind].items()
        return next((shape for shape, pattern in shapes if re.match(pattern, first)), None)
    line = first_line(head).decode("utf-8", errors="replace")
    separator = "::" if "::" in line else max(SEPARATORS, key=line.count)
    shape = Shape("dat" if separator == "::" else "plain", separator, encodings=WINDOWS)
    columns = tuple(str(i + 1) for i in range(len(shape.fields(line) or [])))
    if absent := [place for place in places.values() if place >= len(columns)]:
        raise KeyError(str(absent[0] + 1))
    return replace(shape, columns=columns, places=tuple(places.items()))


def _by_header(kind: str, head: bytes, told: Told) -> Shape | None:
    line = first_line(head).decode("utf-8", errors="replace")
    failed: MissingColumns | KeyError | None = None
    for separator in sorted(SEPARATORS, key=line.count, reverse=True):
        shape = Shape("csv", separator, has_header=True)
        names = shape.fields(line) or []
        try:
            places = find_columns(kind, names, told.of(kind))
        except (MissingColumns, KeyError) as error:
            failed = failed or error
            continue
        columns = tuple(name.strip() for name in names)
        if tuple(names) == MOVIELENS[kind] and not told.of(kind):
            return replace(CSV, separator=separator)
        return replace(shape, columns=columns, places=tuple(places.items()), encodings=WINDOWS)
    if failed and (len(header_of(head)) > 1 or told.of(kind)) and not _is_data(line):
        raise failed
    return None


def _is_data(line: str) -> bool:
    """A first row of numbers is no header."""
    return any(re.fullmatch(r'"?[0-9.]+"?', part) for part in re.split(r"[,;\t|]", line))


def by_sample(kind: str, shape: Shape, head: Head, told: Told) -> Shape:
    """What only the first rows tell: times, kinds of ids, escapes, encoding, line breaks."""
    body = head.text if not shape.has_header else head.text.partition(b"\n")[2]
    if head.is_cut:
        body = body[: body.rfind(b"\n") + 1]
    shape = replace(
        shape,
        escape="\\" if shape.name in ("csv", "plain") and b'\\"' in body else "",
        encodings=_encodings(shape, body),
        scale=told.scale,
        zero_is_missing=told.zero_is_missing,
    )
    rows = _sample(kind, shape, body)
    places = shape.places_of(kind)
    values = {role: [row[place] for row in rows] for role, place in places.items()}
    text = {role: _are_text(shape, values.get(role, []), told) for role in ("user", "movie")}
    shape = replace(
        shape,
        text_users=text["user"],
        text_movies=text["movie"],
        times=times.told_by(values.get("time", [])) if "time" in places else times.NO_TIMES,
    )
    return replace(
        shape,
        is_numeric=_is_numeric(shape, body, values),
        may_span_lines=shape.is_quoted and _may_span_lines(kind, shape, body),
    )


def _is_numeric(shape: Shape, body: bytes, values: dict[str, list[str]]) -> bool:
    if shape.text_users or shape.text_movies or shape.times == times.ISO:
        return False
    numbers = b"0123456789.\r" + shape.separator.encode()
    lines = body.split(b"\n", SAMPLE_ROWS)[:SAMPLE_ROWS]
    bare = sum(not line.translate(None, numbers) for line in lines)
    whole = (value for role in ("user", "movie", "time") for value in values.get(role, []))
    dotted = sum("." in value for value in whole)
    return bare >= MOST * len(lines) and dotted <= FEW * len(lines)


def _encodings(shape: Shape, body: bytes) -> tuple[str, ...]:
    """A text whose beginning is UTF-8, and not only ASCII, is UTF-8 to its end."""
    if len(shape.encodings) == 1 or shape.name in ("dat", "bars") or body.isascii():
        return shape.encodings
    try:
        body.decode()
    except UnicodeDecodeError:
        return shape.encodings
    return ("utf-8",)


def _sample(kind: str, shape: Shape, body: bytes) -> list[list[str]]:
    lines = body.split(b"\n", SAMPLE_ROWS)[:SAMPLE_ROWS]
    split = (shape.fields(line.rstrip(b"\r").decode("latin-1")) for line in lines)
    return [fields for fields in split if fields and len(fields) == shape.width(kind)]


def _are_text(shape: Shape, values: list[str], told: Told) -> bool:
    if told.ids:
        return told.ids == "text"
    given = [value.strip() for value in values]
    given = [value for value in given if value.lower() not in ("", "null", "nan", "na", "none")]
    text = sum(not ids.is_number(value) for value in given)
    return not shape.is_movielens and text > FEW * len(given)


def _may_span_lines(kind: str, shape: Shape, body: bytes) -> bool:
    """Whether a quoted field may hold a line break: quotes, and a column that is no number."""
    if kind == "movies" or shape.name == "parquet":
        return True
    has_text = shape.text_users or shape.text_movies or shape.width(kind) > len(shape.places)
    return b'"' in body and bool(shape.places) and has_text


def _movie_of_bars(parts: list[str]) -> list[str] | None:
    if len(parts) != 5 + len(BARS_GENRES):
        return None
    flags = zip(BARS_GENRES, parts[5:], strict=True)
    genres = (genre for genre, flag in flags if flag == "1" and genre != "unknown")
    return [parts[0], parts[1], "|".join(genres)]
