"""The movies of a run as columns: arrays instead of objects, some 100 bytes a movie.

A row number stands for a movie in everything that is derived from the columns. Arrays hold no
Python objects, so processes that are forked go on sharing them.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

HALF_STARS = 10
NONE = -1
"""Stands for a year, a rank or a number of ratings that there is not."""
MovieRow = tuple[int, str, int | None, *tuple[float | datetime | None, ...]]
"""(id, title, year, rating count, mean, score, year as of the run, rank, previous rank, time of the
last rating, ten half-star counts); from the rating count on None where a movie has no ratings."""


@dataclass(frozen=True, slots=True)
class Columns:
    """All movies by ascending ids, rated or not. Filled by `add`, then left alone."""

    movie_ids: "array[int]" = field(default_factory=lambda: array("i"))
    titles: list[str] = field(default_factory=list)
    catalogue_years: "array[int]" = field(default_factory=lambda: array("i"))
    genres: "array[int]" = field(default_factory=lambda: array("i"))
    """Numbers of `genre_sets`."""
    genre_sets: list[tuple[str, ...]] = field(default_factory=list)

    rating_count: "array[int]" = field(default_factory=lambda: array("i"))
    avg_rating: "array[float]" = field(default_factory=lambda: array("d"))
    weighted_rating: "array[float]" = field(default_factory=lambda: array("d"))
    year: "array[int]" = field(default_factory=lambda: array("i"))
    """As of the run; lists show and compare this one."""
    rank: "array[int]" = field(default_factory=lambda: array("i"))
    previous_rank: "array[int]" = field(default_factory=lambda: array("i"))
    last_rated: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds since 1970; NONE where ratings came without times."""
    half_stars: "array[int]" = field(default_factory=lambda: array("i"))
    """HALF_STARS counts a movie."""

    _set_numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.movie_ids)

    def add(self, movies: Sequence[MovieRow], genres: Iterable[tuple[str, ...]]) -> None:
        """Further movies, and the genres of each in alphabetical order."""
        plain: tuple[Any, ...] = (
            *(self.movie_ids, self.titles, self.catalogue_years, self.rating_count),
            *(self.avg_rating, self.weighted_rating, self.year, self.rank, self.previous_rank),
        )
        columns: list[Any] = list(zip(*movies, strict=True))
        for column, values in zip(plain, columns, strict=False):
            column.extend(NONE if one is None else one for one in values)
        self.last_rated.extend(map(_seconds, columns[len(plain)]))
        half_stars = zip(*columns[-HALF_STARS:], strict=True)
        self.half_stars.extend(count or 0 for counts in half_stars for count in counts)
        self.genres.extend(map(self._number_of, genres))

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

    def genre_names(self, row: int) -> tuple[str, ...]:
        return self.genre_sets[self.genres[row]]

    def star_counts(self, row: int) -> list[int]:
        """Ten counts, from half a star to five stars."""
        return self.half_stars[row * HALF_STARS : (row + 1) * HALF_STARS].tolist()


def value(number: int) -> int | None:
    """What a column says, None where it has none."""
    return None if number == NONE else number


def _seconds(utc: datetime | None) -> float:
    return NONE if utc is None else utc.replace(tzinfo=UTC).timestamp()
