"""How well the weighted rating predicts unseen ratings, by the number of those seen.

Of each movie's ratings a random quarter is held out. The error is the root of the mean square of
rating - prediction. The interval is the predictive one of the mean of k held-out ratings,

    weighted -+ 1.645 sqrt(s2 / (n + m) + s2 / k)

that is, the uncertainty of the movie's true mean plus that of a mean of k ratings (Gelman et al.,
Bayesian Data Analysis, 3rd edition, section 2.5). It should contain nine held-out means in ten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STARS
from spark_jobs.evaluation.sample import Sample
from spark_jobs.model.ranking.interval import Z
from spark_jobs.model.ranking.prior_weight import PriorWeight, prior_weight
from spark_jobs.model.ranking.weighted_rating import weighted_rating

STARS = np.array(HALF_STARS) / 2
BORDERS = (1, 5, 20, 100, 2**62)
"""Ratings of a movie in the training data: 1 to 4, 5 to 19, 20 to 99, 100 and more."""


@dataclass(frozen=True)
class RatingBucket:
    """Movies with `least` to `most` ratings in the training data.

    `rmse` is in stars, by the predictor of the `ratings` held-out ratings: `mean` is the movie's
    own, `weighted` uses the run's m, `estimated` the m estimated from the data. `coverage` is the
    share of the `movies` whose held-out mean is in the interval.
    """

    least: int
    most: int | None
    movies: int
    ratings: int
    rmse: dict[str, float]
    coverage: dict[str, float]


@dataclass(frozen=True)
class _Movies:
    """Half-star counts, (movies, 10), of training and of held-out ratings."""

    train: NDArray[np.int64]
    held_out: NDArray[np.int64]

    @property
    def n(self) -> NDArray[np.int64]:
        return np.asarray(self.train.sum(axis=1))

    @property
    def k(self) -> NDArray[np.int64]:
        return np.asarray(self.held_out.sum(axis=1))

    def where(self, chosen: NDArray[np.bool_]) -> "_Movies":
        return _Movies(self.train[chosen], self.held_out[chosen])


def rating_buckets(
    sample: Sample, test: NDArray[np.bool_], prior_weights: dict[str, float | None]
) -> list[RatingBucket]:
    """Learn from all ratings but `test`, (ratings,). None means the m estimated from the data."""
    train, held_out = sample.where(~test).half_stars, sample.where(test).half_stars
    movies = _Movies(train, held_out)
    movies = movies.where((movies.n > 0) & (movies.k > 0))
    priors = {name: prior_weight(train, given=given) for name, given in prior_weights.items()}
    mean = float((train @ STARS).sum() / max(train.sum(), 1))
    return list(_buckets(movies, mean, priors))


def _buckets(
    movies: _Movies, mean: float, priors: dict[str, PriorWeight]
) -> Iterator[RatingBucket]:
    for least, following in pairwise(BORDERS):
        chosen = (movies.n >= least) & (movies.n < following)
        most = following - 1 if following != BORDERS[-1] else None
        if chosen.any():
            yield _bucket(least, most, movies.where(chosen), mean, priors)


def _bucket(
    least: int,
    most: int | None,
    movies: _Movies,
    mean: float,
    priors: dict[str, PriorWeight],
) -> RatingBucket:
    half_stars = movies.train @ np.array(HALF_STARS)
    rmse = {"mean": _rmse(half_stars / 2 / movies.n, movies.held_out)}
    coverage = {}
    for name, prior in priors.items():
        predicted = weighted_rating(half_stars, movies.n, mean, prior.weight)
        rmse[name] = _rmse(predicted, movies.held_out)
        if prior.within_variance is not None:
            coverage[name] = _coverage(predicted, movies, prior.weight, prior.within_variance)
    return RatingBucket(least, most, len(movies.n), int(movies.k.sum()), rmse, coverage)


def _rmse(predicted: NDArray[np.float64], held_out: NDArray[np.int64]) -> float:
    errors = (STARS - predicted[:, None]) ** 2
    return float(np.sqrt((held_out * errors).sum() / held_out.sum()))


def _coverage(predicted: NDArray[np.float64], movies: _Movies, m: float, within: float) -> float:
    half = Z * np.sqrt(within / (movies.n + m) + within / movies.k)
    means = movies.held_out @ STARS / movies.k
    return float((np.abs(means - predicted) <= half).mean())
