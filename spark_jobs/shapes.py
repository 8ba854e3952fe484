"""How the known data sets write their rows: told by a file's first bytes, not by its name.

csv       ml-latest, ml-20m and later: commas, quotes, a header
dat       ml-1m, ml-10m: `::` between the fields, no quotes, Latin-1 or UTF-8
tabs      ml-100k, u.data
bars      ml-100k, u.item: 24 fields, the last 19 say which genres, Latin-1
parquet   the columns of csv
"""

import csv
import re
from dataclasses import dataclass

MOVIE_COLUMNS = ("movieId", "title", "genres")
RATING_COLUMNS = ("userId", "movieId", "rating", "timestamp")
COLUMNS = {"movies": MOVIE_COLUMNS, "ratings": RATING_COLUMNS}
BARS_GENRES = (
    "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy "
    "Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western"
).split()
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Shape:
    """One way to write rows; `encodings` are tried in turn on each line."""

    name: str
    separator: str = ","
    has_header: bool = False
    encodings: tuple[str, ...] = ("utf-8",)

    def fields(self, line: str) -> list[str] | None:
        """The fields of a line without its end; None where its quotes do not match."""
        if self.name == "bars":
            return _movie_of_bars(line.split("|"))
        if self.name in ("csv", "parquet") and '"' in line:
            return _unquoted(line)
        return line.split(self.separator)


CSV = Shape("csv", has_header=True)
DAT = Shape("dat", "::", encodings=("utf-8", "latin-1"))
TABS = Shape("tabs", "\t")
BARS = Shape("bars", "|", encodings=("utf-8", "latin-1"))
PARQUET = Shape("parquet")
FIRST_LINES = {
    "movies": {DAT: rb"\d+::", BARS: rb"\d+\|(?:[^|]*\|){22}[01]$"},
    "ratings": {DAT: rb"\d+::\d+::", TABS: rb"\d+\t\d+\t"},
}


def recognise(kind: str, head: bytes) -> Shape | None:
    """The shape of a file of `movies` or `ratings` that begins with `head`, or None."""
    if head.startswith(b"PAR1"):
        return PARQUET
    first = first_line(head)
    if first == ",".join(COLUMNS[kind]).encode():
        return CSV
    for shape, pattern in FIRST_LINES[kind].items():
        if re.match(pattern, first):
            return shape
    return None


def first_line(head: bytes) -> bytes:
    return head.removeprefix(BYTE_ORDER_MARK).split(b"\n", 1)[0].strip()


def _unquoted(line: str) -> list[str] | None:
    try:
        (fields,) = csv.reader([line], strict=True)
    except (csv.Error, ValueError):
        return None
    return fields


def _movie_of_bars(parts: list[str]) -> list[str] | None:
    if len(parts) != 5 + len(BARS_GENRES):
        return None
    flags = zip(BARS_GENRES, parts[5:], strict=True)
    genres = (genre for genre, flag in flags if flag == "1" and genre != "unknown")
    return [parts[0], parts[1], "|".join(genres)]
