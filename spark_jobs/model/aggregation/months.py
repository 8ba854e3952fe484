"""Ratings by movie and month: the second sufficient statistic, from which trends follow.

Most movies are rated in few of the months, so only cells with ratings are kept: at most as many
as there are ratings, or movies times months; 3 or 4 bytes each. This module needs only numpy:
the executors' workers start faster without scipy.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.input.rejection import YEAR_2100

MONTH_BITS = 11
MONTHS = 2**MONTH_BITS
"""Months from January 1970, which is 0, to 2140; the input ends in 2100."""
DAY = 86_400
MONTH_OF_DAY = (
    np.arange(YEAR_2100 // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.uint32)
)
MOST_WAITING = 8_000_000
"""Ratings counted at a time, 32 MB: sorting them is most of the work."""


class ByMovie(NamedTuple):
    """Movie i has the entries from starts[i] up to starts[i + 1]: months, and ratings in each.

    Months ascend; ratings have the smallest type that fits.
    """

    starts: NDArray[np.int64]
    months: NDArray[np.uint16]
    ratings: NDArray[np.unsignedinteger]

    @classmethod
    def of(cls, movies: int, cells: NDArray[Any], ratings: NDArray[np.integer]) -> "ByMovie":
        """From ascending cells and the ratings in each."""
        borders = np.arange(movies, dtype=cells.dtype) << MONTH_BITS
        starts = np.append(np.searchsorted(cells, borders), len(cells))
        shortest = np.min_scalar_type(ratings.max(initial=0))
        return cls(starts, (cells & (MONTHS - 1)).astype(np.uint16), ratings.astype(shortest))

    @property
    def movies(self) -> int:
        """The number of movies."""
        return len(self.starts) - 1

    def cells(self) -> NDArray[Any]:
        """The cells: a movie's position and a month in one number each."""
        positions = np.arange(self.movies, dtype=_cell(self.movies)) << MONTH_BITS
        return np.repeat(positions, np.diff(self.starts)) | self.months


@dataclass
class MonthCounts:
    """Ratings by movie and month: those counted, and the cells of those pending.

    Times are in seconds since 1970, months in UTC.
    """

    counted: ByMovie
    waiting: list[NDArray[Any]] = field(default_factory=list)

    @classmethod
    def zero(cls, movies: int) -> "MonthCounts":
        """Counts without any rating of that many movies."""
        return cls(ByMovie.of(movies, np.empty(0, _cell(movies)), np.empty(0, np.uint8)))

    def add(self, ratings: Ratings) -> None:
        """Add ratings to the counts."""
        cells = ratings.movie_index.astype(_cell(self.counted.movies))
        cells <<= MONTH_BITS
        cells |= MONTH_OF_DAY.take(ratings.rated_at // DAY)
        self.waiting.append(cells)
        if sum(map(len, self.waiting)) > MOST_WAITING:
            self.settle()

    def merged(self, other: "MonthCounts") -> "MonthCounts":
        """Both together."""
        return MonthCounts(_sum(self.settle(), other.settle()))

    def settle(self) -> ByMovie:
        """Count what is pending and return all counts."""
        if self.waiting:
            cells = np.concatenate(self.waiting)
            self.waiting = []
            self.counted = _sum(self.counted, _count(cells, self.counted.movies))
        return self.counted

    def __getstate__(self) -> dict[str, Any]:
        """Settle first, so that little is sent."""
        return {"counted": self.settle(), "waiting": []}


def _cell(movies: int) -> type[np.unsignedinteger]:
    return np.uint32 if movies <= 2**32 // MONTHS else np.uint64  # a shorter type sorts faster


def _count(cells: NDArray[Any], movies: int) -> ByMovie:
    cells.sort()
    firsts = np.flatnonzero(_is_first(cells))
    return ByMovie.of(movies, cells[firsts], np.diff(firsts, append=len(cells)))


def _sum(one: ByMovie, other: ByMovie) -> ByMovie:
    if not len(one.months):  # most tasks count once
        return other
    cells = [one.cells(), other.cells()]
    union = np.concatenate(cells)
    union.sort()
    union = union[_is_first(union)]
    total = np.zeros(len(union), np.int32)
    for some, ratings in zip(cells, (one.ratings, other.ratings), strict=True):
        total[np.searchsorted(union, some)] += ratings
    return ByMovie.of(one.movies, union, total)


def _is_first(cells: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each of the ascending numbers is the first of its value."""
    return np.append(True, cells[1:] != cells[:-1])[: len(cells)]
