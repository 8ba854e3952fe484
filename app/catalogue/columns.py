"""The movies of a run as columns: arrays instead of objects.

A row number identifies a movie in everything derived from the columns. Arrays hold no
Python objects, so processes that are forked go on sharing them.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.catalogue.packing import PackedRows

HALF_STARS = 10
NONE = -1
"""Stands for a missing year, rank, number of ratings and so on."""
MovieRow = tuple[int, str, int | None, *tuple[Any, ...]]
"""(id, title, year, rating count, mean, score, year as of the run, rank, previous rank, bounds of
the score, trend, time of the last rating, ratings by month, IMDb id, TMDB id, tags as JSON, ten
half-star counts); the columns of the run are None for a movie without ratings."""


@dataclass(frozen=True, slots=True)
class Columns:
    """All movies by ascending ids, rated or not. Filled by `add`, then left alone."""

    movie_ids: "array[int]" = field(default_factory=lambda: array("i"))
    titles: list[str] = field(default_factory=list)
    catalogue_years: "array[int]" = field(default_factory=lambda: array("i"))
    genres: "array[int]" = field(default_factory=lambda: array("i"))
    """Indexes into `genre_sets`."""
    genre_sets: list[tuple[str, ...]] = field(default_factory=list)
    links: PackedRows = field(default_factory=PackedRows)
    """IMDb and TMDB id, separated by a line break."""
    tags: PackedRows = field(default_factory=PackedRows)
    """As JSON."""

    rating_count: "array[int]" = field(default_factory=lambda: array("i"))
    avg_rating: "array[float]" = field(default_factory=lambda: array("d"))
    weighted_rating: "array[float]" = field(default_factory=lambda: array("d"))
    year: "array[int]" = field(default_factory=lambda: array("i"))
    """As of the run; lists show and compare this one."""
    rank: "array[int]" = field(default_factory=lambda: array("i"))
    previous_rank: "array[int]" = field(default_factory=lambda: array("i"))
    last_rated: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds since 1970; NONE if ratings came without times."""
    half_stars: "array[int]" = field(default_factory=lambda: array("i"))
    """HALF_STARS counts per movie."""
    lower_bound: "array[float]" = field(default_factory=lambda: array("d"))
    upper_bound: "array[float]" = field(default_factory=lambda: array("d"))
    trend: "array[float]" = field(default_factory=lambda: array("d"))
    months: PackedRows = field(default_factory=PackedRows)

    _set_numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.movie_ids)

    def add(self, movies: Sequence[MovieRow], genres: Iterable[tuple[str, ...]]) -> None:
        """Add movies in ascending order of ids, and each movie's genres in alphabetical order."""
        plain: tuple[Any, ...] = (
            *(self.movie_ids, self.titles, self.catalogue_years, self.rating_count),
            *(self.avg_rating, self.weighted_rating, self.year, self.rank, self.previous_rank),
            *(self.lower_bound, self.upper_bound, self.trend),
        )
        columns: list[Any] = list(zip(*movies, strict=True))
        for column, values in zip(plain, columns, strict=False):
            column.extend(NONE if one is None else one for one in values)
        last_rated_at, *packed = columns[len(plain) : -HALF_STARS]
        self.last_rated.extend(map(_seconds, last_rated_at))
        for row, details in enumerate(zip(*packed, strict=True), start=len(self) - len(movies)):
            self._add_packed(row, *details)
        half_stars = zip(*columns[-HALF_STARS:], strict=True)
        self.half_stars.extend(count or 0 for counts in half_stars for count in counts)
        self.genres.extend(map(self._number_of, genres))

    def _add_packed(
        self, row: int, months: bytes | None, imdb_id: str, tmdb_id: str, tags: str | None
    ) -> None:
        if months:
            self.months.add(row, months)
        if imdb_id or tmdb_id:
            self.links.add(row, f"{imdb_id}\n{tmdb_id}".encode())
        if tags:
            self.tags.add(row, tags.encode())

    def _number_of(self, genres: tuple[str, ...]) -> int:
        number = self._set_numbers.setdefault(genres, len(self.genre_sets))
        if number == len(self.genre_sets):
            self.genre_sets.append(genres)
        return number

    def row_of(self, movie_id: int) -> int | None:
        row = bisect_left(self.movie_ids, movie_id)
        found = row < len(self) and self.movie_ids[row] == movie_id
        return row if found else None

    def is_rated(self, row: int) -> bool:
        return self.rating_count[row] != NONE

    def ids_elsewhere(self, row: int) -> tuple[str, str]:
        """The movie's ids at IMDb and TMDB, as the input writes them; empty if it has none."""
        imdb, _, tmdb = self.links.get(row).decode().partition("\n")
        return imdb, tmdb

    def genre_names(self, row: int) -> tuple[str, ...]:
        return self.genre_sets[self.genres[row]]

    def star_counts(self, row: int) -> list[int]:
        """Ten counts, from half a star to five stars."""
        return self.half_stars[row * HALF_STARS : (row + 1) * HALF_STARS].tolist()


Number = TypeVar("Number", int, float)


def value(number: Number) -> Number | None:
    """A column's value, or None for NONE."""
    return None if number == NONE else number


def _seconds(utc: datetime | None) -> float:
    return NONE if utc is None else utc.replace(tzinfo=UTC).timestamp()
