"""A movie that is recommended to one person, and how popularity counts in its score."""

import math
from collections.abc import Callable
from dataclasses import dataclass

NOVELTY = 0.5
"""The value at which the rule is the measured one."""
Contributions = list[tuple[int, float]]
"""(movie id, what it adds to a score)."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A movie that follows from others."""

    row: int
    score: float
    factor: float
    """f_j."""
    entry: int = 0
    """Its index in the list of a known user."""


Explain = Callable[[Recommendation], tuple[Contributions, float]]
"""The contributions to a score, and the rest of it."""


def novelty_shift(novelty: float | None) -> float:
    """What `novelty`, from 0 to 1, adds to the exponent t; nothing if it is not given."""
    return 0.0 if novelty is None else 0.8 * (novelty - NOVELTY)


def popularity_factor(count: int, exponent: float) -> float:
    """((d + 5) / 50)^-t: with t below 0, movies that many like or rate count for more."""
    return math.pow((count + 5) / 50, -exponent)
