"""The scale of the ratings, and how it becomes half-stars.

A rating r on a scale from LOW to HIGH is 10 r / HIGH half-stars, rounded (halves up), at
least 1: the share of the highest rating, as stars. So 1-10 and 0.5-5 are exact, 4 of 5 and
80 of 100 are both 4 stars. `ratings/blocks.py` computes it. Standard library only.
"""

import re
from dataclasses import dataclass

FORM = "LOW-HIGH, such as 1-10, 0-100 or 1-5"


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`. Without `rounded` a rating between two half-stars is an error."""

    low: float
    high: float
    rounded: bool = True

    def __str__(self) -> str:
        return f"{self.low:g}-{self.high:g}"


STARS = Scale(0.5, 5.0, rounded=False)
"""MovieLens' own: half-stars from 0.5 to 5, nothing between them."""


def parse_scale(text: str) -> Scale:
    """Parse LOW-HIGH. Raises ValueError for anything else."""
    number = r"([0-9]+(?:\.[0-9]+)?)"
    found = re.fullmatch(f"{number}-{number}", text.strip())
    if not found or float(found[1]) >= float(found[2]):
        raise ValueError(f"{text!r} is not a scale: it must have the form {FORM}")
    return Scale(float(found[1]), float(found[2]))
