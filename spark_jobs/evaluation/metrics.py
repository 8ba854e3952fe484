"""How good ranked lists are, @k, over all movies.

A list is a row of movie positions, best first, padded with NOTHING; a user's relevant movies
are a row of a users x movies matrix. Each metric of a user is a number; users without a relevant
movie are omitted.

Sources: nDCG with binary gains: Jarvelin & Kekalainen, TOIS 2002; average precision at k over all
relevant movies, as trec_eval's map_cut; full ranking: Krichene & Rendle, KDD 2020; novelty:
Castells, Hurley & Vargas, Recommender Systems Handbook, 2015, as the mean of -log2 of the share
of users who rated the movie; Gini: of how often each movie is recommended, 0 for all alike.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.model.recommendations.largest import largest

NOTHING = -1
K = 10
Lists = NDArray[np.int64]


@dataclass(frozen=True)
class UserMetrics:
    """One number for each user who has relevant movies, (users,)."""

    ndcg: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    average_precision: NDArray[np.float64]


@dataclass(frozen=True)
class ListMetrics:
    """Metrics of all lists together. Coverage is the share of the movies that are in any list."""

    coverage: float
    titles: int
    novelty: float
    gini: float


def top_lists(scores: NDArray[np.float64], seen: sparse.csr_array, k: int = K) -> Lists:
    """The best k unseen movies of each row of (users, movies); ties go to the lower position."""
    lists = np.full((len(scores), k), NOTHING)
    for user, row in enumerate(scores):
        unseen = row.copy()
        unseen[seen.indices[seen.indptr[user] : seen.indptr[user + 1]]] = -np.inf
        best = largest(unseen, k)
        best = best[np.isfinite(unseen[best])]
        lists[user, : len(best)] = best[np.argsort(-unseen[best], kind="stable")]
    return lists


def hits(lists: Lists, relevant: sparse.csr_array) -> NDArray[np.bool_]:
    """Which places have a relevant movie, (users, k)."""
    found = np.zeros(lists.shape, np.bool_)
    for user, movies in enumerate(lists):
        wanted = relevant.indices[relevant.indptr[user] : relevant.indptr[user + 1]]
        found[user] = np.isin(movies, wanted) & (movies != NOTHING)
    return found


def user_metrics(lists: Lists, relevant: sparse.csr_array) -> UserMetrics:
    """Metrics @k, where k is the width of `lists`."""
    wanted = np.diff(relevant.indptr)
    tested = wanted > 0
    hit, wanted = hits(lists, relevant)[tested], wanted[tested]
    k = lists.shape[1]
    return UserMetrics(
        ndcg=_ndcg(hit, wanted),
        precision=hit.sum(axis=1) / k,
        recall=hit.sum(axis=1) / wanted,
        average_precision=_average_precision(hit, wanted),
    )


def _ndcg(hit: NDArray[np.bool_], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    discounts = 1 / np.log2(np.arange(2, hit.shape[1] + 2))
    ideal = np.concatenate([[0], np.cumsum(discounts)])[np.minimum(wanted, hit.shape[1])]
    return np.asarray(hit @ discounts / ideal)


def _average_precision(hit: NDArray[np.bool_], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    precision_at = np.cumsum(hit, axis=1) / np.arange(1, hit.shape[1] + 1)
    return np.asarray((precision_at * hit).sum(axis=1) / wanted)


def list_metrics(lists: Lists, counts: NDArray[np.int64], users: int) -> ListMetrics:
    """`counts` are the ratings of each movie by `users` users in the training data, (movies,)."""
    recommended = lists[lists != NOTHING]
    times = np.bincount(recommended, minlength=len(counts))
    titles = int((times > 0).sum())
    share = np.maximum(counts[recommended], 1) / users
    novelty = float(-np.log2(share).mean()) if len(share) else 0.0
    return ListMetrics(titles / max(len(counts), 1), titles, novelty, gini(times))


def gini(times: NDArray[np.int64]) -> float:
    """0 if all are equal, near 1 if one has everything."""
    n, total = len(times), times.sum()
    if not total:
        return 0.0
    places = np.arange(1, n + 1)
    return float(((2 * places - n - 1) * np.sort(times)).sum() / (n * total))
