"""Estimate the prior weight m, in ratings, from the data (empirical Bayes).

    within  s2 = sum (r - R)^2 / (N - I)
    between t2 = (sum n (R - C)^2 - (I - 1) s2) / (N - sum n^2 / N)
    m = s2 / t2

over I rated movies, each of n ratings r with mean R, and all N ratings with mean C: the ANOVA
estimates of a random-effects model with unequal group sizes.
Source: Searle, Casella & McCulloch, Variance Components, 1992, chapter 3.
"""

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STARS

CLASSIC = 50.0


@dataclass(frozen=True)
class Variances:
    """Variances of single ratings within movies, and of movies' true means; in stars squared."""

    within: float
    between: float


@dataclass(frozen=True)
class PriorWeight:
    """m in ratings, and whether it was estimated from the data.

    `within_variance` is that of single ratings within movies, None if it cannot be estimated.
    """

    weight: float
    estimated: bool
    within_variance: float | None


def variances(by_stars: NDArray[np.int64]) -> Variances | None:
    """Estimate from half-star counts, (movies, 10); None with too few ratings.

    The sums over movies are exact until rounded once, so the order of movies does not matter.
    """
    rated = by_stars[by_stars.sum(axis=1) > 0]
    n, movies = rated.sum(axis=1), len(rated)
    total = int(n.sum())
    if movies < 2 or total <= movies:
        return None
    stars = np.array(HALF_STARS) / 2
    means = rated @ stars / n
    mean = float((rated @ stars).sum()) / total
    deviations = (rated * (stars - means[:, None]) ** 2).sum(axis=1)
    within = fsum(deviations) / (total - movies)
    spread = fsum(n * (means - mean) ** 2)
    between = (spread - (movies - 1) * within) / (total - float((n**2).sum()) / total)
    return Variances(within, between)


def prior_weight(
    by_stars: NDArray[np.int64], *, given: float | None = None, classic: float = CLASSIC
) -> PriorWeight:
    """m as given, else estimated from the data.

    It is `classic` if movies do not differ beyond chance, or ratings never within a movie.
    """
    found = variances(by_stars)
    within = found.within if found else None
    if given is not None:
        return PriorWeight(given, estimated=False, within_variance=within)
    if found is None or found.between <= 0 or found.within <= 0:
        return PriorWeight(classic, estimated=False, within_variance=within)
    return PriorWeight(found.within / found.between, estimated=True, within_variance=within)
