"""How the rows of a file are written, and what their values mean.

csv       a header and one separator (`,` `;` `|` or a tab): ml-latest, ml-20m and later, and
          other data sets; the columns are found by name
plain     the same without a header: the operator numbered the columns
dat       ml-1m, ml-10m: `::` between the fields, no quotes, Latin-1 or UTF-8
tabs      ml-100k, u.data
bars      ml-100k, u.item: 24 fields, the last 19 flag the genres, Latin-1
parquet   the columns of csv
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spark_jobs.input.formats.columns import MOVIELENS, ROLES
from spark_jobs.input.formats.scale import STARS, Scale

BARS_GENRES = (
    "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy "
    "Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western"
).split()
LIST_SEPARATOR = "\ue000"
"""After each element of a Parquet list: a character that nobody uses, so all others survive."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LATIN_1 = ("utf-8", "latin-1")
END_IN_QUOTES = "unexpected end of data"
MOVIELENS_PLACES = {
    kind: {role: i for i, role in enumerate(ROLES[kind][: len(MOVIELENS[kind])])} for kind in ROLES
}


@dataclass(frozen=True)
class FileFormat:
    """A format of rows; `encodings` are tried in turn on each line.

    `columns` are those of the header (or only their number), `places` map roles to columns;
    without them a row is in MovieLens' own form. `may_span_lines`: a quoted field may contain a
    line break. `is_numeric`: most rows are plain numbers and nothing else.
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
        """Whether the columns have MovieLens' own names, which imply numeric ids."""
        names = {self.columns[place] for role, place in self.places if role in ("user", "movie")}
        return not self.places or names <= {"userId", "movieId"}

    def places_of(self, kind: str) -> dict[str, int]:
        """Role of a column -> its position in a row."""
        return self._places or MOVIELENS_PLACES[kind]

    @cached_property
    def _places(self) -> dict[str, int]:
        return dict(self.places)

    def width(self, kind: str) -> int:
        """Fields in a row."""
        return len(self.columns) or len(MOVIELENS[kind])

    def fields(self, line: str) -> list[str] | None:
        """Split a row without its line end into fields. None if its quotes do not match."""
        if self.name == "bars":
            return _movie_of_bars(line.split("|"))
        if self.is_quoted and ('"' in line or (self.escape and self.escape in line)):
            return self._unquoted(line)
        return line.split(self.separator)

    def description(self, kind: str) -> str:
        """Describe which columns are read and how, for the operator to check."""
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
        """Whether fields may be quoted."""
        return self.name in ("csv", "parquet", "plain")

    def is_cut_within_quotes(self, text: str) -> bool:
        """Whether the text ends within a quoted field."""
        try:
            list(self._reader(text, strict=True))
        except csv.Error as error:
            return END_IN_QUOTES in str(error)
        return False

    def is_one_record(self, text: str) -> bool:
        """Whether the lines are one record with properly matched quotes."""
        try:
            return len(list(self._reader(text, strict=True))) == 1
        except csv.Error:
            return False

    def _unquoted(self, line: str) -> list[str] | None:
        # In other data sets `"a"b` is ab, as in pyarrow.
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


CSV = FileFormat("csv", has_header=True)
DAT = FileFormat("dat", "::", encodings=LATIN_1)
TABS = FileFormat("tabs", "\t")
BARS = FileFormat("bars", "|", encodings=LATIN_1)
PARQUET = FileFormat("parquet")


def _movie_of_bars(parts: list[str]) -> list[str] | None:
    if len(parts) != 5 + len(BARS_GENRES):
        return None
    flags = zip(BARS_GENRES, parts[5:], strict=True)
    genres = (genre for genre, flag in flags if flag == "1" and genre != "unknown")
    return [parts[0], parts[1], "|".join(genres)]
