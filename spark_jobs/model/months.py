"""Ratings by movie and month: the second sufficient statistic, from which trends follow.

Most movies are rated in few of the months, so only the cells that hold ratings are kept: at most
as many as there are ratings, and as movies times months; 8 bytes each.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.input.ratings import Ratings
from spark_jobs.input.rejection import YEAR_2100

MONTH_BITS = 11
MONTHS = 2**MONTH_BITS
"""Months from January 1970, which is 0, to 2140; the input's end in 2100."""
DAY = 86_400
MONTH_OF_DAY = (
    np.arange(YEAR_2100 // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.uint32)
)
MOST_WAITING = 8_000_000
"""Ratings that are counted at once, 32 MB: sorting them is most of the work."""


@dataclass
class MonthCounts:
    """Ratings, (movies, MONTHS): those counted, and the cells of those that wait to be.

    A cell is a movie's position and a month in one number. Times are in seconds since 1970,
    months in UTC.
    """

    counted: sparse.csr_array
    waiting: list[NDArray[Any]] = field(default_factory=list)

    @classmethod
    def zero(cls, movies: int) -> "MonthCounts":
        """No rating of any of so many movies."""
        return cls(sparse.csr_array((movies, MONTHS), dtype=np.int32))

    def add(self, ratings: Ratings) -> None:
        """Count these ratings, too."""
        movies = self.counted.shape[0]
        cell = np.uint32 if movies <= 2**32 // MONTHS else np.uint64  # half as long sorts faster
        cells: NDArray[Any] = ratings.movie_index.astype(cell)
        cells <<= MONTH_BITS
        cells |= MONTH_OF_DAY.take(ratings.rated_at // DAY)
        self.waiting.append(cells)
        if sum(map(len, self.waiting)) > MOST_WAITING:
            self.settle()

    def merged(self, other: "MonthCounts") -> "MonthCounts":
        """Both together."""
        return MonthCounts(self.settle() + other.settle())

    def settle(self) -> sparse.csr_array:
        """All of them, nothing waits any more."""
        if self.waiting:
            self.counted += _counted(np.concatenate(self.waiting), self.counted.shape)
            self.waiting = []
        return self.counted

    def __getstate__(self) -> dict[str, Any]:
        """Settled and in short numbers, so that what travels is small."""
        counted = self.settle()
        shortest = np.min_scalar_type(counted.data.max(initial=0))
        return {
            "shape": counted.shape,
            "starts": counted.indptr,
            "months": counted.indices.astype(np.uint16),
            "ratings": counted.data.astype(shortest),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.counted = _matrix(state["ratings"], state["months"], state["starts"], state["shape"])
        self.waiting = []


def _counted(cells: NDArray[Any], shape: tuple[int, int]) -> sparse.csr_array:
    cells.sort()
    firsts = np.flatnonzero(cells[1:] != cells[:-1]) + 1
    firsts = np.concatenate([[0], firsts]) if len(cells) else firsts
    distinct = cells[firsts]
    starts = np.searchsorted(distinct, np.arange(shape[0], dtype=cells.dtype) << MONTH_BITS)
    ratings = np.diff(firsts, append=len(cells))
    return _matrix(ratings, distinct & (MONTHS - 1), np.append(starts, len(distinct)), shape)


def _matrix(
    ratings: NDArray[Any], months: NDArray[Any], starts: NDArray[Any], shape: tuple[int, int]
) -> sparse.csr_array:
    columns = (ratings.astype(np.int32), months.astype(np.int32), starts.astype(np.int32))
    return sparse.csr_array(columns, shape=shape)
