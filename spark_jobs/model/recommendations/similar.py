"""Similar movies by shrunk lift: rated together more often than by chance.

    lift_ij = (c_ij - d_i d_j / N) / (sqrt(d_i d_j) + 10)

c_ij is the number of users who rated both, d_i those who rated i, N all users. The 10 draws pairs
with little support towards 0. The weights of the item model say what to watch next, not what is
alike: by genres and tags this agrees better.

Source: the lift of association rules (Brin et al., Dynamic Itemset Counting, SIGMOD 1997) as a
difference, normalised as the cosine of Sarwar et al., WWW 2001, and shrunk.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spark_jobs.contract import SIMILAR_MOVIES
from spark_jobs.model.packing import pack
from spark_jobs.model.recommendations.config import SimilarConfig
from spark_jobs.model.recommendations.largest import least_of_largest

NEIGHBOURS = 24


@dataclass(frozen=True)
class Neighbours:
    """The movies most similar to one, most similar first: positions, lifts and c_ij."""

    movies: NDArray[np.int64]
    lifts: NDArray[np.float64]
    counts: NDArray[np.int64]


def shrunk_lift(
    together: NDArray[np.float64],
    own: float,
    others: NDArray[np.float64],
    users: int,
    config: SimilarConfig,
) -> NDArray[np.float64]:
    """One movie's lift with each of the others, (movies,)."""
    expected = own * others / users
    return np.asarray((together - expected) / (np.sqrt(own * others) + config.shrinkage))


def neighbours(
    together: NDArray[np.float32],
    movie: int,
    users: int,
    config: SimilarConfig,
    limit: int = NEIGHBOURS,
) -> Neighbours:
    """Neighbours with a positive lift, from all c_ij, (movies, movies), with d_i on the diagonal.

    Ties go to the pair with more users, then to the lower position.
    """
    row, others = together[movie].astype(np.float64), np.diag(together).astype(np.float64)
    lifts = shrunk_lift(row, others[movie], others, users, config)
    lifts[movie] = 0
    least = least_of_largest(lifts, limit) if len(lifts) > limit else -np.inf
    found = np.flatnonzero((lifts > 0) & (lifts >= least))
    best = found[np.lexsort((found, -row[found], -lifts[found]))][:limit]
    return Neighbours(best, lifts[best], row[best].astype(np.int64))


def similar_rows(
    together: NDArray[np.float32],
    users: int,
    movie_ids: NDArray[np.int32],
    config: SimilarConfig,
) -> pa.Table:
    """Rows of `app_similarmovie`, one for each movie with similar ones."""
    every = (neighbours(together, movie, users, config) for movie in range(len(movie_ids)))
    packed = [
        pack([movie_ids[found.movies], found.lifts, found.counts], SIMILAR_MOVIES)
        for found in every
    ]
    rows = pa.table({"movie_id": movie_ids, "packed": pa.array(packed, pa.binary())})
    return rows.filter(pa.array([bool(row) for row in packed], pa.bool_()))
