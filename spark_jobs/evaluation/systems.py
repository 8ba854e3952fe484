"""The systems compared: each learns from the same ratings and scores movies for a user.

The models and the baselines based on pairs of movies know those with `min_support` ratings;
the others know every rated movie.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spark_jobs.evaluation import baselines
from spark_jobs.evaluation.quality import PERSONAL
from spark_jobs.evaluation.sample import Sample
from spark_jobs.model.aggregation.counts import Totals
from spark_jobs.model.ranking.trending import choose_half_life, decayed_support
from spark_jobs.model.ranking.weighted_rating import weighted_rating
from spark_jobs.model.recommendations.config import ItemModelConfig
from spark_jobs.model.recommendations.item_model import (
    biases,
    binary,
    fit_ratings,
    inputs,
    kept_movies,
)

HALF_STARS = np.arange(1, 11)
Scores = NDArray[np.float64]
Score = Callable[[sparse.csr_array], Scores]
"""From ratings in stars, users x movies, to scores, users x movies; -inf where missing."""


@dataclass(frozen=True)
class RankingParameters:
    """The run's parameters: m in ratings, and the floor of the ranked list."""

    prior_weight: float
    min_ratings: int


def systems(
    train: Sample, items: ItemModelConfig, ranking: RankingParameters, *, has_times: bool
) -> dict[str, Score]:
    """Name -> the system trained on `train`, the best first as far as is known."""
    kept = kept_movies(train.counts, items)
    of_pairs = _systems_of_pairs(train, kept, items) if len(kept) else {}
    of_times = {"trending": _same_for_all(_trend(train))} if has_times else {}
    return {
        **of_pairs,
        **of_times,
        "popularity": _same_for_all(train.counts.astype(np.float64)),
        "weighted_rating": _same_for_all(_weighted(train, ranking)),
    }


def _systems_of_pairs(
    train: Sample, kept: NDArray[np.int64], items: ItemModelConfig
) -> dict[str, Score]:
    together = baselines.together(train.matrix[:, kept])
    return {
        PERSONAL: _personal(train, kept, items),
        "ease": _of_pairs(kept, baselines.ease_weights(together)),
        "item_cosine": _of_pairs(kept, baselines.cosine_weights(together)),
    }


def _personal(train: Sample, kept: NDArray[np.int64], items: ItemModelConfig) -> Score:
    ratings = train.matrix[:, kept]
    known = biases(ratings, items)
    _, weights = fit_ratings(ratings, train.genres[kept], items)
    return _on_kept(kept, lambda history: inputs(history, known, items) @ weights)


def _of_pairs(kept: NDArray[np.int64], weights: NDArray[np.float32]) -> Score:
    return _on_kept(kept, lambda history: binary(history) @ weights)


def _on_kept(kept: NDArray[np.int64], score: Callable[[sparse.csr_array], Scores]) -> Score:
    def on_all(history: sparse.csr_array) -> Scores:
        scores = np.full(history.shape, -np.inf)
        scores[:, kept] = score(history[:, kept])
        return scores

    return on_all


def _same_for_all(scores: Scores) -> Score:
    return lambda history: np.tile(scores, (history.shape[0], 1))


def _trend(train: Sample) -> Scores:
    return decayed_support(train.by_month, choose_half_life(train.by_month).months)


def _weighted(train: Sample, ranking: RankingParameters) -> Scores:
    """The site's own ranking: movies below the floor come last, by score."""
    n, half_stars = train.counts, train.half_stars @ HALF_STARS
    mean = Totals(tuple(map(int, train.half_stars.sum(axis=0))), 0).mean
    scores = weighted_rating(half_stars, n, mean, ranking.prior_weight)
    return np.where(n >= ranking.min_ratings, scores, scores - 5)
