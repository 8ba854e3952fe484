"""The movies of a run as columns: arrays instead of objects, some 100 bytes a movie.

A row number stands for a movie in everything that is derived from the columns. Arrays hold no
Python objects, so processes that are forked go on sharing them.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

HALF_STARS = 10
NONE = -1
"""Stands for a year, a rank or a number of ratings that there is not."""
MovieRow = tuple[int, str, int | None, tuple[str, ...]]
"""(id, title, year, genres in alphabetical order)."""


@dataclass(frozen=True, slots=True)
class Columns:
    """All movies by ascending ids, rated or not. Filled by `add` and `rate`, then left alone."""

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

    def add(self, movies: Sequence[MovieRow]) -> None:
        """Further movies of the catalogue, which have no ratings yet. Ids must ascend."""
        self.movie_ids.extend(movie_id for movie_id, *_ in movies)
        self.titles.extend(title for _, title, *_ in movies)
        self.catalogue_years.extend(NONE if year is None else year for _, _, year, _ in movies)
        self.genres.extend(self._number_of(genres) for *_, genres in movies)
        for column in (self.rating_count, self.year, self.rank, self.previous_rank):
            column.extend([NONE] * len(movies))
        for figures in (self.avg_rating, self.weighted_rating, self.last_rated):
            figures.extend([float(NONE)] * len(movies))
        self.half_stars.extend([0] * HALF_STARS * len(movies))

    def _number_of(self, genres: tuple[str, ...]) -> int:
        number = self._set_numbers.setdefault(genres, len(self.genre_sets))
        if number == len(self.genre_sets):
            self.genre_sets.append(genres)
        return number

    def rate(
        self,
        row: int,
        rating_count: int,
        avg_rating: float,
        weighted_rating: float,
        rank: int | None,
        year: int | None,
        last_rated_at: datetime | None,
        *half_stars: int,
    ) -> None:
        """What the run has of a movie; the time is UTC, with or without saying so."""
        self.rating_count[row] = rating_count
        self.avg_rating[row] = avg_rating
        self.weighted_rating[row] = weighted_rating
        self.rank[row] = NONE if rank is None else rank
        self.year[row] = NONE if year is None else year
        if last_rated_at is not None:
            self.last_rated[row] = last_rated_at.replace(tzinfo=UTC).timestamp()
        self.half_stars[row * HALF_STARS : (row + 1) * HALF_STARS] = array("i", half_stars)

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
