"""Read the movie files into the catalogue of accepted movies.

There are some ten thousand movies to a hundred million ratings, so the driver reads them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from spark_jobs.contract import GENRE_LENGTH, TITLE_LENGTH
from spark_jobs.errors import JobError
from spark_jobs.input.files.file_systems import writing
from spark_jobs.input.files.input_files import Input, InputFile
from spark_jobs.input.files.splits import plan_splits, read_blocks
from spark_jobs.input.formats import ids
from spark_jobs.input.formats.file_format import LIST_SEPARATOR, FileFormat
from spark_jobs.input.formats.records import records
from spark_jobs.input.movies import titles
from spark_jobs.input.movies.details import Details, read_details
from spark_jobs.input.rejection import Reason, Rejected, RejectedRow, RowCounts, as_text, readable

KIND = "movies"
NO_GENRES = "(no genres listed)"
is_year = re.compile(rf"({titles.YEAR})(?:\.0*|[-/].*)?").fullmatch
SCHEMA = pa.schema(
    [
        ("movie_id", pa.int32()),
        ("title", pa.string()),
        ("year", pa.int32()),
        ("genres", pa.list_(pa.string())),
    ]
)
TEXT_ID = pa.field("text_id", pa.string())
"""An extra column if ids are text: the id as it is in the files."""
LARGEST_TABLE = 2**24
"""Ids up to this one are looked up in a table, larger ones by binary search."""


class Movie(NamedTuple):
    """An accepted row, with its raw text."""

    movie_id: int
    title: str
    year: int | None
    genres: Sequence[str]
    text_id: str
    file: str
    raw: str


class MovieIndex:
    """The accepted movies: finds the position of a movie id, or of the code of a text id."""

    def __init__(
        self, movie_ids: NDArray[np.int32], codes: NDArray[np.int64] | None = None
    ) -> None:
        """`movie_ids` ascend; `codes`, if ids are text, has one for each of them."""
        self.movie_ids = movie_ids
        # A movie's number is the beginning of its code, so codes ascend as well.
        self.codes: NDArray[Any] = movie_ids if codes is None else codes

    def __len__(self) -> int:
        return len(self.movie_ids)

    def positions(self, movie_ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """The position of each id, -1 if unknown."""
        if self._table is not None:
            return self._table.take(movie_ids, mode="clip")
        found = np.searchsorted(self.codes, movie_ids).clip(max=len(self) - 1)
        return np.where(self.codes[found] == movie_ids, found, -1).astype(np.int32)

    @cached_property
    def _table(self) -> NDArray[np.int32] | None:
        # MovieLens ids are small: a table is an order of magnitude faster than a search.
        largest = int(self.codes.max(initial=0))
        if largest > LARGEST_TABLE:
            return None
        table = np.full(largest + 2, -1, np.int32)
        table[self.codes] = np.arange(len(self))
        return table


@dataclass(frozen=True)
class Catalogue:
    """The accepted movies as SCHEMA, and the counts of all rows."""

    movies: pa.Table
    index: MovieIndex
    rows: RowCounts
    rejected: Rejected
    rejected_rows: list[RejectedRow]
    details: Details = field(default_factory=Details)

    def with_details(self, source: Input) -> "Catalogue":
        """Add columns for links and tags, which the input may lack."""
        details = read_details(source, self.movies)
        return replace(self, movies=details.joined(self.movies), details=details)


def read_catalogue(files: Iterable[InputFile], id_table: str | None = None) -> Catalogue:
    """Read the movies of some files. If ids are text, write their numbers to `id_table`."""
    movies, rejected_rows = read_movies(files)
    if id_table:
        write_id_table(id_table, movies)
    rejected = Rejected.of(rejected_rows)
    return Catalogue(
        movies.select(SCHEMA.names),
        MovieIndex(movie_ids(movies), codes(movies)),
        RowCounts.of(movies.num_rows, rejected),
        rejected,
        rejected_rows,
    )


def read_movies(files: Iterable[InputFile]) -> tuple[pa.Table, list[RejectedRow]]:
    """The accepted movies as SCHEMA, ordered by id, and every other row.

    Of several rows with the same id the first by title, then year, then text is accepted: a
    rule that does not depend on the order of files. If ids are text there is an extra
    column TEXT_ID, the order is that of their codes, and ids that share a number are rejected.
    """
    movies: list[Movie] = []
    rejected: list[RejectedRow] = []
    are_text = False
    for file, line in _lines(files):
        are_text = are_text or file.format.text_movies
        parsed = parse(line, file.format, file.name)
        if isinstance(parsed, Movie):
            movies.append(parsed)
        else:
            rejected.append((file.name, parsed, as_text(line)))
    alone, others = _alone(movies)
    schema = SCHEMA.append(TEXT_ID) if are_text else SCHEMA
    columns = zip(*alone, strict=True) if alone else [()] * len(Movie._fields)
    named = dict(zip(Movie._fields, map(list, columns), strict=True))
    return pa.table({name: named[name] for name in schema.names}, schema), rejected + others


def _alone(movies: list[Movie]) -> tuple[list[Movie], list[RejectedRow]]:
    """One movie per id, none if ids share a number, ordered by id; and the other rows."""
    kept: dict[tuple[int, str], Movie] = {}
    others: list[RejectedRow] = []
    for movie in sorted(movies, key=_order):
        if kept.setdefault((movie.movie_id, movie.text_id), movie) is not movie:
            others.append((movie.file, "duplicate_movie", as_text(movie.raw.encode())))
    ids_with = Counter(movie.movie_id for movie in kept.values())
    for movie in kept.values():
        if ids_with[movie.movie_id] > 1:
            others.append((movie.file, "id_collision", as_text(movie.raw.encode())))
    return [movie for movie in kept.values() if ids_with[movie.movie_id] == 1], others


def movie_ids(movies: pa.Table) -> NDArray[np.int32]:
    """The ids of the catalogue, ascending."""
    ids_: NDArray[np.int32] = movies["movie_id"].to_numpy()
    return ids_


def codes(movies: pa.Table) -> NDArray[np.int64] | None:
    """The codes that identify the movies in ratings if ids are text, in the movies' order."""
    if TEXT_ID.name not in movies.column_names:
        return None
    return np.array([ids.code_of(text) for text in movies[TEXT_ID.name].to_pylist()], np.int64)


def write_id_table(address: str, movies: pa.Table) -> None:
    """Write the number of each text id as CSV. JobError if ids are numbers."""
    if TEXT_ID.name not in movies.column_names:
        raise JobError("--id-table: the ids of these movies are already numbers, omit it")
    with writing(address) as stream:
        pa_csv.write_csv(movies.select([TEXT_ID.name, "movie_id", "title"]), stream)


def parse(line: bytes, file_format: FileFormat, file: str) -> Movie | Reason:
    """Parse a line into a movie, or the reason to reject it."""
    text = readable(line, file_format)
    if text is None:
        return "bad_text"
    fields = file_format.fields(text)
    if fields is None or len(fields) != file_format.width(KIND):
        return "malformed"
    places = file_format.places_of(KIND)
    movie_id, title = fields[places["movie"]], fields[places["title"]].strip()
    genres = (
        _genres(fields[places["genres"]], file_format.is_movielens) if "genres" in places else ()
    )
    number = _number(movie_id, file_format)
    if not 0 < number <= ids.LARGEST_ID:
        return "bad_id"
    if not title:
        return "missing_title"
    if len(title) > TITLE_LENGTH:
        return "title_too_long"
    if any(len(genre) > GENRE_LENGTH for genre in genres):
        return "genre_too_long"
    title, year = titles.part(title)
    if "year" in places:
        year = _year(fields[places["year"]]) or year
    text_id = movie_id.strip() if file_format.text_movies else ""
    return Movie(number, title, year, genres, text_id, file, text)


def _number(movie: str, file_format: FileFormat) -> int:
    """The number of a movie; 0 if it is not an id."""
    if file_format.text_movies:
        return ids.movie_number(ids.code_of(movie))
    return ids.number_of(movie) or 0


def _year(text: str) -> int | None:
    found = is_year(text.strip())
    return int(found[1]) if found else None


def _lines(files: Iterable[InputFile]) -> Iterator[tuple[InputFile, bytes]]:
    for split in plan_splits(KIND, files):
        for block in read_blocks(split):
            for line in records(block, split.file.format):
                if plain := line.removesuffix(b"\r"):
                    yield split.file, plain


@lru_cache(maxsize=8192)  # there are far fewer combinations of genres than movies
def _genres(text: str, is_movielens: bool) -> Sequence[str]:
    """MovieLens separates with `|`; others with commas or semicolons, some as a bracketed list."""
    if LIST_SEPARATOR in text:
        names = [name.strip() for name in text.split(LIST_SEPARATOR)]
    elif is_movielens or "|" in text:
        names = [name.strip() for name in text.split("|")]
    elif "{" in text:  # TMDB's form: a list of objects
        names = re.findall(r"""['"]name['"]: *['"]([^'"]+)""", text)
    else:
        names = [name.strip(" \t[]'\"") for name in text.split(";" if ";" in text else ",")]
    return tuple(dict.fromkeys(name for name in names if name and name != NO_GENRES))


def _order(movie: Movie) -> tuple[int, str, str, int, str]:
    return movie.movie_id, movie.text_id, movie.title, movie.year or 0, movie.raw
