"""What is counted of each movie's ratings: half-stars, and ratings by month.

The ten counts are a movie's sufficient statistic: number, mean, variance, interval and histogram
follow from them. Trends follow from the months.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STARS
from spark_jobs.input.ratings.blocks import Ratings
from spark_jobs.model.aggregation.months import MonthCounts

NEVER = -1
MERGING_LAYERS = 3
"""The executors merge the counts of many tasks as a tree, and the driver, which keeps everything
that it receives in memory, gets the cube root of their number."""


@dataclass
class Counts:
    """Half-star counts, (movies, 10), and the last time each movie was rated, (movies,).

    Column 0 counts the ratings of half a star. Times are in seconds since 1970, NEVER without
    a rating.
    """

    half_stars: NDArray[np.int64]
    last_rated_at: NDArray[np.int64]
    months: MonthCounts

    @classmethod
    def zero(cls, movies: int) -> "Counts":
        """Counts without any rating."""
        by_stars = np.zeros((movies, len(HALF_STARS)), np.int64)
        return cls(by_stars, np.full(movies, NEVER), MonthCounts.zero(movies))

    def add(self, ratings: Ratings) -> None:
        """Add ratings to the counts."""
        cells = ratings.movie_index.astype(np.intp) * len(HALF_STARS) + (ratings.half_stars - 1)
        np.add.at(self.half_stars.reshape(-1), cells, 1)
        np.maximum.at(self.last_rated_at, ratings.movie_index, ratings.rated_at)
        self.months.add(ratings)

    def merged(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.half_stars + other.half_stars,
            np.maximum(self.last_rated_at, other.last_rated_at),
            self.months.merged(other.months),
        )

    @property
    def ratings(self) -> int:
        """The number of ratings."""
        return int(self.half_stars.sum())


@dataclass(frozen=True)
class Totals:
    """Totals over all accepted ratings. `by_half_stars[0]` counts those of half a star."""

    by_half_stars: tuple[int, ...]
    rated_movies: int

    @property
    def ratings(self) -> int:
        """The number of ratings."""
        return sum(self.by_half_stars)

    @property
    def mean(self) -> float:
        """Mean rating in stars, from integer sums; NaN without ratings."""
        half_stars = sum(k * n for k, n in zip(HALF_STARS, self.by_half_stars, strict=True))
        return half_stars / (2 * self.ratings) if self.ratings else float("nan")


def totals(counts: Counts) -> Totals:
    """Sum over the movies."""
    by_half_stars = tuple(int(n) for n in counts.half_stars.sum(axis=0))
    return Totals(by_half_stars, int((counts.last_rated_at != NEVER).sum()))


def keys(ratings: Ratings) -> NDArray[np.int64]:
    """(user, movie) as one number; both are below 2^31."""
    return (ratings.user << 32) | ratings.movie_index
