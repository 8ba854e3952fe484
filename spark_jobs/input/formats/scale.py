"""The scale of the ratings, and how it becomes half-stars.

A rating r on a scale from LOW to HIGH is 10 r / HIGH half-stars, rounded (halves up), at
least 1: the share of the highest rating, as stars. So 1-10 and 0.5-5 are exact, 4 of 5 and
80 of 100 are both 4 stars.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spark_jobs.contract import HALF_STARS

MOST = max(HALF_STARS)
FORM = "LOW-HIGH, such as 1-10, 0-100 or 1-5"


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`. Without `rounded` a rating between two half-stars is an error."""

    low: float
    high: float
    rounded: bool = True

    def __str__(self) -> str:
        return f"{self.low:g}-{self.high:g}"

    def half_stars(self, ratings: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each rating; what lies outside the scale comes to anything."""
        factor = MOST / self.high  # a whole one is exact, and saves a division
        share = ratings * factor if factor.is_integer() else ratings * MOST / self.high
        return np.maximum(np.floor(share + 0.5), 1) if self.rounded else share

    def is_outside(self, ratings: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (ratings < self.low) | (ratings > self.high)


STARS = Scale(0.5, 5.0, rounded=False)
"""MovieLens' own: half-stars from 0.5 to 5, nothing between them."""


def parse_scale(text: str) -> Scale:
    """Raise ValueError for what is no scale."""
    number = r"([0-9]+(?:\.[0-9]+)?)"
    found = re.fullmatch(f"{number}-{number}", text.strip())
    if not found or float(found[1]) >= float(found[2]):
        raise ValueError(f"{text!r} is no scale: it must have the form {FORM}")
    return Scale(float(found[1]), float(found[2]))
