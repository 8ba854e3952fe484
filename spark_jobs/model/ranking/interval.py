"""A 90 % credible interval of the weighted rating, and its lower bound.

    weighted -+ 1.645 sqrt(s2 / (n + m)), within 0.5 to 5 stars

the posterior of a movie's true mean in the normal-normal model whose mean the weighted rating is:
s2 is the variance of single ratings within movies, m the prior weight.
Source: Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.5.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.9
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
"""1.645: a normal distribution has LEVEL of its mass within that many standard deviations."""
LOWEST, HIGHEST = 0.5, 5.0


@dataclass(frozen=True)
class Interval:
    """Bounds in stars, (movies,). 5 % of the posterior is below `lower`, 5 % above `upper`."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def interval(
    weighted: NDArray[np.float64],
    n: NDArray[np.int64],
    *,
    within_variance: float,
    prior_weight: float,
) -> Interval:
    """The interval of weighted ratings in stars, (movies,), of n ratings each; n + m > 0."""
    half = Z * np.sqrt(within_variance / (n + prior_weight))
    lower, upper = np.maximum(weighted - half, LOWEST), np.minimum(weighted + half, HIGHEST)
    # A weighted rating of 5 stars may round to slightly more.
    return Interval(np.minimum(lower, weighted), np.maximum(upper, weighted))
