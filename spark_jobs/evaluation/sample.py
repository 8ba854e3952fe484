"""The ratings that an evaluation uses, in one process: those of a limited number of users."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.evaluation.splits import matrix
from spark_jobs.model.recommendations.interactions import UserBlock

MOST_USERS = 20_000
MOST_RATINGS = 2_000_000
LEAST_RATINGS = 1_000
"""With fewer, the intervals would be as wide as the scale: nothing is measured."""


@dataclass(frozen=True)
class Sample:
    """One entry a rating. `genres` is (movies, genres) of 0 and 1; users and movies are positions.

    `stars` range from 0.5 to 5, `rated_at` is in seconds since 1970, all equal without times.
    """

    user_index: NDArray[np.int64]
    movie_index: NDArray[np.int64]
    stars: NDArray[np.float64]
    rated_at: NDArray[np.int64]
    users: int
    genres: NDArray[np.float64]

    @classmethod
    def of(cls, block: UserBlock, genres: NDArray[np.float64]) -> "Sample":
        """The users of a block by ascending ids, and the catalogue's movies that they rated."""
        movies, movie_index = np.unique(block.movie_index, return_inverse=True)
        return cls(
            user_index=np.repeat(np.arange(len(block.users)), block.counts),
            movie_index=movie_index.astype(np.int64),
            stars=block.half_stars / 2,
            rated_at=block.rated_at,
            users=len(block.users),
            genres=genres[movies],
        )

    @property
    def movies(self) -> int:
        """The number of movies."""
        return len(self.genres)

    def __len__(self) -> int:
        return len(self.stars)

    def where(self, kept: NDArray[np.bool_]) -> "Sample":
        """Select ratings; users and movies keep their positions."""
        return replace(
            self,
            user_index=self.user_index[kept],
            movie_index=self.movie_index[kept],
            stars=self.stars[kept],
            rated_at=self.rated_at[kept],
        )

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """Stars, users x movies."""
        return matrix(self.user_index, self.movie_index, self.stars, (self.users, self.movies))

    @cached_property
    def half_stars(self) -> NDArray[np.int64]:
        """Half-star counts, (movies, 10)."""
        cells = self.movie_index * 10 + np.rint(self.stars * 2).astype(np.int64) - 1
        return np.bincount(cells, minlength=self.movies * 10).reshape(self.movies, 10)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Ratings of each movie, (movies,)."""
        return np.asarray(self.half_stars.sum(axis=1))

    @cached_property
    def by_month(self) -> sparse.csr_array:
        """Ratings, (movies, months), from the first to the last month with any."""
        months = self.rated_at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        months -= min(months, default=0)
        shape = (self.movies, int(months.max(initial=0)) + 1)
        ones = np.ones(len(months), np.int64)
        counts = sparse.coo_array((ones, (self.movie_index, months)), shape=shape)
        return counts.tocsr()
