"""Each user's best unseen movies, with the reasons for them.

A score is sum_i x_ui B_ij over the movies i that the user rated (Steck 2019), so each summand is
an exact contribution. About a quarter of them are negative: the strongest are chosen by absolute
value and keep their sign. A list depends on its user alone, not on the partitioning.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.contract import USER_RECOMMENDATIONS
from spark_jobs.model.packing import pack_rows
from spark_jobs.model.recommendations.largest import largest

LIMIT = 50
REASONS = 3
SPARE = 16  # chosen in single precision, ordered in double: spare candidates for near ties


@dataclass(frozen=True)
class PersonalList:
    """One user's list of positions in the model, best first.

    `reasons` and `contributions` are (movies, 3): the strongest summands of each score; position
    -1 and contribution 0 if there are fewer. The others add the score minus their sum.
    """

    movies: NDArray[np.int64]
    scores: NDArray[np.float64]
    reasons: NDArray[np.int64]
    contributions: NDArray[np.float64]


def personal_lists(
    x: sparse.csr_array, weights: NDArray[np.float32], limit: int = LIMIT
) -> list[PersonalList]:
    """A list for each row of x, users x movies. `weights` is B, (movies, movies)."""
    scores = np.asarray(x.astype(np.float32) @ weights)
    return [_personal_list(x, user, row, weights, limit) for user, row in enumerate(scores)]


def _personal_list(
    x: sparse.csr_array,
    user: int,
    scores: NDArray[np.float32],
    weights: NDArray[np.float32],
    limit: int,
) -> PersonalList:
    """The list; empty for a user without history, who gets the ranking."""
    seen, values = _history(x, user)
    candidates = _candidates(scores, seen, limit + SPARE)
    parts = values[:, None] * weights[np.ix_(seen, candidates)].astype(np.float64)
    exact = parts.sum(axis=0)
    order = np.lexsort((candidates, -exact))[:limit]
    reasons, contributions = _strongest(parts[:, order], seen)
    return PersonalList(candidates[order], exact[order], reasons, contributions)


def _history(x: sparse.csr_array, user: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Positions and inputs, ordered by position, so that sums are always the same."""
    row = slice(x.indptr[user], x.indptr[user + 1])
    order = np.argsort(x.indices[row])
    return x.indices[row][order].astype(np.int64), x.data[row][order].astype(np.float64)


def _candidates(
    scores: NDArray[np.float32], seen: NDArray[np.int64], limit: int
) -> NDArray[np.int64]:
    if not len(seen):
        return np.empty(0, np.int64)
    unseen = np.delete(np.arange(len(scores)), seen)
    return unseen[largest(scores[unseen], limit)]


def _strongest(
    parts: NDArray[np.float64], seen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Positions and values of the largest summands in each column of (history, movies)."""
    reasons = np.full((parts.shape[1], REASONS), -1, np.int64)
    contributions = np.zeros((parts.shape[1], REASONS))
    order = np.argsort(-np.abs(parts), axis=0, kind="stable")[:REASONS]
    reasons[:, : len(order)] = seen[order].T
    contributions[:, : len(order)] = np.take_along_axis(parts, order, axis=0).T
    return reasons, contributions


def personal_rows(
    users: NDArray[np.int64],
    x: sparse.csr_array,
    weights: NDArray[np.float32],
    movie_ids: NDArray[np.int32],
) -> pa.Table:
    """Rows of `app_userrecommendation` for the users of x who have a list."""
    lists = personal_lists(x, weights)
    starts = np.cumsum([0, *(len(found.movies) for found in lists)])
    columns = [
        movie_ids[np.concatenate([found.movies for found in lists])],
        np.concatenate([found.scores for found in lists]),
        _ids(np.concatenate([found.reasons for found in lists]), movie_ids),
        np.concatenate([found.contributions for found in lists]),
    ]
    packed = pack_rows(columns, starts, USER_RECOMMENDATIONS)
    rows = pa.table({"user_id": users, "packed": pa.array(packed, pa.binary())})
    return rows.filter(pa.array([bool(row) for row in packed], pa.bool_()))


def _ids(reasons: NDArray[np.int64], movie_ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """The movie ids of the reasons; 0 for no reason."""
    return np.append(movie_ids, 0)[reasons].astype(np.int32)
