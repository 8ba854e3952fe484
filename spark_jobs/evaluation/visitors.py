"""Visitors who name a few movies they like and should get the others that they like.

Every fifth user is held out entirely; the models learn from the likes of the others. The
weights are the published ones: the strongest of each row, in 8 bits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.evaluation import baselines
from spark_jobs.evaluation.metrics import top_lists, user_metrics
from spark_jobs.evaluation.report import Estimate, bootstrap
from spark_jobs.evaluation.splits import matrix
from spark_jobs.model.recommendations.config import ItemModelConfig, VisitorModelConfig
from spark_jobs.model.recommendations.item_model import damping_factors, kept_movies, support
from spark_jobs.model.recommendations.visitor_model import (
    fit_likes,
    likes,
    popularity_exponent,
    published_weights,
)

PICKS = (1, 3, 5, 10)
FOLD = 5
SEED = 42
Score = Callable[[sparse.csr_array, int], NDArray[np.float64]]
"""From what visitors named, users x movies, and the number of movies named, to scores."""


@dataclass(frozen=True)
class VisitorReport:
    """nDCG@10 by number of picks, over `users` visitors with at least one like."""

    name: str
    users: int
    ndcg: dict[int, Estimate]


def visitor_reports(
    ratings: sparse.csr_array, items: ItemModelConfig, config: VisitorModelConfig
) -> list[VisitorReport]:
    """Report from stars, users x movies, with the users in arbitrary order."""
    liked = likes(ratings, config)
    held_out = np.arange(liked.shape[0]) % FOLD == 0
    counts = support(ratings[~held_out])
    kept = kept_movies(counts, items)
    if not len(kept):
        return []
    train, visitors = liked[~held_out][:, kept], liked[held_out][:, kept]
    users = int((np.diff(visitors.indptr) > 0).sum())
    return [
        VisitorReport(name, users, {picks: _ndcg(score, visitors, picks) for picks in PICKS})
        for name, score in _systems(train, config).items()
    ]


def _systems(train: sparse.csr_array, config: VisitorModelConfig) -> dict[str, Score]:
    counts = support(train)
    weights = published_weights(fit_likes(train, config))
    ease = baselines.ease_weights(baselines.together(train))

    def visitor(named: sparse.csr_array, picks: int) -> NDArray[np.float64]:
        factors = damping_factors(counts, popularity_exponent(picks))
        return np.asarray((named @ weights).toarray() * factors)

    return {
        "visitor": visitor,
        "ease": lambda named, _: np.asarray(named @ ease, np.float64),
        "popularity": lambda named, _: np.tile(counts.astype(np.float64), (named.shape[0], 1)),
    }


def _ndcg(score: Score, liked: sparse.csr_array, picks: int) -> Estimate:
    """The nDCG of visitors with more likes than they name."""
    named, rest = pick(liked[np.diff(liked.indptr) > picks], picks)
    lists = top_lists(score(named, picks), named)
    return bootstrap(user_metrics(lists, rest).ndcg)


def pick(liked: sparse.csr_array, picks: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Split each user's likes into `picks` random ones and the others."""
    users = np.repeat(np.arange(liked.shape[0]), np.diff(liked.indptr))
    order = np.lexsort((np.random.default_rng(SEED).random(liked.nnz), users))
    named = np.empty(liked.nnz, np.bool_)
    named[order] = (
        np.arange(liked.nnz) - np.repeat(liked.indptr[:-1], np.diff(liked.indptr)) < picks
    )
    return _only(liked, users, named), _only(liked, users, ~named)


def _only(
    liked: sparse.csr_array, users: NDArray[np.int64], kept: NDArray[np.bool_]
) -> sparse.csr_array:
    return matrix(users[kept], liked.indices[kept], liked.data[kept], liked.shape)
