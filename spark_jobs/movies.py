"""Which movies count: the lines of the movie files in, the catalogue out.

There are some ten thousand movies to a hundred million ratings: the driver reads them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spark_jobs import read, titles
from spark_jobs.contract import GENRE_LENGTH, TITLE_LENGTH
from spark_jobs.files import InputFile
from spark_jobs.shapes import MOVIE_COLUMNS, Shape
from spark_jobs.validate import LARGEST_ID, Row, as_text, readable

NO_GENRES = "(no genres listed)"
SCHEMA = pa.schema(
    [
        ("movie_id", pa.int32()),
        ("title", pa.string()),
        ("year", pa.int32()),
        ("genres", pa.list_(pa.string())),
    ]
)


class Movie(NamedTuple):
    """An accepted row, and what it looked like."""

    movie_id: int
    title: str
    year: int | None
    genres: list[str]
    file: str
    raw: str


def read_movies(files: Iterable[InputFile]) -> tuple[pa.Table, list[Row]]:
    """The accepted movies as SCHEMA in the order of their ids, and every other row.

    Of several rows with one id the first in the order of title, then year, then text, counts:
    a rule that does not depend on the order of files.
    """
    movies: list[Movie] = []
    rejected: list[Row] = []
    for file, line in _lines(files):
        movie, reason = judge(line, file.shape, file.name)
        if movie:
            movies.append(movie)
        else:
            rejected.append((file.name, reason, as_text(line)))
    kept: dict[int, Movie] = {}
    for movie in sorted(movies, key=_order):
        if kept.setdefault(movie.movie_id, movie) is not movie:
            rejected.append((movie.file, "duplicate_movie", movie.raw))
    rows = [dict(zip(SCHEMA.names, movie, strict=False)) for movie in kept.values()]
    return pa.Table.from_pylist(rows, SCHEMA), rejected


def movie_ids(movies: pa.Table) -> NDArray[np.int32]:
    """The ids of the catalogue, ascending."""
    return movies["movie_id"].to_numpy()


def judge(line: bytes, shape: Shape, file: str) -> tuple[Movie | None, str]:
    """(the movie, ""), or (None, the reason against it)."""
    text = readable(line, shape)
    if text is None:
        return None, "bad_text"
    fields = shape.fields(text)
    if fields is None or len(fields) != len(MOVIE_COLUMNS):
        return None, "malformed"
    movie_id, title, genres = fields[0], fields[1].strip(), _genres(fields[2])
    if not re.fullmatch(r"0*[0-9]{1,10}", movie_id) or not 0 < int(movie_id) <= LARGEST_ID:
        return None, "bad_id"
    if not title:
        return None, "missing_title"
    if len(title) > TITLE_LENGTH:
        return None, "title_too_long"
    if any(len(genre) > GENRE_LENGTH for genre in genres):
        return None, "genre_too_long"
    return Movie(int(movie_id), *titles.part(title), genres, file, text), ""


def _lines(files: Iterable[InputFile]) -> Iterator[tuple[InputFile, bytes]]:
    for split in read.plan("movies", files):
        for block in read.blocks(split):
            for line in block.split(b"\n"):
                if plain := line.removesuffix(b"\r"):
                    yield split.file, plain


def _genres(text: str) -> list[str]:
    names = (name.strip() for name in text.split("|"))
    return list(dict.fromkeys(name for name in names if name and name != NO_GENRES))


def _order(movie: Movie) -> tuple[int, str, int, str]:
    return movie.movie_id, movie.title, movie.year or 0, movie.raw
