"""The prior weight m from the data (empirical Bayes), in ratings.

    within  s2 = (sum r^2 - sum (sum r)^2 / n) / (N - I)
    between t2 = (sum n (R - C)^2 - (I - 1) s2) / (N - sum n^2 / N)
    m = s2 / t2

over I rated movies and N ratings: the ANOVA estimates of a random-effects model with unequal
group sizes. Source: Searle, Casella & McCulloch, Variance Components, 1992, chapter 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STARS


@dataclass(frozen=True)
class Variances:
    """Of single ratings within movies, and of movies' true means; in stars squared."""

    within: float
    between: float


@dataclass(frozen=True)
class PriorWeight:
    """m in ratings, and whether the data gave it; if not it is the classic value."""

    weight: float
    estimated: bool


def variances(by_stars: NDArray[np.int64]) -> Variances | None:
    """From half-star counts, (movies, 10); None where there are too few ratings to tell."""
    rated = by_stars[by_stars.sum(axis=1) > 0]
    n, movies = rated.sum(axis=1), len(rated)
    total = int(n.sum())
    if movies < 2 or total <= movies:
        return None
    stars = np.array(HALF_STARS) / 2
    sums, squares = rated @ stars, float((rated @ stars**2).sum())
    within = (squares - float((sums**2 / n).sum())) / (total - movies)
    spread = float((sums**2 / n).sum()) - float(sums.sum()) ** 2 / total
    between = (spread - (movies - 1) * within) / (total - float((n**2).sum()) / total)
    return Variances(within, between)


def prior_weight(by_stars: NDArray[np.int64], *, classic: float) -> PriorWeight:
    """m, or `classic` where movies do not differ beyond chance, or never within themselves."""
    found = variances(by_stars)
    if found is None or found.between <= 0 or found.within <= 0:
        return PriorWeight(classic, estimated=False)
    return PriorWeight(found.within / found.between, estimated=True)
